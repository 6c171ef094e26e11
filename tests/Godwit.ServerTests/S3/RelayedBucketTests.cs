using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace Godwit.ServerTests.S3;

/// <summary><c>--layout cta-relay</c> against a real gateway: what Godwit leaves in a bucket is what CTA Relay leaves there, and what that program leaves
/// is taken out, emptied and never sent twice.</summary>
[SuppressMessage("Security", "CA5351", Justification = "The old layout has MD5.")]
public sealed class RelayedBucketTests : IAsyncLifetime, IDisposable
{
    private const string Layout = "--layout=cta-relay";

    private readonly S3CommandLine _line = new();
    private S3Bucket _bucket = null!;

    private string Box => $"s3://{_bucket.Name}";

    public async Task InitializeAsync() => _bucket = await S3Bucket.MakeAsync();

    public async Task DisposeAsync() => await _bucket.DisposeAsync();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task What_is_pushed_is_what_the_other_program_would_have_put_there()
    {
        _line.Put("site/small.txt", "one"u8.ToArray());
        _line.Put("site/empty", []);
        _line.Put("site/Größe 50%.fits", RandomNumberGenerator.GetBytes(40_000_000));
        await PushAsync(0);
        Assert.Equal(["Größe 50%.fits", "empty", "small.txt"], await _bucket.KeysAsync());
        foreach (string file in Directory.EnumerateFiles(_line.In("site")))
        {
            byte[] content = await File.ReadAllBytesAsync(file);
            await RequirePairsAsync(Path.GetFileName(file), content);
            byte[] body = await BodyAsync(Path.GetFileName(file));
            Assert.NotEmpty(body);
            Assert.Equal(content, await ZstdAsync("-dc", body));
        }

        Assert.Empty(await _bucket.UploadsAsync());
    }

    [Fact]
    public async Task What_was_pulled_leaves_an_empty_object_with_the_same_metadata()
    {
        _line.Put("site/a", "one"u8.ToArray());
        _line.Put("site/b", RandomNumberGenerator.GetBytes(20_000_000));
        await PushAsync(0);
        (string said, _) = await PullAsync(0);
        Assert.Contains("2 of 2 files delivered", said, StringComparison.Ordinal);
        foreach (string name in (string[])["a", "b"])
        {
            byte[] content = await File.ReadAllBytesAsync(_line.In($"site/{name}"));
            Assert.Equal(content, await File.ReadAllBytesAsync(_line.In($"archive/{name}")));
            Assert.Empty(await BodyAsync(name));
            await RequirePairsAsync(name, content);
        }

        Assert.Contains("nothing waits", (await PullAsync(0)).Output, StringComparison.Ordinal);
        await PushAsync(9, "--error-on-no-transfer");
    }

    [Fact]
    public async Task What_the_other_program_put_there_is_pulled_and_emptied()
    {
        byte[] large = RandomNumberGenerator.GetBytes(30_000_000);
        await PutOldAsync("old.fits", large, await ZstdAsync("-c", large));
        await PutOldAsync("nothing.fits", [], await ZstdAsync("-c", []));
        await PutOldAsync("delivered.fits", "gone"u8.ToArray(), []);
        await PullAsync(0);
        Assert.Equal(["nothing.fits", "old.fits"], Directory.EnumerateFiles(_line.In("archive")).Select(Path.GetFileName).Order());
        Assert.Equal(large, await File.ReadAllBytesAsync(_line.In("archive/old.fits")));
        Assert.Empty(await BodyAsync("old.fits"));
        await RequirePairsAsync("old.fits", large);
        await RequirePairsAsync("nothing.fits", []);
    }

    [Fact]
    public async Task Without_a_ledger_nothing_is_sent_that_the_bucket_knows_and_what_changed_is()
    {
        await PutOldAsync("delivered", "one"u8.ToArray(), []);
        await PutOldAsync("waiting", "two"u8.ToArray(), await ZstdAsync("-c", "two"u8.ToArray()));
        await PutOldAsync("changed", "old"u8.ToArray(), []);
        _line.Put("site/delivered", "one"u8.ToArray());
        _line.Put("site/waiting", "two"u8.ToArray());
        _line.Put("site/changed", "new"u8.ToArray());
        Assert.Contains("2 unchanged", (await PushAsync(0)).Output, StringComparison.Ordinal);
        await RequirePairsAsync("changed", "new"u8.ToArray());
        Assert.Empty(await BodyAsync("delivered"));
        await PullAsync(0);
        Assert.Equal(["changed", "waiting"], Directory.EnumerateFiles(_line.In("archive")).Select(Path.GetFileName).Order());
        Assert.Equal("new", await File.ReadAllTextAsync(_line.In("archive/changed")));
    }

