using System.Text;
using Godwit.Backends.DropBox;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

public sealed class DropBoxReadingTests
{
    private readonly BoxInMemory _box = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flipped_bit_of_a_payload_is_never_read(bool isPlain)
    {
        byte[] content = isPlain ? BoxInMemory.Noise(3_000) : BoxInMemory.Text(3_000);
        StoreEntry file = await _box.WriteAsync(content);
        int found = 0;
        int flips = 0;
        string name = $"data/{file.Version}/00000001";
        byte[] payload = await _box.BytesAsync(name);
        for (int at = 0; at < payload.Length; at += isPlain ? 50 : 1)
        {
            byte[] flipped = [.. payload];
            flipped[at] ^= 16;
            await _box.Inner.WriteAsync(StorePath.FromText(name), WriteSource.From(flipped), WriteOptions.Default, default);
            found += await IsDamageAsync(() => BoxInMemory.ReadAsync(_box.Open()), content) ? 1 : 0;
            found += await IsDamageAsync(() => BoxInMemory.RangeAsync(_box.Open(), 5, 10), content[5..15]) ? 1 : 0;
            flips += 2;
        }

        // Some bits of a frame say nothing of its content.
        Assert.InRange(found, isPlain ? flips : flips * 3 / 4, flips);
    }

    [Fact]
    public async Task A_payload_that_is_gone_is_damage_while_its_version_waits()
    {
        StoreEntry file = await _box.WriteAsync(BoxInMemory.Text(3_000));
        await _box.Inner.DeleteAsync(StorePath.FromText($"data/{file.Version}/00000001"), default);
        Assert.Equal(StoreErrorKind.Integrity, (await Assert.ThrowsAsync<StoreException>(() => BoxInMemory.ReadAsync(_box.Open()))).Kind);
    }

    [Fact]
    public async Task A_version_that_is_delivered_while_it_is_read_is_no_longer_there()
    {
        await _box.WriteAsync(BoxInMemory.Text(3_000));
        await using StoreBody body = await _box.Open().OpenReadAsync(BoxInMemory.File, default);
        await _box.Open().DeleteAsync(BoxInMemory.File, default);
        StoreException gone = await Assert.ThrowsAsync<StoreException>(async () => await body.Content.ReadExactlyAsync(new byte[10]));
        Assert.Equal(StoreErrorKind.PreconditionFailed, gone.Kind);
    }

    [Fact]
    public async Task A_range_reads_only_the_parts_that_it_needs()
    {
        byte[] content = BoxInMemory.Noise(3_000);
        IPartedWrite parts = _box.Open().PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(BoxInMemory.File, "tag", 3_000, WriteOptions.Default, default);
        List<StoredPart> stored = [];
        for (int number = 1; number <= 3; number++)
        {
            int offset = (number - 1) * 1_000;
            stored.Add(await parts.WritePartAsync(upload, number, offset, WriteSource.From(content.AsMemory(offset, 1_000)), null, default));
        }

        await parts.CompleteAsync(upload, stored, default);
        var calls = new BoxInMemory.Calls();
        Assert.Equal(content[1_100..1_900], await BoxInMemory.RangeAsync(_box.Open(calls), 1_100, 800));
        Assert.Equal(
            ["data/tag/00000002"],
            calls.Seen.Select(call => call.Path.ToString()).Where(path => path.StartsWith("data/", StringComparison.Ordinal)));
        Assert.Equal(content[900..2_100], await BoxInMemory.RangeAsync(_box.Open(), 900, 1_200));
    }

    [Fact]
    public async Task Listing_reads_small_objects_alone()
    {
        for (int i = 0; i < 25; i++)
        {
            StorePath path = BoxInMemory.File.Parent.Child(Encoding.UTF8.GetBytes($"file{i}"));
            await _box.Open().WriteAsync(path, WriteSource.From(BoxInMemory.Text(100)), WriteOptions.Default, default);
        }

        var calls = new BoxInMemory.Calls();
        DropBoxStore box = _box.Open(calls);
        int listed = 0;
        ListPosition? position = null;
        do
        {
            StorePage page = await box.ListAsync(BoxInMemory.File.Parent, position, default);
            listed += page.Entries.Count;
            position = page.Next;
        }
        while (position is not null);
        Assert.Equal(25, listed);
        Assert.Equal(3, calls.Seen.Count(call => call.Verb == StoreVerb.List));
        Assert.Equal(1 + 25 + 25, calls.Seen.Count(call => call.Verb == StoreVerb.OpenRead));
        Assert.DoesNotContain(calls.Seen, call => call.Path.ToString().StartsWith("data/", StringComparison.Ordinal));
        Assert.Equal(54, calls.Seen.Count);
    }

    [Fact]
    public async Task The_checksum_of_a_file_is_that_of_its_parts_together()
    {
        byte[] content = BoxInMemory.Noise(2_500);
        using var whole = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        whole.Append(content);
        IPartedWrite parts = _box.Open().PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(BoxInMemory.File, "tag", null, WriteOptions.Default, default);
        StoredPart first = await parts.WritePartAsync(upload, 1, 0, WriteSource.From(content.AsMemory(0, 1_000)), null, default);
        StoredPart second = await parts.WritePartAsync(upload, 2, 1_000, WriteSource.From(content.AsMemory(1_000)), null, default);
        StoreEntry file = await parts.CompleteAsync(upload, [first, second], default);
        Assert.Equal(whole.Finish(), Assert.Single(file.Checksums));
    }

    /// <summary>Whether reading fails as damage; if not, it gives the content.</summary>
    private static async Task<bool> IsDamageAsync(Func<Task<byte[]>> readAsync, byte[] content)
    {
        try
        {
            Assert.Equal(content, await readAsync());
            return false;
        }
        catch (StoreException damage) when (damage.Kind == StoreErrorKind.Integrity)
        {
            return true;
        }
    }
}
