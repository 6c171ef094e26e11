using System.Buffers.Binary;
using System.Text;
using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

public sealed class RunningChecksumTests
{
    public static TheoryData<ChecksumKind> Kinds => [.. Enum.GetValues<ChecksumKind>()];

    [Theory]
    [InlineData(ChecksumKind.Md5, "", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData(ChecksumKind.Md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0")]
    [InlineData(ChecksumKind.Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(ChecksumKind.Sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(ChecksumKind.Adler32, "", "00000001")]
    [InlineData(ChecksumKind.Adler32, "Wikipedia", "11e60398")]
    [InlineData(ChecksumKind.Adler32, "message digest", "29750586")]
    [InlineData(ChecksumKind.Crc32C, "", "00000000")]
    [InlineData(ChecksumKind.Crc32C, "123456789", "e3069283")]
    [InlineData(ChecksumKind.Crc64Nvme, "", "0000000000000000")]
    [InlineData(ChecksumKind.Crc64Nvme, "123456789", "ae8b14860a799888")]
    public void A_published_text_has_its_published_checksum(ChecksumKind kind, string text, string hex) =>
        AssertEveryWay(PlainChecksums.Parse(kind, hex), Encoding.ASCII.GetBytes(text));

    [Theory]
    [InlineData(ChecksumKind.Crc32C, 32, 0x00, 0, "8a9136aa")]
    [InlineData(ChecksumKind.Crc32C, 32, 0xff, 0, "62a8ab43")]
    [InlineData(ChecksumKind.Crc32C, 32, 0x00, 1, "46dd794e")]
    [InlineData(ChecksumKind.Crc32C, 32, 0x1f, -1, "113fdb5c")]
    [InlineData(ChecksumKind.Crc64Nvme, 4096, 0x00, 0, "6482d367eb22b64e")]
    [InlineData(ChecksumKind.Crc64Nvme, 4096, 0xff, 0, "c0ddba7302eca3ac")]
    [InlineData(ChecksumKind.Crc64Nvme, 4096, 0x00, 1, "3e729f5f6750449c")]
    [InlineData(ChecksumKind.Crc64Nvme, 4096, 0xff, -1, "9a2df64b8e9e517e")]
    public void A_published_run_of_bytes_has_its_published_checksum(ChecksumKind kind, int length, int first, int step, string hex)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(first + (i * step)))];
        AssertEveryWay(PlainChecksums.Parse(kind, hex), bytes);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_length_at_any_offset_in_any_pieces_gives_what_the_definition_gives(ChecksumKind kind)
    {
        var random = new Random(4711);
        byte[] buffer = new byte[1200];
        random.NextBytes(buffer);
        for (int length = 0; length <= 1100; length++)
        {
            ReadOnlySpan<byte> bytes = buffer.AsSpan(random.Next(64), length);
            Checksum expected = PlainChecksums.Of(kind, bytes);
            AssertEveryWay(expected, bytes);
            Assert.Equal(expected, InPieces(kind, Instructions.Fastest, bytes, random));
            Assert.Equal(expected, InPieces(kind, Instructions.Scalar, bytes, random));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Long_runs_in_long_pieces_give_what_the_definition_gives(ChecksumKind kind)
    {
        var random = new Random(4712);
        foreach (int length in (int[])[5551, 5552, 5553, 16_383, 65_536, 100_003, 300_000])
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            AssertEveryWay(PlainChecksums.Of(kind, bytes), bytes);
        }
    }

    [Fact]
    public void The_largest_bytes_after_the_largest_sum_do_not_overflow_adler32()
    {
        // 1 + 256 * 255 + 239 = 65,520, the largest sum there is. From there, each zero byte takes 1 off the sum of sums.
        byte[] largestSum = [.. Enumerable.Repeat((byte)255, 256), 239];
        int zeros = BinaryPrimitives.ReadUInt16BigEndian(PlainChecksums.Of(ChecksumKind.Adler32, largestSum).Value) + 1;
        byte[] largestSums = [.. largestSum, .. new byte[zeros]];
        Assert.Equal("adler32:fff0fff0", PlainChecksums.Of(ChecksumKind.Adler32, largestSums).ToString());

        byte[] largestBytes = [.. Enumerable.Repeat((byte)255, 20_000)];
        Checksum expected = PlainChecksums.Of(ChecksumKind.Adler32, [.. largestSums, .. largestBytes]);
        Assert.Equal(expected, After(Instructions.Fastest, largestSums, largestBytes));
        Assert.Equal(expected, After(Instructions.Scalar, largestSums, largestBytes));

        static Checksum After(Instructions instructions, byte[] before, byte[] after)
        {
            using var running = RunningChecksum.Start(ChecksumKind.Adler32, instructions);
            running.Append(before);
            running.Append(after);
            return running.Finish();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Asking_for_the_checksum_in_between_changes_nothing(ChecksumKind kind)
    {
        byte[] bytes = Encoding.ASCII.GetBytes("123456789");
        using var running = RunningChecksum.Start(kind);
        running.Append(bytes.AsSpan(0, 4));
        Assert.Equal(PlainChecksums.Of(kind, bytes.AsSpan(0, 4)), running.Finish());
        Assert.Equal(running.Finish(), running.Finish());
        running.Append(bytes.AsSpan(4));
        Assert.Equal(PlainChecksums.Of(kind, bytes), running.Finish());
    }

    [Fact]
    public void What_is_not_a_kind_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RunningChecksum.Start(default));

    private static void AssertEveryWay(Checksum expected, ReadOnlySpan<byte> bytes)
    {
        foreach (Instructions instructions in Enum.GetValues<Instructions>())
        {
            using var running = RunningChecksum.Start(expected.Kind, instructions);
            running.Append(bytes);
            Assert.Equal(expected, running.Finish());
        }
    }

    private static Checksum InPieces(ChecksumKind kind, Instructions instructions, ReadOnlySpan<byte> bytes, Random random)
    {
        using var running = RunningChecksum.Start(kind, instructions);
        while (!bytes.IsEmpty)
        {
            int piece = random.Next(Math.Min(bytes.Length, 400) + 1);
            running.Append(bytes[..piece]);
            bytes = bytes[piece..];
        }

        return running.Finish();
    }
}
