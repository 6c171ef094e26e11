using System.Runtime.InteropServices;

namespace Godwit.Backends.Gfal.Native;

/// <summary>The calls of libgfal2 (2.21, <c>gfal_api.h</c>), as far as they are used. Only worker processes may call them: a wrong argument
/// ends the process without a word, and so do faults of the library itself.</summary>
/// <remarks>Every call takes a context first and the place for a <c>GError*</c> last. Addresses are bytes that end in NUL.</remarks>
internal static unsafe partial class Gfal2
{
    /// <summary>The file that the calls are in.</summary>
    public const string Library = "libgfal2.so.2";

    [LibraryImport(Library, EntryPoint = "gfal2_version")]
    internal static partial byte* Version();

    [LibraryImport(Library, EntryPoint = "gfal2_context_new")]
    internal static partial nint NewContext(out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_context_free")]
    internal static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "gfal2_cancel")]
    internal static partial int Cancel(nint context);

    [LibraryImport(Library, EntryPoint = "gfal2_set_opt_boolean", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetOption(nint context, string group, string key, int value, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_lstat")]
    internal static partial int Look(nint context, byte[] url, byte* facts, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_opendir")]
    internal static partial nint OpenDirectory(nint context, byte[] url, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_readdirpp")]
    internal static partial nint ReadDirectory(nint context, nint directory, byte* facts, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_closedir")]
    internal static partial int CloseDirectory(nint context, nint directory, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_open2")]
    internal static partial int Open(nint context, byte[] url, int flags, uint mode, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_read")]
    internal static partial nint Read(nint context, int file, byte* bytes, nuint count, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_write")]
    internal static partial nint Write(nint context, int file, byte* bytes, nuint count, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_lseek")]
    internal static partial long Seek(nint context, int file, long offset, int whence, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_close")]
    internal static partial int Close(nint context, int file, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_unlink")]
    internal static partial int Unlink(nint context, byte[] url, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_rmdir")]
    internal static partial int RemoveDirectory(nint context, byte[] url, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_mkdir_rec")]
    internal static partial int MakeDirectories(nint context, byte[] url, uint mode, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_rename")]
    internal static partial int Rename(nint context, byte[] from, byte[] to, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_checksum")]
    internal static partial int Checksum(
        nint context, byte[] url, byte[] kind, long offset, nuint length, byte* text, nuint room, out nint error);

    [LibraryImport(Library, EntryPoint = "gfal2_getxattr")]
    internal static partial nint Attribute(nint context, byte[] url, byte[] name, byte* text, nuint room, out nint error);
}
