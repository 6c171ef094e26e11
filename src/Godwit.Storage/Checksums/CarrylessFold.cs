using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace Godwit.Storage;

/// <summary>
/// Folds many bytes to sixteen that have the same CRC, by carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic
/// Polynomials Using PCLMULQDQ Instruction", Intel 2009).
/// </summary>
/// <remarks>
/// Sixteen bytes that stand d bits before others weigh x^d as much; they are multiplied by x^d modulo the polynomial and added to those
/// others. The product of two reflected 64-bit numbers comes out one place off, as if times x, so the factors are powers of one less.
/// </remarks>
internal sealed class CarrylessFold(ReflectedPolynomial polynomial)
{
    /// <summary>Bytes that <see cref="Reduce"/> needs at least.</summary>
    public const int MinBytes = Lanes * 16;

    // A multiplication takes about seven cycles and one can begin in each cycle: eight lanes keep the unit busy.
    private const int Lanes = 8;

    private readonly Vector128<ulong> _overAllLanes = Factors(polynomial, MinBytes * 8);
    private readonly Vector128<ulong> _overOneLane = Factors(polynomial, 128);

    /// <summary>Whether this processor multiplies without carry.</summary>
    public static bool IsSupported => BitConverter.IsLittleEndian && (Pclmulqdq.IsSupported || ArmAes.IsSupported);

    /// <summary>Takes whole blocks of sixteen bytes off the front, and gives the two words that stand for them and the state.</summary>
    /// <param name="state">The CRC's state before these bytes.</param>
    /// <param name="bytes">At least <see cref="MinBytes"/>; afterwards the fewer than sixteen that are left.</param>
    /// <returns>Sixteen bytes, as two little-endian words, that give the new state when they are taken from a state of zero.</returns>
    public (ulong Low, ulong High) Reduce(ulong state, ref ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector128<ulong>> blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        bytes = bytes[(blocks.Length * 16)..];

        Vector128<ulong> folded = FoldLanes(state, ref blocks);
        Vector128<ulong> overOneLane = _overOneLane;
        foreach (Vector128<ulong> block in blocks)
        {
            folded = Onto(block, folded, overOneLane);
        }

        return (folded.GetElement(0), folded.GetElement(1));
    }

    private Vector128<ulong> FoldLanes(ulong state, ref ReadOnlySpan<Vector128<ulong>> blocks)
    {
        Vector128<ulong> lane0 = blocks[0] ^ Vector128.CreateScalar(state), lane1 = blocks[1], lane2 = blocks[2], lane3 = blocks[3];
        Vector128<ulong> lane4 = blocks[4], lane5 = blocks[5], lane6 = blocks[6], lane7 = blocks[7];
        ReadOnlySpan<Vector128<ulong>> rest = blocks[Lanes..];
        Vector128<ulong> overAllLanes = _overAllLanes;
        while (rest.Length >= Lanes)
        {
            lane0 = Onto(rest[0], lane0, overAllLanes);
            lane1 = Onto(rest[1], lane1, overAllLanes);
            lane2 = Onto(rest[2], lane2, overAllLanes);
            lane3 = Onto(rest[3], lane3, overAllLanes);
            lane4 = Onto(rest[4], lane4, overAllLanes);
            lane5 = Onto(rest[5], lane5, overAllLanes);
            lane6 = Onto(rest[6], lane6, overAllLanes);
            lane7 = Onto(rest[7], lane7, overAllLanes);
            rest = rest[Lanes..];
        }

        blocks = rest;
        Vector128<ulong> overOneLane = _overOneLane;
        Vector128<ulong> folded = Onto(lane1, lane0, overOneLane);
        folded = Onto(lane2, folded, overOneLane);
        folded = Onto(lane3, folded, overOneLane);
        folded = Onto(lane4, folded, overOneLane);
        folded = Onto(lane5, folded, overOneLane);
        folded = Onto(lane6, folded, overOneLane);
        return Onto(lane7, folded, overOneLane);
    }

    private static Vector128<ulong> Factors(ReflectedPolynomial polynomial, int distance) => Vector128.Create(
        polynomial.PowerOfX((ulong)distance + 64 - 1), polynomial.PowerOfX((ulong)distance - 1));

    private static Vector128<ulong> Onto(Vector128<ulong> block, Vector128<ulong> earlier, Vector128<ulong> factors) =>
        MultiplyLower(earlier, factors) ^ MultiplyUpper(earlier, factors) ^ block;

    private static Vector128<ulong> MultiplyLower(Vector128<ulong> left, Vector128<ulong> right) => Pclmulqdq.IsSupported
        ? Pclmulqdq.CarrylessMultiply(left, right, 0x00)
        : ArmAes.PolynomialMultiplyWideningLower(left.GetLower(), right.GetLower());

    private static Vector128<ulong> MultiplyUpper(Vector128<ulong> left, Vector128<ulong> right) => Pclmulqdq.IsSupported
        ? Pclmulqdq.CarrylessMultiply(left, right, 0x11)
        : ArmAes.PolynomialMultiplyWideningUpper(left, right);
}
