using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

/// <summary>MD5 of many messages at once.</summary>
public sealed class SideBySideTests
{
    [Fact]
    public async Task Any_length_in_any_pieces_gives_what_the_definition_gives()
    {
        var random = new Random(4713);
        byte[] buffer = new byte[1200];
        random.NextBytes(buffer);
        for (int length = 0; length <= 1100; length++)
        {
            ReadOnlyMemory<byte> bytes = buffer.AsMemory(random.Next(64), length);
            Checksum expected = PlainChecksums.Of(ChecksumKind.Md5, bytes.Span);
            Assert.Equal(expected, await OfAsync(bytes, () => bytes.Length + 1, inMemory: true));
            Assert.Equal(expected, await OfAsync(bytes, () => random.Next(1, 200), inMemory: true));
            Assert.Equal(expected, await OfAsync(bytes, () => random.Next(1, 200), inMemory: false));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(40)]
    public async Task Messages_that_come_and_go_do_not_disturb_each_other(int messages)
    {
        var random = new Random(4714 + messages);
        byte[] buffer = new byte[600_000];
        random.NextBytes(buffer);
        ReadOnlyMemory<byte>[] all = [.. Enumerable.Range(0, messages).Select(i => buffer.AsMemory(i, random.Next(1, 500_000)))];
        int[] pieces = [.. all.Select(_ => random.Next(1_000, 100_000))];
        Checksum[] found = await Task.WhenAll(all.Select((bytes, i) => Task.Run(() => OfAsync(bytes, () => pieces[i], inMemory: true).AsTask())));
        Assert.Equal(all.Select(bytes => Plain(bytes.Span)), found);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(65_536)]
    [InlineData(400_001)]
    public async Task A_checksum_over_parts_is_the_same_in_large_pieces(long partSize)
    {
        byte[] bytes = new byte[400_000];
        new Random(4715).NextBytes(bytes);
        using var one = new ChecksumSet([ChecksumKind.Md5, ChecksumKind.Crc64Nvme], partSize);
        using var other = new ChecksumSet([ChecksumKind.Md5, ChecksumKind.Crc64Nvme], partSize, inLargePieces: true);
        one.Append(bytes);
        await other.AppendAsync(bytes.AsMemory(0, 123_457));
        await other.AppendAsync(bytes.AsMemory(123_457));
        Assert.Equal(one.Finish(), other.Finish());
        Assert.Equal(one.FinishParted(), other.FinishParted());
        Assert.Equal(one.Length, other.Length);
    }

    private static async ValueTask<Checksum> OfAsync(ReadOnlyMemory<byte> bytes, Func<int> piece, bool inMemory)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Md5, inLargePieces: true);
        while (!bytes.IsEmpty)
        {
            int now = Math.Min(piece(), bytes.Length);
            if (inMemory)
            {
                await running.AppendAsync(bytes[..now]);
            }
            else
            {
                running.Append(bytes.Span[..now]);
            }

            bytes = bytes[now..];
        }

        Assert.Equal(running.Finish(), running.Finish());
        return running.Finish();
    }

    private static Checksum Plain(ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Md5);
        running.Append(bytes);
        return running.Finish();
    }
}
