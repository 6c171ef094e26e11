using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Godwit.Backends.Gfal.Native;

/// <summary>What libgfal2 tells of a file: glibc's <c>struct stat</c> of x86-64 and arm64, as far as servers fill it.</summary>
/// <param name="Mode">Kind and permission bits. XRootD's listings leave out the kind of everything but directories.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Seconds since 1970; no server tells less.</param>
internal readonly record struct Facts(uint Mode, long Length, long Modified)
{
    /// <summary>Bytes that the library may write; more than either structure has.</summary>
    public const int Room = 256;

    private const int LengthAt = 48;
    private const int ModifiedAt = 88;

    private static readonly int s_modeAt = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 16 : 24;

    /// <summary>Reads the structure.</summary>
    public static Facts Of(ReadOnlySpan<byte> told) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(told[s_modeAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(told[LengthAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(told[ModifiedAt..]));
}
