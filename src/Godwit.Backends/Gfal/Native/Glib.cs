using System.Runtime.InteropServices;

namespace Godwit.Backends.Gfal.Native;

/// <summary>What libgfal2 needs of GLib: its errors.</summary>
internal static unsafe partial class Glib
{
    private const string Library = "libglib-2.0.so.0";

    /// <summary>What an error says; it is freed.</summary>
    /// <param name="error">A <c>GError*</c>: a domain, a code (mostly an errno) and a text.</param>
    public static GfalFault Take(nint error)
    {
        var told = (Error*)error;
        var fault = new GfalFault(
            Marshal.PtrToStringUTF8((nint)NameOf(told->Domain)) ?? "", told->Code, Marshal.PtrToStringUTF8(told->Message) ?? "");
        Free(error);
        return fault;
    }

    [LibraryImport(Library, EntryPoint = "g_error_free")]
    private static partial void Free(nint error);

    [LibraryImport(Library, EntryPoint = "g_quark_to_string")]
    private static partial byte* NameOf(uint domain);

    [StructLayout(LayoutKind.Sequential)]
    private struct Error
    {
        public uint Domain;
        public int Code;
        public nint Message;
    }
}
