using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Godwit.Storage;

/// <summary>
/// The compression of MD5 (RFC 1321) for eight messages at once, one in each lane of a vector. MD5 waits for its own last step at every
/// step, so one message leaves most of a core idle; eight of them take hardly longer than one. For one thread at a time.
/// </summary>
internal sealed class Md5Lanes
{
    /// <summary>Messages at once.</summary>
    public const int Count = 8;

    /// <summary>Bytes that are compressed at a time.</summary>
    public const int BlockBytes = 64;

    /// <summary>Words of a state.</summary>
    public const int StateWords = 4;

    private const int BlockWords = BlockBytes / sizeof(uint);
    private const int Rounds = 64;

    private static readonly uint[] s_sines = [.. Enumerable.Range(1, Rounds).Select(i => (uint)(long)(Math.Abs(Math.Sin(i)) * 4294967296.0))];

    private readonly int _stride;
    private readonly uint[] _stage;
    private readonly uint[] _states = new uint[StateWords * Count];

    /// <summary>Room for so many blocks of each message.</summary>
    public Md5Lanes(int mostBlocks)
    {
        _stride = mostBlocks * BlockWords;
        _stage = new uint[_stride * Count];
    }

    /// <summary>Whether this processor has vectors of eight words.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>The state of a message of no bytes.</summary>
    public static ReadOnlySpan<uint> NoBytes => [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

    /// <summary>Where the next blocks of a message belong.</summary>
    public Span<byte> Stage(int lane) => MemoryMarshal.AsBytes(_stage.AsSpan(lane * _stride, _stride));

    /// <summary>Puts a message's state into its lane.</summary>
    public void SetState(int lane, ReadOnlySpan<uint> state)
    {
        for (int word = 0; word < StateWords; word++)
        {
            _states[(word * Count) + lane] = state[word];
        }
    }

    /// <summary>Takes a message's state out of its lane.</summary>
    public void GetState(int lane, Span<uint> state)
    {
        for (int word = 0; word < StateWords; word++)
        {
            state[word] = _states[(word * Count) + lane];
        }
    }

    /// <summary>Compresses as many blocks of every lane. What a lane without a message holds makes no difference to the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compress(int blocks)
    {
        ref uint states = ref MemoryMarshal.GetArrayDataReference(_states);
        var a = Vector256.LoadUnsafe(ref states);
        var b = Vector256.LoadUnsafe(ref states, Count);
        var c = Vector256.LoadUnsafe(ref states, 2 * Count);
        var d = Vector256.LoadUnsafe(ref states, 3 * Count);
        Span<Vector256<uint>> words = stackalloc Vector256<uint>[BlockWords];
        ReadOnlySpan<uint> k = s_sines;
        for (int block = 0; block < blocks; block++)
        {
            Load(block * BlockWords, words[..Count]);
            Load((block * BlockWords) + Count, words[Count..]);
            (Vector256<uint> a0, Vector256<uint> b0, Vector256<uint> c0, Vector256<uint> d0) = (a, b, c, d);
            for (int i = 0; i < 16; i += 4)
            {
                a = Turn(Vector256.ConditionalSelect(b, c, d) + (a + words[i] + Vector256.Create(k[i])), 7) + b;
                d = Turn(Vector256.ConditionalSelect(a, b, c) + (d + words[i + 1] + Vector256.Create(k[i + 1])), 12) + a;
                c = Turn(Vector256.ConditionalSelect(d, a, b) + (c + words[i + 2] + Vector256.Create(k[i + 2])), 17) + d;
                b = Turn(Vector256.ConditionalSelect(c, d, a) + (b + words[i + 3] + Vector256.Create(k[i + 3])), 22) + c;
            }

            for (int i = 16; i < 32; i += 4)
            {
                a = Turn(Vector256.ConditionalSelect(d, b, c) + (a + words[((5 * i) + 1) & 15] + Vector256.Create(k[i])), 5) + b;
                d = Turn(Vector256.ConditionalSelect(c, a, b) + (d + words[((5 * i) + 6) & 15] + Vector256.Create(k[i + 1])), 9) + a;
                c = Turn(Vector256.ConditionalSelect(b, d, a) + (c + words[((5 * i) + 11) & 15] + Vector256.Create(k[i + 2])), 14) + d;
                b = Turn(Vector256.ConditionalSelect(a, c, d) + (b + words[(5 * i) & 15] + Vector256.Create(k[i + 3])), 20) + c;
            }

            for (int i = 32; i < 48; i += 4)
            {
                a = Turn((b ^ (c ^ d)) + (a + words[((3 * i) + 5) & 15] + Vector256.Create(k[i])), 4) + b;
                d = Turn((a ^ (b ^ c)) + (d + words[((3 * i) + 8) & 15] + Vector256.Create(k[i + 1])), 11) + a;
                c = Turn((d ^ (a ^ b)) + (c + words[((3 * i) + 11) & 15] + Vector256.Create(k[i + 2])), 16) + d;
                b = Turn((c ^ (d ^ a)) + (b + words[((3 * i) + 14) & 15] + Vector256.Create(k[i + 3])), 23) + c;
            }

            for (int i = 48; i < Rounds; i += 4)
            {
                a = Turn((c ^ (b | ~d)) + (a + words[(7 * i) & 15] + Vector256.Create(k[i])), 6) + b;
                d = Turn((b ^ (a | ~c)) + (d + words[((7 * i) + 7) & 15] + Vector256.Create(k[i + 1])), 10) + a;
                c = Turn((a ^ (d | ~b)) + (c + words[((7 * i) + 14) & 15] + Vector256.Create(k[i + 2])), 15) + d;
                b = Turn((d ^ (c | ~a)) + (b + words[((7 * i) + 5) & 15] + Vector256.Create(k[i + 3])), 21) + c;
            }

            (a, b, c, d) = (a + a0, b + b0, c + c0, d + d0);
        }

        a.StoreUnsafe(ref states);
        b.StoreUnsafe(ref states, Count);
        c.StoreUnsafe(ref states, 2 * Count);
        d.StoreUnsafe(ref states, 3 * Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Turn(Vector256<uint> value, [ConstantExpected] byte bits) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(value, bits)
        : Vector256.ShiftLeft(value, bits) | Vector256.ShiftRightLogical(value, 32 - bits);

    /// <summary>Eight words of every message: word i of all of them into vector i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Load(int word, Span<Vector256<uint>> words)
    {
        ref uint stage = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_stage), word);
        Vector256<uint> Lane(ref uint at, int lane) => Vector256.LoadUnsafe(ref at, (nuint)(lane * _stride));
        Pair(Lane(ref stage, 0), Lane(ref stage, 1), out Vector256<uint> ab0, out Vector256<uint> ab1);
        Pair(Lane(ref stage, 2), Lane(ref stage, 3), out Vector256<uint> cd0, out Vector256<uint> cd1);
        Pair(Lane(ref stage, 4), Lane(ref stage, 5), out Vector256<uint> ef0, out Vector256<uint> ef1);
        Pair(Lane(ref stage, 6), Lane(ref stage, 7), out Vector256<uint> gh0, out Vector256<uint> gh1);
        Join(ab0, cd0, ef0, gh0, words, 0);
        Join(ab1, cd1, ef1, gh1, words, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(Vector256<uint> one, Vector256<uint> other, out Vector256<uint> lower, out Vector256<uint> upper)
    {
        lower = Avx2.UnpackLow(one, other);
        upper = Avx2.UnpackHigh(one, other);
    }

    /// <summary>Vectors first, first + 1, first + 4 and first + 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join(
        Vector256<uint> ab, Vector256<uint> cd, Vector256<uint> ef, Vector256<uint> gh, Span<Vector256<uint>> words, int first)
    {
        Vector256<ulong> abcd0 = Avx2.UnpackLow(ab.AsUInt64(), cd.AsUInt64()), abcd1 = Avx2.UnpackHigh(ab.AsUInt64(), cd.AsUInt64());
        Vector256<ulong> efgh0 = Avx2.UnpackLow(ef.AsUInt64(), gh.AsUInt64()), efgh1 = Avx2.UnpackHigh(ef.AsUInt64(), gh.AsUInt64());
        words[first] = Avx2.Permute2x128(abcd0, efgh0, 0x20).AsUInt32();
        words[first + 1] = Avx2.Permute2x128(abcd1, efgh1, 0x20).AsUInt32();
        words[first + 4] = Avx2.Permute2x128(abcd0, efgh0, 0x31).AsUInt32();
        words[first + 5] = Avx2.Permute2x128(abcd1, efgh1, 0x31).AsUInt32();
    }
}
