using System.Runtime.InteropServices;
using System.Text;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>
/// Tells whether a directory lies on a file system that several hosts, or programs outside this kernel, share. SQLite's write-ahead log
/// needs memory that all its users share, which such file systems do not give.
/// </summary>
internal static partial class StateFileSystem
{
    private const int BufferBytes = 256;

    // The numbers are those of statfs(2) and of the file systems' own sources.
    private static readonly Dictionary<uint, string> Shared = new()
    {
        [0x00006969] = "NFS",
        [0x0BD00BD0] = "Lustre",
        [0x47504653] = "GPFS",
        [0x0000517B] = "SMB",
        [0xFF534D42] = "CIFS",
        [0xFE534D42] = "SMB",
        [0x65735546] = "FUSE",
        [0x01021997] = "9p",
        [0x00C36400] = "CephFS",
        [0x19830326] = "BeeGFS",
        [0x5346414F] = "AFS",
        [0x6B414653] = "AFS",
        [0x73757245] = "Coda",
        [0x7461636F] = "OCFS2",
        [0x01161970] = "GFS2",
        [0xAAD7AAEA] = "PanFS",
        [0x20030528] = "OrangeFS",
        [0x786F4256] = "VirtualBox shared folder",
        [0xBACBACBC] = "VMware shared folder",
    };

    /// <summary>The number of the file system that holds the directory; null where the system does not say.</summary>
    public static uint? NumberOf(string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> answer = stackalloc byte[BufferBytes];
        byte[] path = Encoding.UTF8.GetBytes(directory + '\0');
        return StatFs(path, answer) == 0 ? (uint)MemoryMarshal.Read<nint>(answer) : null;
    }

    /// <summary>The name of a shared file system; null for one of this machine alone, and for an unknown one.</summary>
    public static string? SharedName(uint? number) => number is { } known ? Shared.GetValueOrDefault(known) : null;

    [LibraryImport("libc", EntryPoint = "statfs")]
    private static partial int StatFs(ReadOnlySpan<byte> path, Span<byte> answer);
}
