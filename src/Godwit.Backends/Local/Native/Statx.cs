using System.Runtime.InteropServices;
using Godwit.Storage;

namespace Godwit.Backends.Local.Native;

/// <summary>What the kernel tells of a file: <c>struct statx</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    /// <summary>Everything that a plain stat tells.</summary>
    public const uint BasicStats = 0x7ff;

    [FieldOffset(16)]
    public uint LinkCount;

    [FieldOffset(28)]
    public ushort ModeAndKind;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public long Length;

    [FieldOffset(48)]
    public long Blocks;

    [FieldOffset(96)]
    public StatxTime Changed;

    [FieldOffset(112)]
    public StatxTime Modified;

    [FieldOffset(136)]
    public ulong Device;

    public readonly bool IsFile => (ModeAndKind & 0xf000) == 0x8000;

    public readonly bool IsDirectory => (ModeAndKind & 0xf000) == 0x4000;

    public readonly bool IsLink => (ModeAndKind & 0xf000) == 0xa000;

    public readonly int Mode => ModeAndKind & 0xfff;

    /// <summary>Whether both are facts of one inode.</summary>
    public readonly bool IsSameInode(in Statx other) => Inode == other.Inode && Device == other.Device;

    /// <summary>Whether one file had the same content at both moments: what <see cref="InodeStamp"/> tells versions apart by.</summary>
    public readonly bool IsSameContent(in Statx other) =>
        Length == other.Length && Modified == other.Modified && Changed == other.Changed && Inode == other.Inode;
}

/// <summary><c>struct statx_timestamp</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal record struct StatxTime
{
    public long Seconds;
    public uint Nanoseconds;

    public readonly Timestamp ToTimestamp() => Timestamp.FromUnix(Seconds, Nanoseconds);
}

/// <summary><c>struct timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    /// <summary>Leave this time as it is.</summary>
    public const long Omit = 0x3ffffffe;

    public long Seconds;
    public long Nanoseconds;

    public static TimeSpec From(Timestamp moment)
    {
        long seconds = Math.DivRem(moment.Nanoseconds, 1_000_000_000, out long rest);
        return rest < 0
            ? new TimeSpec { Seconds = seconds - 1, Nanoseconds = rest + 1_000_000_000 }
            : new TimeSpec { Seconds = seconds, Nanoseconds = rest };
    }
}

/// <summary><c>struct statvfs</c> of 64-bit glibc.</summary>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal struct FileSystemFacts
{
    [FieldOffset(8)]
    public ulong FragmentBytes;

    [FieldOffset(16)]
    public ulong Blocks;

    [FieldOffset(32)]
    public ulong BlocksForUser;

    [FieldOffset(40)]
    public ulong Files;

    [FieldOffset(56)]
    public ulong FilesForUser;

    [FieldOffset(80)]
    public ulong NameBytes;
}

/// <summary><c>struct open_how</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}
