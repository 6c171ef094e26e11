using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Godwit.Storage;

/// <summary>
/// The compression of MD5 (RFC 1321) for eight independent messages at once, one in each lane of a vector. One message alone is bound by the
/// chain of its own steps; eight chains side by side take little longer than one.
/// </summary>
internal static class Md5Lanes
{
    /// <summary>Messages at once.</summary>
    public const int Count = 8;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 64;

    // RFC 1321, section 3.4: the whole part of 2^32 * |sin(i + 1)|.
    private static readonly uint[] s_sines = [.. Enumerable.Range(0, 64).Select(i => (uint)(long)Math.Floor(4294967296.0 * Math.Abs(Math.Sin(i + 1))))];

    /// <summary>The state before the first block, for all lanes: A, B, C, D.</summary>
    public static Vector256<uint>[] Start() =>
        [Vector256.Create(0x67452301u), Vector256.Create(0xefcdab89u), Vector256.Create(0x98badcfeu), Vector256.Create(0x10325476u)];

    /// <summary>Takes each lane's next blocks into its state.</summary>
    /// <param name="state">A, B, C, D of all lanes.</param>
    /// <param name="lanes">The next bytes of each lane. One that has nothing to do is given another's, and its state then means nothing.</param>
    /// <param name="blocks">Blocks of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compress(Vector256<uint>[] state, ReadOnlyMemory<byte>[] lanes, int blocks)
    {
        ref uint k = ref MemoryMarshal.GetArrayDataReference(s_sines);
        ref byte l0 = ref MemoryMarshal.GetReference(lanes[0].Span), l1 = ref MemoryMarshal.GetReference(lanes[1].Span);
        ref byte l2 = ref MemoryMarshal.GetReference(lanes[2].Span), l3 = ref MemoryMarshal.GetReference(lanes[3].Span);
        ref byte l4 = ref MemoryMarshal.GetReference(lanes[4].Span), l5 = ref MemoryMarshal.GetReference(lanes[5].Span);
        ref byte l6 = ref MemoryMarshal.GetReference(lanes[6].Span), l7 = ref MemoryMarshal.GetReference(lanes[7].Span);
        Span<Vector256<uint>> words = stackalloc Vector256<uint>[16];
        ref Vector256<uint> w = ref MemoryMarshal.GetReference(words);
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (state[0], state[1], state[2], state[3]);
        for (nuint at = 0; at < (nuint)blocks * BlockBytes; at += BlockBytes)
        {
            Load(ref w, 0, at, ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7);
            Load(ref w, 8, at + 32, ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7);
            (Vector256<uint> a0, Vector256<uint> b0, Vector256<uint> c0, Vector256<uint> d0) = (a, b, c, d);
            for (nuint i = 0; i < 16; i += 4)
            {
                a = b + Turn(a + (((c ^ d) & b) ^ d) + At(ref w, i) + Sine(ref k, i), 7);
                d = a + Turn(d + (((b ^ c) & a) ^ c) + At(ref w, i + 1) + Sine(ref k, i + 1), 12);
                c = d + Turn(c + (((a ^ b) & d) ^ b) + At(ref w, i + 2) + Sine(ref k, i + 2), 17);
                b = c + Turn(b + (((d ^ a) & c) ^ a) + At(ref w, i + 3) + Sine(ref k, i + 3), 22);
            }

            for (nuint i = 16; i < 32; i += 4)
            {
                a = b + Turn(a + (((b ^ c) & d) ^ c) + At(ref w, (5 * i + 1) & 15) + Sine(ref k, i), 5);
                d = a + Turn(d + (((a ^ b) & c) ^ b) + At(ref w, (5 * i + 6) & 15) + Sine(ref k, i + 1), 9);
                c = d + Turn(c + (((d ^ a) & b) ^ a) + At(ref w, (5 * i + 11) & 15) + Sine(ref k, i + 2), 14);
                b = c + Turn(b + (((c ^ d) & a) ^ d) + At(ref w, (5 * i + 16) & 15) + Sine(ref k, i + 3), 20);
            }

            for (nuint i = 32; i < 48; i += 4)
            {
                a = b + Turn(a + (b ^ c ^ d) + At(ref w, (3 * i + 5) & 15) + Sine(ref k, i), 4);
                d = a + Turn(d + (a ^ b ^ c) + At(ref w, (3 * i + 8) & 15) + Sine(ref k, i + 1), 11);
                c = d + Turn(c + (d ^ a ^ b) + At(ref w, (3 * i + 11) & 15) + Sine(ref k, i + 2), 16);
                b = c + Turn(b + (c ^ d ^ a) + At(ref w, (3 * i + 14) & 15) + Sine(ref k, i + 3), 23);
            }

            for (nuint i = 48; i < 64; i += 4)
            {
                a = b + Turn(a + (c ^ (b | ~d)) + At(ref w, (7 * i) & 15) + Sine(ref k, i), 6);
                d = a + Turn(d + (b ^ (a | ~c)) + At(ref w, (7 * i + 7) & 15) + Sine(ref k, i + 1), 10);
                c = d + Turn(c + (a ^ (d | ~b)) + At(ref w, (7 * i + 14) & 15) + Sine(ref k, i + 2), 15);
                b = c + Turn(b + (d ^ (c | ~a)) + At(ref w, (7 * i + 21) & 15) + Sine(ref k, i + 3), 21);
            }

            (a, b, c, d) = (a + a0, b + b0, c + c0, d + d0);
        }

        (state[0], state[1], state[2], state[3]) = (a, b, c, d);
    }

