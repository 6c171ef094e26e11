using System.Runtime.InteropServices;

namespace Godwit.Backends.Local.Native;

/// <summary>Flags of opening. Two of them have other values on arm64.</summary>
internal static class Open
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NoTerminal = 0x100;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;

    public static readonly int Directory = IsArm ? 0x4000 : 0x10000;
    public static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}

/// <summary>Flags of the calls that work relative to a directory.</summary>
internal static class At
{
    public const int Here = -100;
    public const int NoFollow = 0x100;
    public const int RemoveDirectory = 0x200;
    public const int AsEffectiveUser = 0x200;
    public const int NoAutomount = 0x800;
    public const int EmptyPath = 0x1000;
    public const int ForceSync = 0x2000;
}

/// <summary>What access is asked for.</summary>
internal static class Access
{
    public const int Search = 1;
    public const int Write = 2;
}

/// <summary>How openat2 resolves.</summary>
internal static class Resolve
{
    public const ulong NoMagicLinks = 0x02;
    public const ulong NoLinks = 0x04;
    public const ulong Beneath = 0x08;
}

/// <summary>What fallocate does.</summary>
internal static class Allocate
{
    public const int KeepSize = 1;
    public const int PunchHole = 2;
}

/// <summary>Advice to the page cache.</summary>
internal enum Advice
{
    Sequential = 2,
    DontNeed = 4,
}

/// <summary>Where lseek goes in a sparse file.</summary>
internal enum Seek
{
    Data = 3,
    Hole = 4,
}
