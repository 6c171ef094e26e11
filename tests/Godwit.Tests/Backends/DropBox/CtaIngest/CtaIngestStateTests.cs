using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaIngest;

/// <summary>The five state files: read as Python writes them, and written so that nothing of anybody else is lost.</summary>
public sealed class CtaIngestStateTests
{
    private readonly IngestedBox _box = new();

    [Theory]
    [InlineData(1_740_832_496_123_456_789, "1740832496.1234567")]
    [InlineData(1_740_832_496_000_000_000, "1740832496.0")]
    [InlineData(0, "0.0")]
    [InlineData(-1_500_000_000, "-1.5")]
    public async Task A_time_is_written_as_python_writes_it_and_is_the_same_again_within_a_microsecond(long nanoseconds, string written)
    {
        var time = new Timestamp(nanoseconds);
        await _box.PushAsync("one"u8.ToArray(), time: time);
        Assert.Contains($"\"mtime\": {written}, ", await _box.TextAsync("origin.json"), StringComparison.Ordinal);
        StoreEntry told = (await _box.Open(pushes: false).StatAsync(IngestedBox.File, default))!;
        Assert.InRange(told.Modified!.Value.Nanoseconds - nanoseconds, -1_000, 1_000);
        Assert.True(told.MayBeModified(time));
        Assert.False(told.MayBeModified(new Timestamp(nanoseconds + 2_000)));
    }

    [Fact]
    public async Task A_destination_that_keeps_whole_seconds_delivered_the_file_of_that_second()
    {
        await _box.PutStateAsync("target.json", "{'run1.fits': {'path': '/x', 'size': 3, 'mtime': 1740832496, 'atime': 1.5, 'ts': 2.5}}");
        StoreEntry told = (await _box.Open(pushes: true).StatAsync(IngestedBox.File, default))!;
        Assert.True(told.MayBeModified(IngestedBox.Time));
        Assert.False(told.MayBeModified(new Timestamp(IngestedBox.Time.Nanoseconds + 1_000_000_000)));
    }

    [Fact]
    public async Task Entries_and_fields_that_are_not_known_are_kept_as_they_are()
    {
        await _box.PutStateAsync("origin.json", "{'other': [1e3, {'a': 'b'}], '\\udcff': 7, 'run1.fits': {'path': '/was', 'owner': 'me', 'size': 1}}");
        await _box.PutStateAsync("upload.json", "{'odd': 12}");
        await _box.PushAsync("one"u8.ToArray());
        string origin = await _box.TextAsync("origin.json");
        Assert.StartsWith("{\"other\": [1e3, {\"a\": \"b\"}], \"\\udcff\": 7, \"run1.fits\": {", origin.Replace("'", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"size\": 3, ", origin, StringComparison.Ordinal);
        Assert.Contains("\"owner\": \"me\"", origin, StringComparison.Ordinal);
        Assert.StartsWith("{\"odd\": 12, ", await _box.TextAsync("upload.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("origin.json")]
    [InlineData("disassemble.json")]
    [InlineData("upload.json")]
    [InlineData("target.json")]
    public async Task A_state_file_that_cannot_be_read_is_refused_by_name_and_never_overwritten(string file)
    {
        foreach (string broken in (string[])["{'run0.fits': ", "[]", "{} {}", "", "{'a': NaN}"])
        {
            await _box.PutStateAsync(file, broken);
            StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await _box.PushAsync("one"u8.ToArray()));
            Assert.Equal(StoreErrorKind.Integrity, e.Kind);
            Assert.Contains(file, e.Message, StringComparison.Ordinal);
            Assert.Equal(broken.Replace('\'', '"'), await _box.TextAsync(file));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_somebody_else_writes_meanwhile_is_kept_and_so_is_ours(bool isPinned)
    {
        int came = 0;
        var between = new BoxInMemory.Calls
        {
            Before = async call =>
            {
                // Before ours is written where the store holds on to what was read; after it where it cannot.
                if (call.Path == CtaIngestLayout.Upload && call.Verb == (isPinned ? StoreVerb.Write : StoreVerb.Stat) && came++ == (isPinned ? 0 : 1))
                {
                    await _box.PutStateAsync("upload.json", "{'theirs': ['parts/theirs/aa']}");
                }
            },
        };
        IStore inner = isPinned ? _box.Inner : _box.Inner.Without(nameof(IStore.UserMetadata));
        await IngestedBox.PushAsync(_box.Open(pushes: true, between, inner: inner), "one"u8.ToArray());
        Assert.True(came > 0);
        Assert.Equal(["run1.fits", "theirs"], (await _box.StateAsync("upload.json")).Select(one => one.Key).Order());
    }

    [Fact]
    public async Task Changes_that_wait_at_one_moment_go_into_one_write()
    {
        var calls = new BoxInMemory.Calls();
        var states = new CtaIngestStates(new LayeredStore(_box.Inner, calls));
        var gate = new TaskCompletionSource();
        Task first = states.ChangeAsync(CtaIngestLayout.Upload, state => state.Set("first", "[]"u8.ToArray()), default).AsTask();
        await first;
        var holding = new BoxInMemory.Calls { Before = call => call.Verb == StoreVerb.Write ? gate.Task : Task.CompletedTask };
        var held = new CtaIngestStates(new LayeredStore(new LayeredStore(_box.Inner, calls), holding));
        Task[] many = [.. Enumerable.Range(0, 100).Select(i => held.ChangeAsync(CtaIngestLayout.Upload, state => state.Set($"file{i}", "[]"u8.ToArray()), default).AsTask())];
        gate.SetResult();
        await Task.WhenAll(many);
        Assert.Equal(101, (await _box.StateAsync("upload.json")).Count);
        Assert.InRange(calls.Seen.Count(call => call.Verb == StoreVerb.Write), 2, 3);
    }

    [Fact]
    public async Task A_change_that_cannot_be_written_fails_for_all_who_wait_and_is_not_made_later()
    {
        var refusing = new BoxInMemory.Calls { Before = call => call.Verb == StoreVerb.Write ? throw new StoreException(StoreErrorKind.Forbidden, "no") : Task.CompletedTask };
        var states = new CtaIngestStates(new LayeredStore(_box.Inner, refusing));
        Task[] many = [.. Enumerable.Range(0, 5).Select(i => states.ChangeAsync(CtaIngestLayout.Upload, state => state.Set($"file{i}", "[]"u8.ToArray()), default).AsTask())];
        foreach (Task one in many)
        {
            await Assert.ThrowsAsync<StoreException>(() => one);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await states.ChangeAsync(CtaIngestLayout.Target, _ => throw new InvalidOperationException(), default));
        Assert.Empty(await _box.StateAsync("upload.json"));
    }
}