    /// <summary>Eight words of each lane, so that each vector then has one word of all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(
        ref Vector256<uint> words, int first, nuint at,
        ref byte l0, ref byte l1, ref byte l2, ref byte l3, ref byte l4, ref byte l5, ref byte l6, ref byte l7)
    {
        Transpose(ref Unsafe.Add(ref words, first),
            Words(ref l0, at), Words(ref l1, at), Words(ref l2, at), Words(ref l3, at),
            Words(ref l4, at), Words(ref l5, at), Words(ref l6, at), Words(ref l7, at));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<uint> to, Vector256<uint> r0, Vector256<uint> r1, Vector256<uint> r2, Vector256<uint> r3,
        Vector256<uint> r4, Vector256<uint> r5, Vector256<uint> r6, Vector256<uint> r7)
    {
        (Vector256<uint> a0, Vector256<uint> a1) = Zip(r0, r1);
        (Vector256<uint> b0, Vector256<uint> b1) = Zip(r2, r3);
        (Vector256<uint> c0, Vector256<uint> c1) = Zip(r4, r5);
        (Vector256<uint> d0, Vector256<uint> d1) = Zip(r6, r7);
        Halves(ref to, 0, ZipPairs(a0, b0), ZipPairs(c0, d0));
        Halves(ref to, 2, ZipPairs(a1, b1), ZipPairs(c1, d1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(
        ref Vector256<uint> to, int at, (Vector256<uint> Low, Vector256<uint> High) left, (Vector256<uint> Low, Vector256<uint> High) right)
    {
        Unsafe.Add(ref to, at) = Vector256.Create(left.Low.GetLower(), right.Low.GetLower());
        Unsafe.Add(ref to, at + 1) = Vector256.Create(left.High.GetLower(), right.High.GetLower());
        Unsafe.Add(ref to, at + 4) = Vector256.Create(left.Low.GetUpper(), right.Low.GetUpper());
        Unsafe.Add(ref to, at + 5) = Vector256.Create(left.High.GetUpper(), right.High.GetUpper());
    }

    /// <summary>Within each half: the words of both in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<uint> Low, Vector256<uint> High) Zip(Vector256<uint> left, Vector256<uint> right)
    {
        if (Avx2.IsSupported)
        {
            return (Avx2.UnpackLow(left, right), Avx2.UnpackHigh(left, right));
        }

        (Vector128<uint> l0, Vector128<uint> l1, Vector128<uint> r0, Vector128<uint> r1) = (left.GetLower(), left.GetUpper(), right.GetLower(), right.GetUpper());
        return (Vector256.Create(Low(l0, r0), Low(l1, r1)), Vector256.Create(High(l0, r0), High(l1, r1)));

        static Vector128<uint> Low(Vector128<uint> x, Vector128<uint> y) => Vector128.Create(x[0], y[0], x[1], y[1]);
        static Vector128<uint> High(Vector128<uint> x, Vector128<uint> y) => Vector128.Create(x[2], y[2], x[3], y[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<uint> Low, Vector256<uint> High) ZipPairs(Vector256<uint> left, Vector256<uint> right)
    {
        if (Avx2.IsSupported)
        {
            return (
                Avx2.UnpackLow(left.AsUInt64(), right.AsUInt64()).AsUInt32(),
                Avx2.UnpackHigh(left.AsUInt64(), right.AsUInt64()).AsUInt32());
        }

        (Vector256<ulong> x, Vector256<ulong> y) = (left.AsUInt64(), right.AsUInt64());
        return (Vector256.Create(x[0], y[0], x[2], y[2]).AsUInt32(), Vector256.Create(x[1], y[1], x[3], y[3]).AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Words(ref byte lane, nuint at) => Vector256.LoadUnsafe(ref lane, at).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> At(ref Vector256<uint> words, nuint index) => Unsafe.Add(ref words, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Sine(ref uint sines, nuint index) => Vector256.Create(Unsafe.Add(ref sines, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Turn(Vector256<uint> value, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateLeft(value, bits) : (value << bits) | (value >>> (32 - bits));
}
