using System.Security.Cryptography;
using Amazon.S3.Model;
using Godwit.Backends.S3;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.ServerTests.S3;

/// <summary>What the kit does not say: what other programs leave in a bucket, and what this store leaves for them.</summary>
public sealed class S3StoreTests
{
    [Fact]
    public async Task Keys_that_are_no_paths_are_told_and_never_passed_over()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        foreach (string key in new[] { "good", "a//b", "a/", "a/inside", "marker/", "full/" })
        {
            await bucket.PutAsync(key, key is "a/" or "marker/" ? "" : "x");
        }

        StorePage flat = await bucket.Store.FlatListing!.ListBelowAsync(StorePath.Root, null, default);
        Assert.Equal(["a/", "a/inside", "good", "marker/"], flat.Entries.Select(Shown));
        Assert.Equal(["a", "full"], flat.Unreadable!.Select(one => one.Path.ToString()));
        Assert.Contains("\"a//b\" cannot be a path", flat.Unreadable![0].Message, StringComparison.Ordinal);
        StorePage direct = await bucket.Store.ListAsync(StorePath.Root, null, default);
        Assert.Equal(["a/", "full/", "good", "marker/"], direct.Entries.Select(Shown).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Small_pages_of_strange_names_give_each_of_them_once(bool deep)
    {
        string[] names = ["a b/x", "a+b/x", "a%2Fb/x", "bell\a/x", "<&>/x", "Größe/x", "数据", "new\nline/x", "\U0001F426/x", "z", "~/x"];
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        foreach (string name in names)
        {
            await bucket.Store.WriteAsync(StorePath.FromText(name), WriteSource.From("x"u8.ToArray()), WriteOptions.Default, default);
        }

        await using S3Store store = bucket.Open(options => options with { PageSize = 2 });
        var seen = new List<string>();
        ListPosition? position = null;
        do
        {
            StorePage page = deep
                ? await store.FlatListing!.ListBelowAsync(StorePath.Root, position, default)
                : await store.ListAsync(StorePath.Root, position, default);
            seen.AddRange(page.Entries.Select(entry => entry.Path.ToString()));
            position = page.Next;
        }
        while (position is not null);
        Assert.Equal(
            names.Select(name => StorePath.FromText(deep ? name : name.Split('/')[0]).ToString()).Order(StringComparer.Ordinal),
            seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_time_lies_where_rclone_looks_for_it()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_234_567_890_120_000_000) } };
        await bucket.Store.WriteAsync(StorePath.FromText("file"), WriteSource.From("x"u8.ToArray()), options, default);
        GetObjectMetadataResponse head = await bucket.Client.GetObjectMetadataAsync(bucket.Name, "file");
        Assert.Equal("1234567890.12", head.Metadata["x-amz-meta-mtime"]);
    }

    [Fact]
    public async Task What_has_no_time_of_its_own_has_the_server_s()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("file", "x");
        StoreEntry entry = (await bucket.Store.StatAsync(StorePath.FromText("file"), default))!;
        Assert.InRange(TimeProvider.System.GetUtcNow() - entry.Modified!.Value.ToDateTimeOffset(), TimeSpan.FromSeconds(-5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_marker_is_deleted_as_the_directory_that_it_is()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("directory/", "");
        Assert.Equal(EntryKind.Directory, (await bucket.Store.StatAsync(StorePath.FromText("directory"), default))!.Kind);
        await bucket.Store.DeleteAsync(StorePath.FromText("directory"), default);
        Assert.Empty(await bucket.KeysAsync());
    }

    [Fact]
    public async Task An_object_whose_key_ends_in_a_slash_and_that_holds_bytes_is_deleted_with_nothing_else()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("file", "x");
        await bucket.PutAsync("file/", "bytes");
        await bucket.Store.DeleteAsync(StorePath.FromText("file"), default);
        Assert.Equal(["file/"], await bucket.KeysAsync());
    }

    [Fact]
    public async Task Bulk_deleting_takes_exactly_the_names_that_were_given()
    {
        string[] going = [" leading", "trailing ", "new\nline", "carriage\rreturn", "bell\a", "<&>\"'", "]]>", "plain"];
        string[] staying = ["leading", "trailing", "new line", "newline", "carriage return", "carriage\nreturn"];
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        foreach (string name in going.Concat(staying))
        {
            await bucket.Store.WriteAsync(StorePath.FromText(name), WriteSource.From("x"u8.ToArray()), WriteOptions.Default, default);
        }

        IReadOnlyList<StoreException> failures = await bucket.Store.BulkDelete!.DeleteAsync([.. going.Select(StorePath.FromText)], default);
        Assert.Empty(failures);
        StorePage left = await bucket.Store.ListAsync(StorePath.Root, null, default);
        Assert.Equal(staying.Select(name => StorePath.FromText(name).ToString()).Order(StringComparer.Ordinal), left.Entries.Select(Shown).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_copy_above_the_limit_goes_by_parts_and_keeps_bytes_and_time()
    {
        await using S3Bucket from = await S3Bucket.MakeAsync();
        await using S3Bucket to = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes((11 << 20) + 3);
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_600_000_000_000_000_001) } };
        StoreEntry source = await from.Store.WriteAsync(StorePath.FromText("large"), WriteSource.From(content), options, default);
        await using S3Store target = to.Open(one => one with { CopyInOneCallBytes = 1 << 20, CopyPartBytes = 5 << 20 });
        StoreEntry copied = await target.ServerCopy!.CopyAsync(
            from.Store.Identity, source.Path, source.Version, StorePath.FromText("copy"), WriteOptions.Default, default);
        Assert.EndsWith("-3", copied.Version, StringComparison.Ordinal);
        Assert.Equal((content.Length, source.Modified), (copied.Length, copied.Modified));
        Assert.Equal(content, await S3Bucket.ReadAsync(target, "copy"));
        Assert.Empty(await to.UploadsAsync());
    }

    [Fact]
    public async Task An_object_that_the_server_encrypts_with_our_key_is_read_with_it_only()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        S3Options options = S3Server.TlsOptions(bucket.Name) with { CustomerKey = RandomNumberGenerator.GetBytes(32) };
        await using var store = new S3Store(options, TimeProvider.System);
        byte[] content = RandomNumberGenerator.GetBytes(100_000);
        var sum = new Checksum(ChecksumKind.Sha256, SHA256.HashData(content));
        StoreEntry written = await store.WriteAsync(
            StorePath.FromText("file"), WriteSource.From(content), new WriteOptions { Expected = sum }, default);
        Assert.Empty(written.Checksums);
        Assert.Equal(content, await S3Bucket.ReadAsync(store, "file"));
        await Assert.ThrowsAsync<StoreException>(() => S3Bucket.ReadAsync(bucket.Store, "file"));
    }

    [Fact]
    public async Task An_empty_file_by_parts_leaves_no_upload()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        PartedUpload upload = await bucket.Store.PartedWrite!.BeginAsync(StorePath.FromText("empty"), "tag", 0, WriteOptions.Default, default);
        await bucket.Store.PartedWrite.CompleteAsync(upload, [], default);
        Assert.Equal(["empty"], await bucket.KeysAsync());
        Assert.Empty(await bucket.UploadsAsync());
    }

    private static string Shown(StoreEntry entry) => entry.Path + (entry.Kind == EntryKind.Directory ? "/" : "");
}
