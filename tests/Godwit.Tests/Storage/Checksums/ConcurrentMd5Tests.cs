using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

/// <summary>MD5 of many buffers at once is the MD5 of each.</summary>
[SuppressMessage("Security", "CA5351", Justification = "It is what is tested.")]
public sealed class ConcurrentMd5Tests
{
    public static TheoryData<int> Lengths { get; } =
    [
        0, 1, 65_535, 65_536, 65_537, 65_536 + 54, 65_536 + 55, 65_536 + 56, 65_536 + 63, 65_536 + 64, 1_000_003,
    ];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task One_alone_is_right(int length)
    {
        byte[] bytes = Some(length, seed: length);
        Assert.Equal(MD5.HashData(bytes), (await ConcurrentMd5.HashAsync(bytes)).Value.ToArray());
    }

    [Fact]
    public async Task Many_of_different_lengths_that_come_and_go_are_right()
    {
        var random = new Random(7);
        byte[][] all = [.. Enumerable.Range(0, 200).Select(i => Some(random.Next(60_000, 400_000), seed: i))];
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 29 }, async (bytes, _) =>
            Assert.Equal(MD5.HashData(bytes), (await ConcurrentMd5.HashAsync(bytes)).Value.ToArray()));
    }

    private static byte[] Some(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
