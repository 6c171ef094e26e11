using System.Runtime.InteropServices;
using System.Text;

namespace Godwit.Cli.Results;

/// <summary>An extended attribute that tells of a list of names that Godwit wrote it. Where a file system keeps none, the names themselves have to do.</summary>
internal static partial class ListMark
{
    private static readonly byte[] s_name = "user.godwit.list\0"u8.ToArray();

    /// <summary>Puts it on a file.</summary>
    public static void Put(string file) => _ = Set(Native(file), s_name, "1"u8, 1, 0);

    /// <summary>Whether a file has it.</summary>
    public static bool IsOn(string file) => Get(Native(file), s_name, default, 0) > 0;

    private static byte[] Native(string file) => Encoding.UTF8.GetBytes(file + '\0');

    [LibraryImport("libc", EntryPoint = "setxattr")]
    private static partial int Set(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr")]
    private static partial nint Get(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name, Span<byte> value, nuint room);
}
