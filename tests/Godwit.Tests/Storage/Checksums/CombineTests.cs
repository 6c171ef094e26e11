using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

public sealed class CombineTests
{
    public static TheoryData<ChecksumKind> CombinableKinds => [.. Enum.GetValues<ChecksumKind>().Where(Checksum.CanCombine)];

    [Fact]
    public void The_kinds_that_combine_are_the_ones_that_are_not_cryptographic() =>
        Assert.Equal(
            [ChecksumKind.Adler32, ChecksumKind.Crc32C, ChecksumKind.Crc64Nvme],
            Enum.GetValues<ChecksumKind>().Where(Checksum.CanCombine));

    [Theory]
    [MemberData(nameof(CombinableKinds))]
    public void Parts_summed_apart_give_the_checksum_of_the_whole(ChecksumKind kind)
    {
        var random = new Random(815);
        for (int round = 0; round < 300; round++)
        {
            byte[] whole = new byte[random.Next(20_000)];
            random.NextBytes(whole);
            Checksum combined = Of(kind, []);
            for (int at = 0; at < whole.Length;)
            {
                // One part in four is empty.
                int length = random.Next(4) == 0 ? 0 : random.Next(1, whole.Length - at + 1);
                combined = Checksum.Combine(combined, Of(kind, whole.AsSpan(at, length)), length);
                at += length;
            }

            Assert.Equal(Of(kind, whole), combined);
        }
    }

    [Theory]
    [MemberData(nameof(CombinableKinds))]
    public void An_empty_part_on_either_side_changes_nothing(ChecksumKind kind)
    {
        Checksum empty = Of(kind, []);
        Checksum some = Of(kind, "some bytes"u8);
        Assert.Equal(some, Checksum.Combine(some, empty, 0));
        Assert.Equal(some, Checksum.Combine(empty, some, 10));
        Assert.Equal(empty, Checksum.Combine(empty, empty, 0));
    }

    [Theory]
    [MemberData(nameof(CombinableKinds))]
    public void A_second_part_of_more_than_4_GiB_counts_with_its_whole_length(ChecksumKind kind)
    {
        const int zeros = 1 << 20, times = 4097;
        Checksum some = Of(kind, new byte[zeros]);
        Checksum whole = Of(kind, "first"u8), second = Of(kind, []);
        for (int i = 0; i < times; i++)
        {
            whole = Checksum.Combine(whole, some, zeros);
            second = Checksum.Combine(second, some, zeros);
        }

        Assert.Equal(whole, Checksum.Combine(Of(kind, "first"u8), second, (long)times * zeros));
    }

    [Theory]
    [MemberData(nameof(CombinableKinds))]
    public void Three_parts_of_any_length_combine_alike_from_either_end(ChecksumKind kind)
    {
        var random = new Random(816);
        for (int round = 0; round < 1000; round++)
        {
            Checksum first = Any(kind, random), second = Any(kind, random), third = Any(kind, random);
            long secondLength = random.NextInt64(1L << random.Next(1, 62)), thirdLength = random.NextInt64(1L << random.Next(1, 62));
            Assert.Equal(
                Checksum.Combine(Checksum.Combine(first, second, secondLength), third, thirdLength),
                Checksum.Combine(first, Checksum.Combine(second, third, thirdLength), secondLength + thirdLength));
        }
    }

    [Fact]
    public void What_cannot_be_combined_is_refused()
    {
        Checksum crc = Of(ChecksumKind.Crc32C, "a"u8), adler = Of(ChecksumKind.Adler32, "a"u8), md5 = Of(ChecksumKind.Md5, "a"u8);
        Assert.Throws<ArgumentException>(() => Checksum.Combine(crc, adler, 1));
        Assert.Throws<ArgumentException>(() => Checksum.Combine(md5, md5, 1));
        Assert.Throws<ArgumentException>(() => Checksum.Combine(default, default, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Checksum.Combine(crc, crc, -1));
    }

    private static Checksum Of(ChecksumKind kind, ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(kind);
        running.Append(bytes);
        return running.Finish();
    }

    /// <summary>The checksum of some short run of bytes: of an Adler-32, not every number is one.</summary>
    private static Checksum Any(ChecksumKind kind, Random random)
    {
        byte[] bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        return Of(kind, bytes);
    }
}