    [Fact]
    public async Task Adopting_puts_empty_objects_with_metadata_and_a_push_sends_nothing()
    {
        await PutOldAsync("known", "one"u8.ToArray(), []);
        _line.Put("archive/known", "one"u8.ToArray());
        _line.Put("archive/new", "two"u8.ToArray());
        _line.Put("site/known", "one"u8.ToArray());
        _line.Put("site/new", "two"u8.ToArray());
        Assert.Contains("would count 1 file", (await RunAsync(0, "relay", "adopt", Box, _line.In("archive"), "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Equal(["known"], await _bucket.KeysAsync());
        Assert.Contains("counted 1 file (3 B) as delivered; 1 known", (await RunAsync(0, "relay", "adopt", Box, _line.In("archive"))).Output, StringComparison.Ordinal);
        await RequirePairsAsync("new", "two"u8.ToArray());
        Assert.Empty(await BodyAsync("new"));
        await PushAsync(9, "--error-on-no-transfer");
    }

    [Fact]
    public async Task The_box_is_looked_at_and_held_against_either_side()
    {
        await PutOldAsync("delivered", "one"u8.ToArray(), []);
        await PutOldAsync("waiting", "three"u8.ToArray(), await ZstdAsync("-c", "three"u8.ToArray()));
        _line.Put("tree/delivered", "one"u8.ToArray());
        string status = (await RunAsync(0, "relay", "status", Box)).Output;
        Assert.Contains("waiting    1 file, 5 B", status, StringComparison.Ordinal);
        Assert.Contains("delivered  1 file", status, StringComparison.Ordinal);
        Assert.DoesNotContain("delivered", (await RunAsync(0, "relay", "ls", Box)).Output, StringComparison.Ordinal);
        Assert.Contains("delivered                3 ", (await RunAsync(0, "relay", "ls", Box, "--all")).Output, StringComparison.Ordinal);
        Assert.Contains("md5        35d6d33467aae9a2e3dccb4b6b027878", (await RunAsync(0, "relay", "show", Box, "waiting")).Output, StringComparison.Ordinal);
        await RunAsync(4, "relay", "show", Box, "absent");
        await RunAsync(1, "relay", "check", Box, _line.In("tree"), "--checksum");
        await RunAsync(0, "relay", "check", Box, _line.In("tree"), "--checksum", "--delivered");
        _line.Put("tree/delivered", "six"u8.ToArray());
        await RunAsync(1, "relay", "check", Box, _line.In("tree"), "--checksum", "--delivered");
        Assert.Equal(["delivered", "waiting"], await _bucket.KeysAsync());
    }

    [Fact]
    public async Task A_bucket_of_the_other_layout_is_refused_and_left_as_it_is()
    {
        await PutOldAsync("old", "one"u8.ToArray(), []);
        _line.Put("site/a", "one"u8.ToArray());
        string[][] verbs =
        [
            ["push", _line.In("site"), Box], ["pull", Box, _line.In("archive")], ["status", Box], ["ls", Box], ["show", Box, "a"], ["prune", Box],
            ["repair", Box], ["check", Box, _line.In("site")], ["adopt", Box, _line.In("site")], ["resend", _line.In("site"), Box],
        ];
        foreach (string[] verb in verbs)
        {
            (_, string error) = await _line.RunAsync(2, ["relay", .. verb, .. StateOf(verb[0])]);
            Assert.Contains("is a bucket of CTA Relay. Give --layout cta-relay", error, StringComparison.Ordinal);
        }

        Assert.Equal(["old"], await _bucket.KeysAsync());
        await _bucket.Client.DeleteObjectAsync(_bucket.Name, "old");
        await _line.RunAsync(0, ["relay", "push", _line.In("site"), Box, .. StateOf("push")]);
        List<string> before = await _bucket.KeysAsync();
        foreach (string[] verb in verbs.Where(verb => verb[0] != "repair"))
        {
            Assert.Contains("is one of Godwit's own layout. Leave out", (await RunAsync(2, ["relay", .. verb])).Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, await _bucket.KeysAsync());
        Assert.Contains("means nothing with --layout cta-relay", (await RunAsync(2, "relay", "repair", Box)).Error, StringComparison.Ordinal);
        Assert.Contains("is for buckets", (await RunAsync(2, "relay", "push", _line.In("site"), _line.In("box"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stopped_uploads_left_is_freed()
    {
        await _bucket.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket.Name, Key = "left.fits" });
        await PutOldAsync("waiting", "one"u8.ToArray(), await ZstdAsync("-c", "one"u8.ToArray()));
        Assert.Contains("freed 0 uploads", (await RunAsync(0, "relay", "prune", Box)).Output, StringComparison.Ordinal);
        Assert.Contains("would free 1 upload", (await RunAsync(0, "relay", "prune", Box, "--older-than", "0s", "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Single(await _bucket.UploadsAsync());
        Assert.Contains("under way  1 file", (await RunAsync(0, "relay", "status", Box)).Output, StringComparison.Ordinal);
        Assert.Contains("freed 1 upload", (await RunAsync(0, "relay", "prune", Box, "--older-than", "0s")).Output, StringComparison.Ordinal);
        Assert.Empty(await _bucket.UploadsAsync());
        Assert.Equal(["waiting"], await _bucket.KeysAsync());
    }

    [Fact]
    public async Task Resend_sends_again_what_was_delivered()
    {
        _line.Put("site/a", "one"u8.ToArray());
        await PushAsync(0);
        await PullAsync(0);
        File.Delete(_line.In("archive/a"));
        await RunAsync(0, "relay", "resend", _line.In("site"), Box, "--path", "a");
        await PushAsync(0);
        await PullAsync(0);
        Assert.Equal("one", await File.ReadAllTextAsync(_line.In("archive/a")));
    }

    private Task<(string Output, string Error)> PushAsync(int expected, params string[] options) =>
        RunAsync(expected, ["relay", "push", _line.In("site"), Box, .. options]);

    private Task<(string Output, string Error)> PullAsync(int expected, params string[] options) =>
        RunAsync(expected, ["relay", "pull", Box, _line.In("archive"), .. options]);

    private Task<(string Output, string Error)> RunAsync(int expected, params string[] args) =>
        _line.RunAsync(expected, [.. args, Layout, .. StateOf(args[1])]);

    private string[] StateOf(string verb) => verb is "push" or "pull" or "resend" ? ["--state", _line.In(verb == "pull" ? "pulling" : "pushing")] : [];

    private Task PutOldAsync(string key, byte[] content, byte[] body) => OldObjects.PutAsync(_bucket, key, content, body);

    private async Task RequirePairsAsync(string key, byte[] content) => Assert.Equal(
        [$"x-amz-meta-md5={Convert.ToHexStringLower(MD5.HashData(content))}", $"x-amz-meta-size={content.Length}"], await OldObjects.PairsAsync(_bucket, key));

    private Task<byte[]> BodyAsync(string key) => S3Bucket.ReadAsync(_bucket.Store, key);

    private static Task<byte[]> ZstdAsync(string how, byte[] input) => OldObjects.ZstdAsync(how, input);
}

/// <summary>Objects as CTA Relay puts them into a bucket.</summary>
[SuppressMessage("Security", "CA5351", Justification = "The old layout has MD5.")]
internal static class OldObjects
{
    /// <summary>Puts one; an empty body is one that was delivered.</summary>
    public static async Task PutAsync(S3Bucket bucket, string key, byte[] content, byte[] body)
    {
        var request = new PutObjectRequest { BucketName = bucket.Name, Key = key, InputStream = new MemoryStream(body), UseChunkEncoding = false };
        request.Metadata["size"] = content.Length.ToString(CultureInfo.InvariantCulture);
        request.Metadata["md5"] = Convert.ToHexStringLower(MD5.HashData(content));
        await bucket.Client.PutObjectAsync(request);
    }

    /// <summary>Puts one that waits.</summary>
    public static async Task PutAsync(S3Bucket bucket, string key, byte[] content) => await PutAsync(bucket, key, content, await ZstdAsync("-c", content));

    /// <summary>All metadata of an object.</summary>
    public static async Task<string[]> PairsAsync(S3Bucket bucket, string key)
    {
        MetadataCollection metadata = (await bucket.Client.GetObjectMetadataAsync(bucket.Name, key)).Metadata;
        return [.. metadata.Keys.Select(name => $"{name}={metadata[name]}").Order(StringComparer.Ordinal)];
    }

    /// <summary>The command that the program runs.</summary>
    public static async Task<byte[]> ZstdAsync(string how, byte[] input)
    {
        using var zstd = Process.Start(new ProcessStartInfo("zstd", [how]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        Task reading = zstd.StandardOutput.BaseStream.CopyToAsync(output);
        await zstd.StandardInput.BaseStream.WriteAsync(input);
        zstd.StandardInput.Close();
        await reading;
        await zstd.WaitForExitAsync();
        Assert.Equal(0, zstd.ExitCode);
        return output.ToArray();
    }
}
