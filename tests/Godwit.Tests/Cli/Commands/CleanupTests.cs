using System.Text.Json;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

/// <summary><c>godwit cleanup</c> on directories.</summary>
public sealed class CleanupTests : IDisposable
{
    private readonly FilesFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_stopped_copy_left_half_written_is_listed_and_removed()
    {
        await StopHalfwayAsync();
        string left = Assert.Single(Directory.GetFiles(_folder.In("dst")));
        Said listed = await CleanupAsync();
        Assert.Equal(0, listed.Code);
        Assert.StartsWith("stale ", listed.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" large", listed.Lines[0], StringComparison.Ordinal);
        Assert.Equal("uploads under way: 1 stale; --abort removes them (", listed.Lines[1][..50]);
        JsonElement line = JsonDocument.Parse((await CleanupAsync("--json", "--older-than", "1h")).Lines[0]).RootElement;
        Assert.Equal(("large", "young"), (line.GetProperty("path").GetString(), line.GetProperty("state").GetString()));
        Assert.True(line.GetProperty("bytes").GetInt64() >= 128 << 10);
        Assert.True(File.Exists(left));

        Said removed = await CleanupAsync("--abort");
        Assert.StartsWith("removed ", removed.Lines[0], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.In("dst")));
        Assert.Equal(["uploads under way: none"], (await CleanupAsync("--abort")).Lines);
    }

    [Fact]
    public async Task Another_state_directory_knows_of_nothing_and_a_missing_directory_is_3()
    {
        await StopHalfwayAsync();
        Said other = await _folder.RunAsync("cleanup", _folder.In("dst"), "--abort", "--state", _folder.In("other"));
        Assert.Equal(["uploads under way: none"], other.Lines);
        Assert.Single(Directory.GetFiles(_folder.In("dst")));
        Assert.False(Directory.Exists(_folder.In("other")));
        Assert.Equal(3, (await _folder.RunAsync("cleanup", _folder.In("gone"), "--state", _folder.In("state"))).Code);
    }

    private Task<Said> CleanupAsync(params string[] options) =>
        _folder.RunAsync(["cleanup", _folder.In("dst"), .. options, "--state", _folder.In("state")]);

    /// <summary>A copy whose third part cannot be written, for a reason that may pass: what it wrote stays for the next run.</summary>
    private async Task StopHalfwayAsync()
    {
        _folder.Put("src/large", new string('x', 1 << 20));
        int parts = 0;
        _folder.DressStore = (store, side) => side == StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && Interlocked.Increment(ref parts) > 2
                ? throw new StoreException(StoreErrorKind.Unavailable, "broken by the test") { Path = call.Path } : ValueTask.CompletedTask));
        Said copy = await _folder.RunAsync(
            "copy", _folder.In("src"), _folder.In("dst"), "--state", _folder.In("state"), "--part-size", "64KiB", "--parts", "1", "--quiet");
        Assert.Equal(5, copy.Code);
        _folder.DressStore = (store, _) => store;
    }
}
