using Godwit.Backends.DropBox;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

public sealed class DropBoxDeliveryTests
{
    private readonly BoxInMemory _box = new();

    [Fact]
    public async Task A_newer_version_stays_when_an_older_one_is_delivered_after_it()
    {
        StoreEntry older = await _box.WriteAsync(BoxInMemory.Text(10));
        StoreEntry newer = await _box.WriteAsync(BoxInMemory.Text(20));
        StoreException refused = await Assert.ThrowsAsync<StoreException>(
            async () => await _box.Open().VersionedDelete!.DeleteAsync(BoxInMemory.File, older.Version!, default));
        Assert.Equal(StoreErrorKind.PreconditionFailed, refused.Kind);
        await _box.RequireWaitingAsync(newer, BoxInMemory.Text(20));
    }

    [Theory]
    [InlineData(StoreVerb.Write)]
    [InlineData(StoreVerb.Delete)]
    [InlineData(StoreVerb.BulkDelete)]
    public async Task A_newer_version_stays_when_it_comes_while_an_older_one_is_delivered(StoreVerb before)
    {
        StoreEntry older = await _box.WriteAsync(BoxInMemory.Text(10));
        StoreEntry? newer = null;
        var calls = new BoxInMemory.Calls
        {
            Before = async call => newer ??= call.Verb == before ? await _box.WriteAsync(BoxInMemory.Text(20)) : null,
        };
        await _box.Open(calls).VersionedDelete!.DeleteAsync(BoxInMemory.File, older.Version!, default);
        await _box.RequireWaitingAsync(newer!, BoxInMemory.Text(20));
    }

    [Fact]
    public async Task Whoever_puts_in_still_sees_what_was_delivered()
    {
        StoreEntry file = await _box.WriteAsync(BoxInMemory.Text(10));
        await _box.Open().DeleteAsync(BoxInMemory.File, default);
        DropBoxStore pushing = _box.Open(countsDelivered: true);
        Assert.Null(await _box.Open().StatAsync(BoxInMemory.File, default));
        Assert.Empty((await _box.Open().ListAsync(BoxInMemory.File.Parent, null, default)).Entries);
        Assert.Equal(file.Version, (await pushing.StatAsync(BoxInMemory.File, default))!.Version);
        Assert.Equal(file.Version, Assert.Single((await pushing.ListAsync(BoxInMemory.File.Parent, null, default)).Entries).Version);
    }

    [Fact]
    public async Task Bytes_that_are_not_the_expected_ones_never_reach_the_store()
    {
        IPartedWrite parts = _box.Open().PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(BoxInMemory.File, "tag", 10, WriteOptions.Default, default);
        var source = WriteSource.From(BoxInMemory.Text(10));
        var wrong = new Checksum(ChecksumKind.Crc64Nvme, new byte[8]);
        await Assert.ThrowsAsync<StoreException>(async () => await parts.WritePartAsync(upload, 1, 0, source, wrong, default));
        await Assert.ThrowsAsync<StoreException>(
            async () => await _box.Open().WriteAsync(BoxInMemory.File, source, new WriteOptions { Expected = wrong }, default));
        Assert.Equal(["godwit-relay.json"], await _box.NamesAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_store_got_wrong_is_noticed_before_it_is_published(bool checksArrival)
    {
        IStore inner = checksArrival ? _box.Inner : _box.Inner.Without(nameof(IStore.ArrivalChecksum));
        var flipping = new BoxInMemory.Calls { Flips = call => call.Path.IsBelow(StorePath.FromText("data")) };
        await using var box = new DropBoxStore(new LayeredStore(inner, flipping), DropBoxOptions.Default, TimeProvider.System);
        IPartedWrite parts = box.PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(BoxInMemory.File, "tag", 100, WriteOptions.Default, default);
        var source = WriteSource.From(BoxInMemory.Noise(100));
        Assert.Equal(
            StoreErrorKind.Integrity,
            (await Assert.ThrowsAsync<StoreException>(async () => await parts.WritePartAsync(upload, 1, 0, source, null, default))).Kind);
        Assert.Equal(
            StoreErrorKind.Integrity,
            (await Assert.ThrowsAsync<StoreException>(
                async () => await box.WriteAsync(BoxInMemory.File, source, WriteOptions.Default, default))).Kind);
        Assert.Null(await box.StatAsync(BoxInMemory.File, default));
    }
}
