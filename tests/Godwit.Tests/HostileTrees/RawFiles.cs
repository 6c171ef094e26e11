using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Godwit.Storage;

namespace Godwit.Tests.HostileTrees;

/// <summary>
/// Makes and reads trees whose names are any bytes, by system calls of its own: what a test makes and finds does not go through the code
/// under test. Paths are written as <see cref="PathText.Escape"/> writes them; long ones are walked directory by directory.
/// </summary>
internal static unsafe partial class RawFiles
{
    private const string Library = "libc";
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Truncate = 0x200;
    private const int Append = 0x400;
    private const int NoFollow = 0x100;
    private const int RemoveDirectory = 0x200;

    private delegate void AtPlace(int directory, byte* name);

    /// <summary>Writes a file; missing directories are made.</summary>
    public static void Write(string root, string path, ReadOnlySpan<byte> content, bool append = false)
    {
        byte[] bytes = content.ToArray();
        Within(root, path, (directory, name) =>
        {
            int file = Check(OpenAt(directory, name, WriteOnly | Create | (append ? Append : Truncate), 0x1a4), path);
            fixed (byte* p = bytes)
            {
                for (int done = 0; done < bytes.Length;)
                {
                    done += Check((int)WriteTo(file, p + done, (nuint)(bytes.Length - done)), path);
                }
            }

            _ = Close(file);
        });
    }

    public static void MakeDirectory(string root, string path) =>
        Within(root, path, (directory, name) => Check(MakeDirectoryAt(directory, name, 0x1ed), path));

    public static void MakeLink(string root, string path, string target)
    {
        byte[] to = Terminated(PathText.Unescape(target));
        Within(root, path, (directory, name) =>
        {
            fixed (byte* t = to)
            {
                Check(LinkAt(t, directory, name), path);
            }
        });
    }

    /// <summary>Makes a pipe, socket or device: <c>0x1000</c>, <c>0xc000</c>, <c>0x2000</c> with its number.</summary>
    public static void MakeSpecial(string root, string path, uint kind, ulong device = 0) =>
        Within(root, path, (directory, name) => Check(MakeNodeAt(directory, name, kind | 0x1b6, device), path));

    /// <summary>Removes a file or an empty directory.</summary>
    public static void Remove(string root, string path) => Within(root, path, (directory, name) =>
        Check(UnlinkAt(directory, name, 0) == 0 ? 0 : UnlinkAt(directory, name, RemoveDirectory), path));

    /// <summary>Sets when an entry was last changed; of a link, the link's own.</summary>
    public static void SetTime(string root, string path, DateTimeOffset time) => Within(root, path, (directory, name) =>
    {
        long* times = stackalloc long[] { time.ToUnixTimeSeconds(), 0, time.ToUnixTimeSeconds(), 0 };
        Check(SetTimesAt(directory, name, times, NoFollow), path);
    });

    /// <summary>Everything below a directory: its path, and what is there.</summary>
    public static SortedDictionary<string, string> Tree(string root)
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(root))
        {
            Within(root, ".", (directory, _) => Collect(directory, [], tree));
        }

        return tree;
    }

    private static void Collect(int directory, byte[] prefix, SortedDictionary<string, string> tree)
    {
        foreach ((byte[] name, byte kind) in Entries(directory))
        {
            byte[] path = [.. prefix, .. name];
            tree[PathText.Escape(path)] = Describe(directory, name, kind);
            if (kind == 4)
            {
                fixed (byte* n = Terminated(name))
                {
                    int below = Check(OpenAt(directory, n, ReadOnly, 0), PathText.Escape(path));
                    Collect(below, [.. path, (byte)'/'], tree);
                    _ = Close(below);
                }
            }
        }
    }

    private static List<(byte[] Name, byte Kind)> Entries(int directory)
    {
        var entries = new List<(byte[], byte)>();
        fixed (byte* self = "."u8)
        {
            nint stream = OpenStream(Check(OpenAt(directory, self, ReadOnly, 0), "."));
            for (byte* record = ReadEntry(stream); record is not null; record = ReadEntry(stream))
            {
                byte[] name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(record + 19).ToArray();
                if (name is not ([(byte)'.'] or [(byte)'.', (byte)'.']))
                {
                    entries.Add((name, record[18]));
                }
            }

            _ = CloseStream(stream);
        }

        return entries;
    }

    private static string Describe(int directory, byte[] name, byte kind)
    {
        switch (kind)
        {
            case 4:
                return "directory";
            case 8:
                return "file " + ContentOf(directory, name);
            case 10:
                byte* target = stackalloc byte[4096];
                fixed (byte* n = Terminated(name))
                {
                    int length = Check((int)ReadLinkAt(directory, n, target, 4096), PathText.Escape(name));
                    return "link to " + PathText.Escape(new ReadOnlySpan<byte>(target, length));
                }

            default:
                return $"special {kind}";
        }
    }

    private static string ContentOf(int directory, byte[] name)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        fixed (byte* n = Terminated(name))
        fixed (byte* b = buffer)
        {
            int file = Check(OpenAt(directory, n, ReadOnly, 0), PathText.Escape(name));
            for (int read = 1; read > 0;)
            {
                read = Check((int)ReadFrom(file, b, (nuint)buffer.Length), PathText.Escape(name));
                content.Write(buffer, 0, read);
            }

            _ = Close(file);
        }

        return DescribeContent(content.ToArray());
    }

    /// <summary>Content in a form that a test failure can show: short text as it is, everything else by length and checksum.</summary>
    public static string DescribeContent(byte[] content) => content.Length <= 64
        ? $"'{Encoding.Latin1.GetString(content)}'" : $"of {content.Length} bytes, {Convert.ToHexString(SHA256.HashData(content))}";

    private static void Within(string root, string path, AtPlace act)
    {
        byte[][] segments = [.. Split(PathText.Unescape(path))];
        int directory;
        fixed (byte* r = Terminated(Encoding.UTF8.GetBytes(root)))
        {
            directory = Check(OpenAt(0, r, ReadOnly, 0), root);
        }

        foreach (byte[] segment in segments[..^1])
        {
            fixed (byte* s = Terminated(segment))
            {
                _ = MakeDirectoryAt(directory, s, 0x1ed);
                int next = Check(OpenAt(directory, s, ReadOnly, 0), path);
                _ = Close(directory);
                directory = next;
            }
        }

        fixed (byte* name = Terminated(segments[^1]))
        {
            act(directory, name);
        }

        _ = Close(directory);
    }

    private static List<byte[]> Split(byte[] path)
    {
        var segments = new List<byte[]>();
        foreach (Range range in path.AsSpan().Split((byte)'/'))
        {
            segments.Add(path[range]);
        }

        return segments;
    }

    private static byte[] Terminated(byte[] name) => [.. name, 0];

    private static int Check(int result, string path) =>
        result >= 0 ? result : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())} (these tests need root)");

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(int directory, byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int LinkAt(byte* target, int directory, byte* path);

    [LibraryImport(Library, EntryPoint = "mknodat", SetLastError = true)]
    private static partial int MakeNodeAt(int directory, byte* path, uint mode, ulong device);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(int directory, byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    private static partial int SetTimesAt(int directory, byte* path, long* times, int flags);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(int directory, byte* path, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadFrom(int file, byte* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int file, byte* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);

    [LibraryImport(Library, EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint OpenStream(int file);

    [LibraryImport(Library, EntryPoint = "readdir", SetLastError = true)]
    private static partial byte* ReadEntry(nint stream);

    [LibraryImport(Library, EntryPoint = "closedir", SetLastError = true)]
    private static partial int CloseStream(nint stream);
}
