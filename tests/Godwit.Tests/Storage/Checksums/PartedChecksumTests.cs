using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

public sealed class PartedChecksumTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 100)]
    [InlineData(100, 7)]
    [InlineData(101, 100)]
    [InlineData(100_000, 16_384)]
    [InlineData(100_000, 33_333)]
    [InlineData(50, 1_000)]
    public void It_is_the_MD5_of_the_MD5s_of_the_parts_however_the_bytes_come(int length, int partSize)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        byte[] sums = [.. content.Chunk(partSize).SelectMany(part => Md5Of(part).Value.ToArray())];
        var expected = new PartedChecksum(Md5Of(sums), partSize);
        foreach (int step in (int[])[1, 13, partSize, length])
        {
            using var set = new ChecksumSet([], partSize);
            foreach (byte[] chunk in content.Chunk(step))
            {
                set.Append(chunk);
            }

            Assert.Equal(expected, set.FinishParted());
        }
    }

    [Fact]
    public void None_is_computed_unless_it_is_asked_for()
    {
        using var set = new ChecksumSet([ChecksumKind.Md5]);
        set.Append("bytes"u8);
        Assert.Null(set.FinishParted());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChecksumSet([], 0));
    }

    private static Checksum Md5Of(byte[] bytes)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Md5);
        running.Append(bytes);
        return running.Finish();
    }
}
