using System.Collections.Concurrent;
using Amazon.S3.Model;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>What commands do on a bucket that they do not on directories.</summary>
public sealed class S3SmallCommandTests : IDisposable
{
    private static readonly DateTime s_old = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly S3CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Rm_r_deletes_a_thousand_in_a_call_and_the_markers_of_directories()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_100), async (i, _) => await bucket.PutAsync($"d/{i % 3}/f{i}", ""));
        foreach (string other in (string[])["d/", "d/empty/", "d/odd/\u0001", "dd/kept", "d.kept"])
        {
            await bucket.PutAsync(other, "");
        }

        ConcurrentQueue<StoreVerb> calls = Watch();
        await _cli.RunAsync(0, "rm", "-r", $"s3://{bucket.Name}/d");
        Assert.Equal(["d.kept", "dd/kept"], await bucket.KeysAsync());
        Assert.Equal(2, calls.Count(verb => verb == StoreVerb.BulkDelete));
        Assert.True(calls.Count < 12, string.Join(' ', calls));
    }

    [Fact]
    public async Task What_the_server_does_not_delete_is_told_by_name_and_the_rest_goes()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        foreach (string key in (string[])["d/one", "d/two", "d/kept"])
        {
            await bucket.PutAsync(key, "x");
        }

        await bucket.Client.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = bucket.Name,
            Policy = $$"""
                {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
                "Resource": "arn:aws:s3:::{{bucket.Name}}/d/kept"}]}
                """,
        });
        try
        {
            (_, string error) = await _cli.RunAsync(6, "rm", "-r", $"s3://{bucket.Name}/d");
            Assert.Contains("d/kept", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Equal(["d/kept"], await bucket.KeysAsync());
        }
        finally
        {
            await bucket.Client.DeleteBucketPolicyAsync(bucket.Name);
        }
    }

    [Fact]
    public async Task Mkdir_has_nothing_to_do_and_says_so()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        (_, string error) = await _cli.RunAsync(0, "mkdir", $"s3://{bucket.Name}/a/b");
        Assert.Contains("a bucket needs no directories", error, StringComparison.Ordinal);
        Assert.Empty(await bucket.KeysAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/below")]
    public async Task A_missing_bucket_is_a_missing_directory(string path)
    {
        string url = "s3://godwit-no-such-bucket" + path;
        string[][] commands = [["copy", url, _cli.In("dst")], ["check", url, _cli.Root], ["ls", url], ["stat", url], ["store", "check", url]];
        foreach (string[] command in commands)
        {
            Assert.Contains("the bucket does not exist", (await _cli.RunAsync(3, command)).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Store_check_passes_and_leaves_nothing_behind()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("there/before", "x");
        (string report, _) = await _cli.RunAsync(0, "store", "check", $"s3://{bucket.Name}/there", "--quick");
        Assert.Contains("0 failed", report, StringComparison.Ordinal);
        Assert.Equal(["there/before"], await bucket.KeysAsync());
        Assert.Empty(await bucket.UploadsAsync());
    }

    [Fact]
    public async Task Ages_are_those_that_the_files_were_given_not_those_of_the_objects()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string url = $"s3://{bucket.Name}";
        await UploadTwoAgesAsync(url);
        await _cli.RunAsync(0, "copy", url, _cli.In("young"), "--max-age", "30d", "--quiet");
        await _cli.RunAsync(0, "copy", url, _cli.In("old"), "--min-age", "30d", "--quiet");
        await _cli.RunAsync(0, "copy", url, _cli.In("stable"), "--stable-for", "1h", "--quiet");
        Assert.Equal(["new-1", "new-2"], Names("young"));
        Assert.Equal(["a-old", "z-old"], Names("old"));
        Assert.Equal(["a-old", "z-old"], Names("stable"));
        Assert.Equal("a-old\nz-old\n", (await _cli.RunAsync(0, "ls", url, "--min-age", "30d")).Output);
        (string sums, _) = await _cli.RunAsync(0, "checksum", "-r", url, "--max-age", "30d");
        Assert.Equal(2, sums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await _cli.RunAsync(0, "check", url, _cli.In("young"), "--max-age", "30d", "--quiet");
        await _cli.RunAsync(1, "check", url, _cli.In("young"), "--min-age", "30d", "--quiet");
    }

    [Theory]
    [InlineData("oldest", new[] { "z-old", "a-old", "new-2", "new-1" })]
    [InlineData("newest", new[] { "new-1", "new-2", "a-old", "z-old" })]
    public async Task Oldest_and_newest_go_by_the_time_that_the_files_were_given(string order, string[] expected)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string url = $"s3://{bucket.Name}";
        await UploadTwoAgesAsync(url);
        (string planned, _) = await _cli.RunAsync(0, "copy", url, _cli.In("dst"), "--order", order, "--dry-run", "--json");
        Assert.Equal(
            expected,
            planned.Split('\n').Where(line => line.Contains("file.planned", StringComparison.Ordinal))
                .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task Times_are_looked_up_only_where_something_goes_by_them()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string url = $"s3://{bucket.Name}";
        await UploadTwoAgesAsync(url);
        ConcurrentQueue<StoreVerb> calls = Watch();
        await _cli.RunAsync(0, "ls", url, "--exclude", "/x");
        Assert.True(calls.Count(verb => verb == StoreVerb.Stat) <= 1, string.Join(' ', calls));
        calls.Clear();
        await _cli.RunAsync(0, "ls", url, "--max-age", "30d", "--exclude", "/new-*");
        Assert.Equal(3, calls.Count(verb => verb == StoreVerb.Stat));
    }

    [Fact]
    public async Task A_dry_run_announces_no_directories()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        _cli.Put("src/d/file", "x"u8.ToArray());
        Directory.CreateDirectory(_cli.In("src/empty"));
        (string output, string error) = await _cli.RunAsync(0, "copy", _cli.In("src"), $"s3://{bucket.Name}", "--dry-run");
        Assert.DoesNotContain("make-directory", output + error, StringComparison.Ordinal);
        Assert.Contains("1 empty directory has no place at the destination", output + error, StringComparison.Ordinal);
    }

    private async Task UploadTwoAgesAsync(string url)
    {
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        _cli.Put("src/z-old", "1"u8.ToArray(), s_old);
        _cli.Put("src/a-old", "2"u8.ToArray(), s_old.AddDays(1));
        _cli.Put("src/new-2", "3"u8.ToArray(), now.AddMinutes(-2));
        _cli.Put("src/new-1", "4"u8.ToArray(), now.AddMinutes(-1));
        await _cli.RunAsync(0, "copy", _cli.In("src"), url, "--quiet");
    }

    private IEnumerable<string> Names(string directory) =>
        Directory.EnumerateFiles(_cli.In(directory)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private ConcurrentQueue<StoreVerb> Watch()
    {
        var calls = new ConcurrentQueue<StoreVerb>();
        _cli.DressStore = (store, _) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
        {
            if (moment == CallMoment.Before)
            {
                calls.Enqueue(call.Verb);
            }

            return ValueTask.CompletedTask;
        }));
        return calls;
    }
}
