using System.Text.Json;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>Every file counts once, and a dry run counts and promises what the run will do.</summary>
public sealed class MoveCountsTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_arrived_and_could_not_be_deleted_counts_once(bool wasThere)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        if (wasThere)
        {
            Assert.Equal(0, (await _folder.CopyAsync()).Code);
        }

        Refuse(StoreVerb.Delete, "a");
        Answer answer = await MoveAsync("--report", _folder.In("report"));
        Assert.Equal(6, answer.Code);
        Assert.Contains("Next: allow this user to delete there", answer.Error, StringComparison.Ordinal);
        JsonElement totals = _folder.Json("report").GetProperty("totals");
        Assert.Equal((wasThere ? 1 : 2, wasThere ? 0 : 1, 1), (Of(totals, "planned"), Of(totals, "delivered"), Of(totals, "failed")));
        Assert.Equal((wasThere ? 1 : 0, 0), (Of(totals, "unchanged"), Of(totals, "not_attempted")));
    }

    [Fact]
    public async Task What_a_guard_kept_is_left_at_the_source()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        Assert.Equal(7, (await MoveAsync("--max-delete", "1", "--report", _folder.In("report"))).Code);
        Assert.Equal(2, _folder.Json("report").GetProperty("left_at_source").GetInt64());
        Assert.Equal(7, (await MoveAsync("--max-delete", "1", "--report", _folder.In("report"))).Code);
        Assert.Equal(2, _folder.Json("report").GetProperty("left_at_source").GetInt64());
    }

    [Fact]
    public async Task A_dry_run_does_not_count_what_cannot_move()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "b", "full"));
        foreach (string verb in (string[])["copy", "move", "sync"])
        {
            Answer answer = await RunAsync(verb, "--dry-run", "--no-overwrite");
            Assert.Equal(6, answer.Code);
            Assert.Contains("would move 1 file, 3 B; 1 file FAILED", answer.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_dry_run_of_a_move_promises_no_directory_that_stays()
    {
        _folder.Put("d/a", "one");
        _folder.Put("e/b", "two");
        Assert.Contains("delete-source-directory", (await MoveAsync("--dry-run")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("delete-source-directory", (await MoveAsync("--dry-run", "--max-delete", "1")).Output, StringComparison.Ordinal);
        Refuse(StoreVerb.List, "e");
        Assert.DoesNotContain("delete-source-directory", (await MoveAsync("--dry-run")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("small-first")]
    [InlineData("name")]
    public async Task A_dry_run_says_where_the_limit_of_bytes_stops(string order)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        _folder.Put("c", "three");
        string[] options = ["--max-transfer", "6", "--order", order];
        Answer dry = await RunAsync("copy", ["--dry-run", .. options]);
        Assert.Equal(8, dry.Code);
        Assert.Contains("would move 2 files, 6 B; 1 would not be begun; would stop: max-transfer", dry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(dry.Output.Split('\n'), line => line.EndsWith(" c", StringComparison.Ordinal));
        Assert.Equal(8, (await RunAsync("copy", options)).Code);
        Assert.Equal(["a", "b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    private static long Of(JsonElement totals, string name) => totals.GetProperty(name).GetInt64();

    private Task<Answer> MoveAsync(params string[] options) => RunAsync("move", options);

    private Task<Answer> RunAsync(string verb, params string[] options) => _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);

    private void Refuse(StoreVerb verb, string path) => _folder.Wiring = _folder.Wiring with
    {
        DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            moment == CallMoment.Before && call.Verb == verb && call.Path == StorePath.FromText(path)
                ? throw new StoreException(StoreErrorKind.Forbidden, $"\"{path}\" is refused.") { Path = call.Path }
                : ValueTask.CompletedTask)),
    };
}
