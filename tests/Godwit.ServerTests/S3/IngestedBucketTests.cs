using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.S3.Model;

namespace Godwit.ServerTests.S3;

/// <summary>A real bucket in the layout of CTA Ingest: keys, metadata and state files as that program reads and writes them.</summary>
public sealed class IngestedBucketTests : IAsyncLifetime, IDisposable
{
    private readonly S3CommandLine _line = new();
    private S3Bucket _bucket = null!;

    private string Box => $"s3://{_bucket.Name}";

    public async Task InitializeAsync() => _bucket = await S3Bucket.MakeAsync();

    public async Task DisposeAsync() => await _bucket.DisposeAsync();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task What_is_pushed_is_one_frame_of_each_file_that_zstd_restores()
    {
        byte[] large = RandomNumberGenerator.GetBytes(40_000_000);
        byte[] small = "one"u8.ToArray();
        _line.Put("site/large ä'<.fits", large);
        _line.Put("site/small", small);
        _line.Put("site/empty", []);
        await _bucket.PutAsync("target.json", "{}");
        Assert.Contains("verified stored 3", (await PushAsync(0)).Output, StringComparison.Ordinal);
        foreach ((string name, byte[] content) in (IEnumerable<(string, byte[])>)[("large ä'<.fits", large), ("small", small), ("empty", [])])
        {
            string key = (string)Assert.Single((await StateAsync("upload.json"))[name]!.AsArray())!;
            Assert.Equal(key, "parts" + Assert.Single((await StateAsync("disassemble.json"))[name]!.AsArray()));
            Assert.Equal(content, await OldObjects.ZstdAsync("-dc", await S3Bucket.ReadAsync(_bucket.Store, key)));
            Assert.Empty(await OldObjects.PairsAsync(_bucket, key));
            Assert.Equal(content.Length, (long)(await StateAsync("origin.json"))[name]!["size"]!);
        }

        Assert.Empty(await _bucket.UploadsAsync());
        Assert.Contains("0 of 0 files delivered", (await PushAsync(0)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_halves_meet_and_the_source_cleans_up()
    {
        byte[] large = RandomNumberGenerator.GetBytes(20_000_000);
        _line.Put("site/large", large);
        _line.Put("site/small", "one"u8.ToArray(), new DateTime(2025, 3, 1, 12, 34, 56, 123, DateTimeKind.Utc));
        await PushAsync(0);
        await PullAsync(0);
        Assert.Equal(large, await File.ReadAllBytesAsync(_line.In("archive/large")));
        Assert.Equal(new DateTime(2025, 3, 1, 12, 34, 56, 123, DateTimeKind.Utc), File.GetLastWriteTimeUtc(_line.In("archive/small")), TimeSpan.FromMicroseconds(1));
        Assert.DoesNotContain(await _bucket.KeysAsync(), key => key.StartsWith("parts", StringComparison.Ordinal));
        await PushAsync(0);
        Assert.Empty(await StateAsync("upload.json"));
        Assert.Equal(["large", "small"], (await StateAsync("target.json")).Select(one => one.Key).Order());
        Assert.Contains("delivered  2 files", (await RunAsync(0, "relay", "status", Box)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_old_program_put_in_arrives_once_all_its_parts_are_there()
    {
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        byte[] frame = await OldObjects.ZstdAsync("-c", content);
        await _bucket.PutAsync("origin.json", "{\"run1\": {\"path\": \"/data/run1\", \"size\": 3000000, \"mtime\": 1740832496.1234567, \"atime\": 1.0, \"ts\": 2.0}}");
        await _bucket.PutAsync("disassemble.json", "{\"run1\": [\"/work/run1/ab\", \"/work/run1/aa\"]}");
        await _bucket.PutAsync("upload.json", "{\"run1\": [\"parts/work/run1/ab\"]}");
        await PutAsync("parts/work/run1/ab", frame[1_000_000..]);
        Assert.Contains("nothing waits", (await PullAsync(0)).Output, StringComparison.Ordinal);
        Assert.Contains("under way  1 file", (await RunAsync(0, "relay", "status", Box)).Output, StringComparison.Ordinal);
        await PutAsync("parts/work/run1/aa", frame[..1_000_000]);
        await _bucket.PutAsync("upload.json", "{\"run1\": [\"parts/work/run1/ab\", \"parts/work/run1/aa\"]}");
        Assert.Contains("1 of 1 file delivered", (await PullAsync(0)).Output, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllBytesAsync(_line.In("archive/run1")));
        Assert.Equal(3_000_000, (int)(await StateAsync("target.json"))["run1"]!["size"]!);
        Assert.Single((await StateAsync("upload.json")).AsEnumerable());
    }

    [Fact]
    public async Task What_stopped_uploads_left_is_freed()
    {
        _line.Put("site/waits", "one"u8.ToArray());
        await PushAsync(0);
        await _bucket.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket.Name, Key = "parts/work/x/aa" });
        await _bucket.PutAsync("parts/godwit/0123456789abcdef/x/aa", "12345");
        Assert.Contains("freed 0 uploads", (await RunAsync(0, "relay", "prune", Box)).Output, StringComparison.Ordinal);
        Assert.Contains("freed 2 uploads, 5 B", (await RunAsync(0, "relay", "prune", Box, "--older-than", "0s")).Output, StringComparison.Ordinal);
        Assert.Empty(await _bucket.UploadsAsync());
        await PullAsync(0);
        Assert.Equal("one", await File.ReadAllTextAsync(_line.In("archive/waits")));
    }

    [Fact]
    public async Task Layouts_of_one_bucket_are_never_mixed()
    {
        _line.Put("site/a", "one"u8.ToArray());
        await PushAsync(0);
        List<string> before = await _bucket.KeysAsync();
        foreach (string other in (string[])["godwit", "cta-relay"])
        {
            (_, string error) = await _line.RunAsync(2, "relay", "push", _line.In("site"), Box, "--layout", other, "--state", _line.In("other"));
            Assert.Contains("is one of CTA Ingest. Give --layout cta-ingest", error, StringComparison.Ordinal);
        }

        Assert.Equal(before, await _bucket.KeysAsync());
    }

    [Fact]
    public async Task Two_runs_at_once_do_no_harm()
    {
        for (int i = 0; i < 20; i++)
        {
            _line.Put($"site/file{i}", RandomNumberGenerator.GetBytes(10_000 * i));
        }

        string[] push = ["relay", "push", _line.In("site"), Box, "--layout", "cta-ingest", "--state"];
        await Task.WhenAll(_line.RunAnyAsync([.. push, _line.In("pushing")]), _line.RunAnyAsync([.. push, _line.In("another ledger")]));
        string[] pull = ["relay", "pull", Box, _line.In("archive"), "--layout", "cta-ingest", "--state"];
        await Task.WhenAll(_line.RunAnyAsync([.. pull, _line.In("pulling")]), _line.RunAnyAsync([.. pull, _line.In("pulling too")]));

        // Of two who rewrote one state file at one moment, one's words may be lost: what is left of them is taken back, told, and sent by the next push.
        (int code, _, string error) = await _line.RunAnyAsync([.. push, _line.In("pushing")]);
        Assert.True(code is 0 or 5, error);
        await PushAsync(0);
        await PullAsync(0);
        foreach (string file in Directory.EnumerateFiles(_line.In("site")))
        {
            Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(Path.Combine(_line.In("archive"), Path.GetFileName(file))));
        }

        Assert.Contains("waiting    0 files", (await RunAsync(0, "relay", "status", Box)).Output, StringComparison.Ordinal);
    }

    private Task<(string Output, string Error)> PushAsync(int expected) =>
        RunAsync(expected, "relay", "push", _line.In("site"), Box, "--state", _line.In("pushing"));

    private Task<(string Output, string Error)> PullAsync(int expected) =>
        RunAsync(expected, "relay", "pull", Box, _line.In("archive"), "--state", _line.In("pulling"));

    private Task<(string Output, string Error)> RunAsync(int expected, params string[] args) => _line.RunAsync(expected, [.. args, "--layout", "cta-ingest"]);

    private async Task<JsonObject> StateAsync(string file) => JsonNode.Parse(await S3Bucket.ReadAsync(_bucket.Store, file))!.AsObject();

    private async Task PutAsync(string key, byte[] body) => await _bucket.Client.PutObjectAsync(
        new PutObjectRequest { BucketName = _bucket.Name, Key = key, InputStream = new MemoryStream(body), UseChunkEncoding = false });
}
