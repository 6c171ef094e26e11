using Godwit.Backends.DropBox.CtaRelay;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaRelay;

/// <summary>What the side that pushes leaves in a bucket of CTA Relay.</summary>
public sealed class CtaRelayWritingTests
{
    private readonly RelayedBucket _bucket = new();

    public static TheoryData<int, bool> Contents() => new()
    {
        { 0, false }, { 1, false }, { 5_000, false }, { (4 << 20) + 1, false }, { 20_000_000, true }, { 33_000_000, true },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task An_object_has_the_bare_name_the_size_and_the_md5_and_its_body_unpacks_to_the_file(int length, bool inParts)
    {
        byte[] content = inParts ? BoxInMemory.Noise(length) : BoxInMemory.Text(length);
        var calls = new BoxInMemory.Calls();
        StoreEntry told = await _bucket.Open(pushes: true, calls).WriteAsync(RelayedBucket.File, WriteSource.From(content), WriteOptions.Default, default);
        Assert.Equal(length, told.Length);
        FileWithPairs stored = await _bucket.ObjectAsync();
        Assert.Equal(RelayedBucket.PairsOf(content).Order(), stored.Pairs.Select(pair => (pair.Key, pair.Value)).Order());
        byte[] body = await _bucket.BodyAsync();
        Assert.NotEmpty(body);
        Assert.Equal(content, await RelayedBucket.UnpackedAsync(body));
        Assert.Equal(inParts, calls.Seen.Any(call => call.Verb == StoreVerb.CompleteParts));
        Assert.Equal(0, _bucket.Inner.UploadCount);
        Assert.Equal(content, await _bucket.ReadAsync());
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(33_000_000)]
    public async Task A_file_that_is_another_when_it_is_sent_is_not_published(int length)
    {
        byte[] content = BoxInMemory.Noise(length);
        await _bucket.PushAsync("before"u8.ToArray());
        int opened = 0;
        var source = new WriteSource(length, _ =>
        {
            content[^1] += (byte)opened++;
            return ValueTask.FromResult<Stream>(new MemoryStream([.. content]));
        });
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await _bucket.Open(pushes: true).WriteAsync(RelayedBucket.File, source, WriteOptions.Default, default));
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Contains("when it was read for its metadata", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, opened);
        Assert.Equal("before"u8.ToArray(), await _bucket.ReadAsync());
        Assert.Equal(0, _bucket.Inner.UploadCount);
    }

    [Theory]
    [InlineData(-1, "bytes were promised")]
    [InlineData(1, "more came")]
    public async Task A_file_of_another_length_than_promised_is_not_published(int more, string why)
    {
        byte[] content = BoxInMemory.Text(5_000);
        var source = new WriteSource(content.Length - more, _ => ValueTask.FromResult<Stream>(new MemoryStream(content)));
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await _bucket.Open(pushes: true).WriteAsync(RelayedBucket.File, source, WriteOptions.Default, default));
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Null(await _bucket.Inner.StatAsync(RelayedBucket.File, default));
    }

    [Fact]
    public async Task An_upload_whose_part_fails_leaves_nothing()
    {
        var failing = new BoxInMemory.Calls
        {
            Before = call => call.Verb == StoreVerb.WritePart && _bucket.Inner.UploadCount == 1 ? throw new StoreException(StoreErrorKind.Forbidden, "no") : Task.CompletedTask,
        };
        await Assert.ThrowsAsync<StoreException>(async () => await _bucket.Open(pushes: true, failing).WriteAsync(
            RelayedBucket.File, WriteSource.From(BoxInMemory.Noise(20_000_000)), WriteOptions.Default, default));
        Assert.Equal(0, _bucket.Inner.UploadCount);
        Assert.Null(await _bucket.Inner.StatAsync(RelayedBucket.File, default));
    }

    [Fact]
    public async Task A_byte_that_flips_on_its_way_to_the_bucket_is_refused()
    {
        var flipping = new BoxInMemory.Calls { Flips = call => call.Verb == StoreVerb.Write };
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await _bucket.Open(pushes: true, flipping).WriteAsync(RelayedBucket.File, WriteSource.From("one"u8.ToArray()), WriteOptions.Default, default));
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Null(await _bucket.Inner.StatAsync(RelayedBucket.File, default));
    }

    [Fact]
    public async Task Create_only_leaves_what_waits_and_what_was_delivered()
    {
        await _bucket.PutOldAsync("waiting", "one"u8.ToArray());
        await _bucket.PutAsync("delivered", [], RelayedBucket.PairsOf("two"u8.ToArray()));
        foreach (string name in (string[])["waiting", "delivered"])
        {
            FileWithPairs before = await _bucket.ObjectAsync(name);
            StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await _bucket.Open(pushes: true).WriteAsync(
                StorePath.FromText(name), WriteSource.From("three"u8.ToArray()), new WriteOptions { CreateOnly = true }, default));
            Assert.Equal(StoreErrorKind.AlreadyExists, e.Kind);
            Assert.Equal(before.Entry.Version, (await _bucket.ObjectAsync(name)).Entry.Version);
        }
    }

    [Theory]
    [InlineData("night/run1.fits", "no directories")]
    [InlineData("godwit-relay.json", "taken for one of Godwit's own layout")]
    public async Task A_name_that_the_layout_cannot_have_is_refused(string name, string why)
    {
        CtaRelayStore store = _bucket.Open(pushes: true);
        var path = StorePath.FromText(name);
        Assert.Contains(why, store.Limits.Refuses(store.Identity.Absolute(path)), StringComparison.Ordinal);
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await store.WriteAsync(path, WriteSource.From("one"u8.ToArray()), WriteOptions.Default, default));
        Assert.Equal(StoreErrorKind.InvalidRequest, e.Kind);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Contains("UTF-8", store.Limits.Refuses(StorePath.FromBytes([0xff])), StringComparison.Ordinal);
        Assert.Null(store.Limits.Refuses(StorePath.FromText("Größe 50%.fits")));
    }

    [Fact]
    public async Task A_box_of_Godwit_s_own_layout_is_refused_by_every_call()
    {
        await _bucket.PutAsync("godwit-relay.json", "{\"format\":1}"u8.ToArray());
        Func<CtaRelayStore, Task>[] calls =
        [
            async s => await s.ListAsync(StorePath.Root, null, default),
            async s => await s.StatAsync(RelayedBucket.File, default),
            async s => await s.DeleteAsync(RelayedBucket.File, default),
            async s => await s.WriteAsync(RelayedBucket.File, WriteSource.From("one"u8.ToArray()), WriteOptions.Default, default),
        ];
        foreach (Func<CtaRelayStore, Task> callAsync in calls)
        {
            Assert.Equal(StoreErrorKind.Unsupported, (await Assert.ThrowsAsync<StoreException>(() => callAsync(_bucket.Open(pushes: true)))).Kind);
        }
    }
}
