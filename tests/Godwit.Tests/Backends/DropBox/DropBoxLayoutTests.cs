using Godwit.Backends.DropBox.Zstd;
using Godwit.Backends.DropBox;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

public sealed class DropBoxLayoutTests
{
    private readonly BoxInMemory _box = new();

    [Fact]
    public async Task A_file_is_kept_as_the_layout_says()
    {
        StoreEntry file = await _box.WriteAsync(BoxInMemory.Text(3_000_000));
        string id = file.Version!;
        Assert.Equal(
            [$"data/{id}/00000001", "files/night/run!!/image.fits!", "godwit-relay.json", $"pending/night/run!!/image.fits!{id}"],
            await _box.NamesAsync());
        Assert.Equal("""{"format":1}""", await _box.TextAsync("godwit-relay.json"));
        Assert.StartsWith(
            $$"""{"format":1,"path":"night/run!/image.fits","id":"{{id}}","size":3000000,"modified_ns":""",
            await _box.TextAsync("files/night/run!!/image.fits!"), StringComparison.Ordinal);
        await _box.Open().DeleteAsync(BoxInMemory.File, default);
        Assert.Equal(["done/night/run!!/image.fits!", "files/night/run!!/image.fits!", "godwit-relay.json"], await _box.NamesAsync());
    }

    [Fact]
    public async Task A_payload_is_zstd_that_anybody_reads()
    {
        byte[] content = BoxInMemory.Text(3_000_000);
        StoreEntry file = await _box.WriteAsync(content);
        await using var frames = new ZstdContent(new MemoryStream(await _box.BytesAsync($"data/{file.Version}/00000001")));
        using var all = new MemoryStream();
        await frames.CopyToAsync(all);
        Assert.Equal(content, all.ToArray());
    }

    [Fact]
    public async Task Bytes_that_cannot_be_compressed_are_kept_as_they_are()
    {
        byte[] content = BoxInMemory.Noise(200_000);
        StoreEntry file = await _box.WriteAsync(content);
        Assert.Equal(content, await _box.BytesAsync($"data/{file.Version}/00000001"));
        Assert.Contains("\"codec\":\"plain\"", await _box.TextAsync("files/night/run!!/image.fits!"), StringComparison.Ordinal);
        Assert.Equal(content, await BoxInMemory.ReadAsync(_box.Open()));
    }

    [Fact]
    public async Task A_name_that_is_not_UTF_8_is_kept_in_base64()
    {
        await using var inner = new MemoryStore(new MemorySpace(TimeProvider.System), "b", new MemoryStoreOptions { PosixManners = true });
        await using var box = new DropBoxStore(inner, DropBoxOptions.Default, TimeProvider.System);
        var path = StorePath.FromBytes([0xff, (byte)'!', (byte)'x']);
        await box.WriteAsync(path, WriteSource.From(BoxInMemory.Text(10)), WriteOptions.Default, default);
        StorePath kept = StorePath.FromText("files").Child([.. path.Bytes, (byte)'!']);
        await using StoreBody record = await inner.OpenReadAsync(kept, default);
        Assert.Contains("\"path_base64\":\"/yF4\"", await new StreamReader(record.Content).ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(path, Assert.Single((await box.ListAsync(StorePath.Root, null, default)).Entries).Path);
    }

    [Fact]
    public async Task Another_format_is_refused_by_reads_and_writes_alike()
    {
        await _box.PutAsync("godwit-relay.json", """{"format": 2}""");
        Func<Task>[] calls =
        [
            async () => await _box.Open().StatAsync(BoxInMemory.File, default),
            async () => await _box.Open().ListAsync(StorePath.Root, null, default),
            async () => await _box.Open().OpenReadAsync(BoxInMemory.File, default),
            async () => await _box.Open().RangedRead!.OpenRangeAsync(BoxInMemory.File, null, 0, 1, default),
            async () => await _box.WriteAsync(BoxInMemory.Text(10)), async () => await _box.Open().DeleteAsync(BoxInMemory.File, default),
            async () => await _box.Open().PartedWrite!.BeginAsync(BoxInMemory.File, "tag", null, WriteOptions.Default, default),
        ];
        foreach (Func<Task> call in calls)
        {
            StoreException refused = await Assert.ThrowsAsync<StoreException>(call);
            Assert.Equal(StoreErrorKind.Unsupported, refused.Kind);
            Assert.Contains("format 2", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["godwit-relay.json"], await _box.NamesAsync());
    }

    [Fact]
    public async Task A_box_without_a_format_is_empty_and_looking_leaves_it_so()
    {
        Assert.Empty((await _box.Open().ListAsync(StorePath.Root, null, default)).Entries);
        Assert.Null(await _box.Open().StatAsync(BoxInMemory.File, default));
        Assert.Empty(await _box.NamesAsync());
    }

    [Fact]
    public async Task A_marker_without_its_record_is_not_listed()
    {
        await _box.WriteAsync(BoxInMemory.Text(10));
        await _box.PutAsync("pending/night/run!!/other!0123", "");
        await _box.PutAsync("pending/night/run!!/image.fits!0123", "");
        await _box.PutAsync("pending/night/run!!/.image.fits!0123.aa.godwit-part", "");
        Assert.Equal(BoxInMemory.File, Assert.Single((await _box.Open().ListAsync(BoxInMemory.File.Parent, null, default)).Entries).Path);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"format":1,"path":"night/run!/other","id":"a","size":0,"modified_ns":0,"crc64nvme":"0","pushed_ns":0,"parts":[]}""")]
    [InlineData("""{"format":1,"path":"night/run!/image.fits","id":"../a","size":0,"modified_ns":0,"crc64nvme":"0","pushed_ns":0,"parts":[]}""")]
    [InlineData("""{"format":1,"path":"night/run!/image.fits","id":"a","size":1,"modified_ns":0,"crc64nvme":"0","pushed_ns":0,"parts":[]}""")]
    [InlineData("""{"format":9,"path":"night/run!/image.fits","id":"a","size":0,"modified_ns":0,"crc64nvme":"0","pushed_ns":0,"parts":[]}""")]
    [InlineData("""{"format":1,"path":"night/../../x","id":"a","size":0,"modified_ns":0,"crc64nvme":"0","pushed_ns":0,"parts":[]}""")]
    public async Task A_record_that_cannot_be_read_is_an_error_and_no_empty_listing(string record)
    {
        await _box.WriteAsync(BoxInMemory.Text(10));
        await _box.PutAsync("files/night/run!!/image.fits!", record);
        StorePage page = await _box.Open().ListAsync(BoxInMemory.File.Parent, null, default);
        Assert.Empty(page.Entries);
        Assert.Equal((BoxInMemory.File, StoreErrorKind.Integrity), Assert.Single(page.Unreadable!) is var error ? (error.Path, error.Kind) : default);
        StoreException failure = await Assert.ThrowsAsync<StoreException>(async () => await _box.Open().StatAsync(BoxInMemory.File, default));
        Assert.Equal(StoreErrorKind.Integrity, failure.Kind);
    }
}
