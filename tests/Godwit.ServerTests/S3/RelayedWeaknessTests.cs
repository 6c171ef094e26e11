using System.Security.Cryptography;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>What is known to go wrong with CTA Relay, file by file: each is a sentence that holds where Godwit works on the same bucket.</summary>
public sealed class RelayedWeaknessTests : IAsyncLifetime, IDisposable
{
    private readonly S3CommandLine _line = new();
    private S3Bucket _bucket = null!;

    private string Box => $"s3://{_bucket.Name}";

    public async Task InitializeAsync() => _bucket = await S3Bucket.MakeAsync();

    public async Task DisposeAsync() => await _bucket.DisposeAsync();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task A_dry_run_fetches_nothing_and_writes_nothing()
    {
        await OldObjects.PutAsync(_bucket, "a", "one"u8.ToArray());
        _line.Put("site/b", "two"u8.ToArray());
        int fetched = 0;
        var watching = new AtEachCall((call, _, _) =>
        {
            fetched += call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange or StoreVerb.Write ? 1 : 0;
            return ValueTask.CompletedTask;
        });
        _line.DressStore = (store, _) => store is Godwit.Backends.S3.S3Store ? new LayeredStore(store, watching) : store;
        Assert.Contains("would move 1 file", (await PullAsync(0, "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Contains("would move 1 file", (await PushAsync(0, "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Equal(0, fetched);
        Assert.Equal(["a"], await _bucket.KeysAsync());
        await PullAsync(0);
        Assert.NotEqual(0, fetched);
    }

    [Theory]
    [InlineData("one an")]
    [InlineData("one and mor3")]
    public async Task What_a_broken_copy_left_at_the_destination_is_never_taken_for_the_file(string left)
    {
        await OldObjects.PutAsync(_bucket, "a", "one and more"u8.ToArray());
        _line.Put("archive/a", System.Text.Encoding.ASCII.GetBytes(left));
        await PullAsync(0, "--no-overwrite");
        Assert.NotEmpty(await S3Bucket.ReadAsync(_bucket.Store, "a"));
        await PullAsync(0);
        Assert.Equal("one and more", await File.ReadAllTextAsync(_line.In("archive/a")));
        Assert.Empty(await S3Bucket.ReadAsync(_bucket.Store, "a"));
    }

    [Fact]
    public async Task The_md5_is_held_against_what_comes_out_and_one_failing_file_stops_no_other()
    {
        await OldObjects.PutAsync(_bucket, "wrong", "two"u8.ToArray(), await OldObjects.ZstdAsync("-c", "one"u8.ToArray()));
        await OldObjects.PutAsync(_bucket, "cut", "one"u8.ToArray(), (await OldObjects.ZstdAsync("-c", "one"u8.ToArray()))[..^2]);
        await _bucket.PutAsync("untold", "no metadata");
        await OldObjects.PutAsync(_bucket, "good", "four"u8.ToArray());
        (string Output, string Error) said = await PullAsync(5, "--failed", _line.In("failed"));
        Assert.Equal(["good"], Directory.EnumerateFiles(_line.In("archive")).Select(Path.GetFileName));
        foreach (string name in (string[])["wrong", "cut", "untold"])
        {
            Assert.Contains(name, said.Error, StringComparison.Ordinal);
            Assert.NotEmpty(await S3Bucket.ReadAsync(_bucket.Store, name));
        }

        Assert.Empty(await S3Bucket.ReadAsync(_bucket.Store, "good"));
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_arrives_whole_or_not_at_all()
    {
        byte[] content = RandomNumberGenerator.GetBytes(20_000_000);
        _line.Put("site/a", content);
        int reads = 0;
        var growing = new AtEachCall(async (call, moment, _) =>
        {
            if (moment == CallMoment.After && call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && reads++ == 0)
            {
                await File.AppendAllTextAsync(_line.In("site/a"), "more");
            }
        });
        _line.DressStore = (store, side) => side == StoreSide.Source ? new LayeredStore(store, growing) : store;
        await _line.RunAnyAsync(["relay", "push", _line.In("site"), Box, "--layout", "cta-relay", "--state", _line.In("pushing")]);
        Assert.True(reads > 0);
        _line.DressStore = (store, _) => store;
        await PullAsync(0);
        byte[] whole = [.. content, .. "more"u8];
        if (File.Exists(_line.In("archive/a")))
        {
            Assert.Equal(whole, await File.ReadAllBytesAsync(_line.In("archive/a")));
        }

        await PushAsync(0);
        await PullAsync(0);
        Assert.Equal(whole, await File.ReadAllBytesAsync(_line.In("archive/a")));
        Assert.Empty(await _bucket.UploadsAsync());
    }

    [Fact]
    public async Task Equal_names_in_two_directories_are_refused_by_name_and_the_rest_goes()
    {
        _line.Put("site/top", "one"u8.ToArray());
        _line.Put("site/night1/run", "two"u8.ToArray());
        _line.Put("site/night2/run", "three"u8.ToArray());
        (_, string error) = await PushAsync(6);
        Assert.Contains("FAILED night1/run", error, StringComparison.Ordinal);
        Assert.Contains("FAILED night2/run", error, StringComparison.Ordinal);
        Assert.Contains("--max-depth 1", error, StringComparison.Ordinal);
        Assert.Equal(["top"], await _bucket.KeysAsync());
        await PushAsync(0, "--max-depth", "1");
    }

    [Fact]
    public async Task A_file_that_was_delivered_and_is_asked_for_is_told_as_that()
    {
        await OldObjects.PutAsync(_bucket, "a", "one"u8.ToArray(), []);
        Assert.Contains("it was delivered", (await PullAsync(4, "--path", "a")).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_line.In("archive")));
    }

    [Fact]
    public async Task Among_more_than_a_thousand_delivered_files_the_one_that_waits_is_found_without_a_look_at_each()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 1_005), async (i, _) => await OldObjects.PutAsync(_bucket, $"done{i}", "one"u8.ToArray(), []));
        await OldObjects.PutAsync(_bucket, "waiting", "two"u8.ToArray());
        var calls = new AtEachCall((_, _, _) => ValueTask.CompletedTask);
        _line.DressStore = (store, side) => side == StoreSide.Source ? new LayeredStore(store, calls) : store;
        Assert.Contains("1 of 1 file delivered", (await PullAsync(0)).Output, StringComparison.Ordinal);
        Assert.InRange(calls.Calls, 1, 100);
        Assert.Contains("delivered  1006 files", (await RunAsync(0, "relay", "status", Box)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_makes_no_bucket_and_nothing_to_prune_is_success()
    {
        await RunAsync(0, "relay", "prune", Box);
        string absent = "s3://godwit-test-absent-" + Guid.NewGuid().ToString("N")[..12];
        await RunAsync(3, "relay", "status", absent);
        await RunAsync(3, "relay", "prune", absent);
        await RunAsync(3, "relay", "status", absent);
    }

    [Fact]
    public async Task Two_runs_at_once_do_no_harm()
    {
        for (int i = 0; i < 20; i++)
        {
            _line.Put($"site/file{i}", RandomNumberGenerator.GetBytes(10_000 * i));
        }

        string[] push = ["relay", "push", _line.In("site"), Box, "--layout", "cta-relay", "--state"];
        await Task.WhenAll(_line.RunAnyAsync([.. push, _line.In("pushing")]), _line.RunAnyAsync([.. push, _line.In("another ledger")]));
        string[] pull = ["relay", "pull", Box, _line.In("archive"), "--layout", "cta-relay", "--state"];
        await Task.WhenAll(_line.RunAnyAsync([.. pull, _line.In("pulling")]), _line.RunAnyAsync([.. pull, _line.In("pulling too")]));
        await PushAsync(0);
        await PullAsync(0);
        foreach (string file in Directory.EnumerateFiles(_line.In("site")))
        {
            Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(Path.Combine(_line.In("archive"), Path.GetFileName(file))));
        }

        Assert.Contains("waiting    0 files", (await RunAsync(0, "relay", "status", Box)).Output, StringComparison.Ordinal);
    }

    private Task<(string Output, string Error)> PushAsync(int expected, params string[] options) =>
        RunAsync(expected, ["relay", "push", _line.In("site"), Box, "--state", _line.In("pushing"), .. options]);

    private Task<(string Output, string Error)> PullAsync(int expected, params string[] options) =>
        RunAsync(expected, ["relay", "pull", Box, _line.In("archive"), "--state", _line.In("pulling"), .. options]);

    private Task<(string Output, string Error)> RunAsync(int expected, params string[] args) =>
        _line.RunAsync(expected, [.. args, "--layout", "cta-relay"]);
}
