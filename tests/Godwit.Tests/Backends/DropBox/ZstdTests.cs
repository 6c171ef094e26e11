using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

public sealed class ZstdTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task What_was_framed_reads_back(int length)
    {
        byte[] content = Text(length);
        Assert.Equal(content, await ReadAsync(Framed(content)));
    }

    [Fact]
    public async Task Frames_that_follow_each_other_are_one_content()
    {
        byte[] expected = [.. Text(5_000), .. Text(300_000)];
        Assert.Equal(expected, await ReadAsync([.. Framed(Text(5_000)), .. Framed(Text(300_000))]));
    }

    [Fact]
    public async Task Content_comes_whole_through_small_reads()
    {
        await using var content = new ZstdContent(new MemoryStream(Framed(Text(10_000))));
        var all = new List<byte>();
        var room = new byte[7];
        for (int read = await content.ReadAsync(room); read > 0; read = await content.ReadAsync(room))
        {
            all.AddRange(room[..read]);
        }

        Assert.Equal(Text(10_000), all);
    }

    [Fact]
    public void A_frame_carries_the_checksum_of_its_content()
    {
        // The descriptor behind the magic number says so in its bit 2 (RFC 8878, 3.1.1.1.1).
        byte[] frame = Framed(Text(100));
        Assert.Equal([0x28, 0xb5, 0x2f, 0xfd], frame[..4]);
        Assert.Equal(4, frame[4] & 4);
    }

    [Fact]
    public async Task A_frame_that_is_cut_off_is_damage_wherever_it_is_cut()
    {
        byte[] frame = Framed(Text(100));
        for (int length = 1; length < frame.Length; length++)
        {
            await RequireDamageAsync(frame[..length]);
        }
    }

    [Fact]
    public async Task A_flipped_bit_never_gives_other_content()
    {
        byte[] content = Text(100);
        byte[] frame = Framed(content);
        int found = 0;
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            byte[] flipped = [.. frame];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                // Some bits of a frame say nothing of its content.
                Assert.Equal(content, await ReadAsync(flipped));
            }
            catch (StoreException damage) when (damage.Kind == StoreErrorKind.Integrity)
            {
                found++;
            }
        }

        Assert.InRange(found, frame.Length * 7, frame.Length * 8);
    }

    [Fact]
    public void A_machine_without_the_library_is_told_its_package()
    {
        StoreException missing = Assert.Throws<StoreException>(
            () => LibZstd.Made<ZstdCompressor>(() => throw new DllNotFoundException("planted")));
        Assert.Equal(StoreErrorKind.Unsupported, missing.Kind);
        Assert.Contains("libzstd1", missing.Message, StringComparison.Ordinal);
    }

    private static byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)"drop box "[i % 9 * (i % 83 > 0 ? 1 : 0)])];

    private static byte[] Framed(byte[] content)
    {
        using var compressor = ZstdCompressor.Create(3);
        var frame = new byte[ZstdCompressor.MostBytes(content.Length)];
        return frame[..compressor.Frame(content, frame)];
    }

    private static async Task<byte[]> ReadAsync(byte[] frames)
    {
        await using var content = new ZstdContent(new MemoryStream(frames));
        using var all = new MemoryStream();
        await content.CopyToAsync(all);
        return all.ToArray();
    }

    private static async Task RequireDamageAsync(byte[] frames) =>
        Assert.Equal(StoreErrorKind.Integrity, (await Assert.ThrowsAsync<StoreException>(() => ReadAsync(frames))).Kind);
}
