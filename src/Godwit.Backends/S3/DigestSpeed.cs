using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Godwit.Backends.S3;

/// <summary>Which digest this processor computes faster: a digest costs more than all else about an upload.</summary>
internal static class DigestSpeed
{
    private const int ExtendedFeatures = 7;
    private const int ShaBit = 29;

    /// <summary>Whether SHA-256 is faster than MD5, which it is by far with instructions of its own, and not without.</summary>
    public static bool Sha256IsFast { get; } = Sha256.IsSupported || HasShaExtensions();

    // Intel's "Instruction Set Reference", CPUID: leaf 7, EBX bit 29.
    private static bool HasShaExtensions() =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures && (X86Base.CpuId(ExtendedFeatures, 0).Ebx & (1 << ShaBit)) != 0;
}
