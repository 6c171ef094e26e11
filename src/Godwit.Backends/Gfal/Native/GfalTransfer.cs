using System.Runtime.InteropServices;

namespace Godwit.Backends.Gfal.Native;

/// <summary>The calls of libgfal2's transfers (2.21, <c>gfal_transfer.h</c>), as far as they are used; a library of its own, which the plugins need, too.
/// The same holds as for <see cref="Gfal2"/>.</summary>
internal static unsafe partial class GfalTransfer
{
    /// <summary>The file that the calls are in.</summary>
    public const string Library = "libgfal_transfer.so.2";

    [LibraryImport(Library, EntryPoint = "gfalt_params_handle_new")]
    internal static partial nint NewParameters(out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_params_handle_delete")]
    internal static partial void FreeParameters(nint parameters, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_set_replace_existing_file")]
    internal static partial int SetReplace(nint parameters, int value, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_set_strict_copy_mode")]
    internal static partial int SetStrict(nint parameters, int value, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_set_local_transfer_perm")]
    internal static partial int SetThroughHere(nint parameters, int value, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_set_nbstreams")]
    internal static partial int SetStreams(nint parameters, uint value, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_set_timeout")]
    internal static partial int SetTimeout(nint parameters, ulong seconds, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_add_monitor_callback")]
    internal static partial int AddMonitor(
        nint parameters, delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint, void> monitor, nint user, nint free, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_copy_get_bytes_transfered")]
    internal static partial nuint BytesOf(nint status, out nint error);

    [LibraryImport(Library, EntryPoint = "gfalt_copy_file")]
    internal static partial int Copy(nint context, nint parameters, byte[] from, byte[] to, out nint error);
}
