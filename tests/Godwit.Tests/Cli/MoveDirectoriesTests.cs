using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>Directories of the source after a <c>move</c>: those that are empty then go, as far as the destination has them.</summary>
public sealed class MoveDirectoriesTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_move_emptied_and_what_was_empty_goes_and_the_root_stays()
    {
        _folder.Put("a/b/c", "one");
        _folder.Put("top", "one");
        Make("empty/in/side");
        Answer dry = await MoveAsync("--dry-run");
        Assert.Equal(
            ["a", "a/b", "empty", "empty/in", "empty/in/side"],
            dry.Output.Split('\n').Where(line => line.StartsWith("would delete-source-directory ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[2]).Order(StringComparer.Ordinal));
        Assert.Equal(["a", "a/b", "empty", "empty/in", "empty/in/side"], Directories(_folder.Source));
        Answer answer = await MoveAsync("--json");
        Assert.Equal(0, answer.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Source));
        Assert.True(Directory.Exists(Path.Combine(_folder.Destination, "empty/in/side")));
        Assert.Equal(5, answer.Events.Count(one =>
            one.GetProperty("event").GetString() == "source.deleted" && one.GetProperty("kind").GetString() == "directory"));
        Assert.Equal(2, answer.Events[^1].GetProperty("totals").GetProperty("deleted").GetInt64());
    }

    [Fact]
    public async Task A_directory_that_keeps_anything_stays()
    {
        _folder.Put("excluded/keep.log", "one");
        _folder.Put("excluded/a", "one");
        _folder.Put("linked/a", "one");
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "linked/l"), "a");
        _folder.Put("there/a", "one");
        PutThere("there/a", "theirs");
        Assert.Equal(0, (await MoveAsync("--no-overwrite", "--exclude", "*.log")).Code);
        Assert.Equal(["excluded", "linked", "there"], Directories(_folder.Source));
    }

    [Fact]
    public async Task With_a_filter_only_directories_go_that_files_were_taken_out_of()
    {
        _folder.Put("a/x", "one");
        Make("spool");
        Make("b/inbox");
        PutThere("spool/x", "there already");
        Assert.DoesNotContain("spool", (await MoveAsync("--exclude", "*.log", "--dry-run")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await MoveAsync("--exclude", "*.log")).Code);
        Assert.Equal(["b", "b/inbox", "spool"], Directories(_folder.Source));
    }

    [Fact]
    public async Task A_directory_made_a_moment_ago_stays_with_stable_for_and_all_with_keep_directories()
    {
        _folder.Put("a/x", "one");
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Source, "a/x"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        Directory.SetLastWriteTimeUtc(Path.Combine(_folder.Source, "a"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        Make("fresh");
        Assert.Equal(0, (await MoveAsync("--keep-directories")).Code);
        Assert.Equal(["a", "fresh"], Directories(_folder.Source));
        Directory.SetLastWriteTimeUtc(Path.Combine(_folder.Source, "a"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        Assert.Equal(0, (await MoveAsync("--stable-for", "1h")).Code);
        Assert.Equal(["fresh"], Directories(_folder.Source));
    }

    [Fact]
    public async Task What_was_written_meanwhile_and_what_the_destination_lacks_stays()
    {
        _folder.Put("a/x", "one");
        _folder.Put("b/x", "one");
        Make("c");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                if (side == StoreSide.Source && moment == CallMoment.After && call.Verb == StoreVerb.Delete && call.Path == StorePath.FromText("a/x"))
                {
                    _folder.Put("a/new", "one");
                }

                return side == StoreSide.Destination && moment == CallMoment.Before && call.Verb == StoreVerb.CreateDirectory
                    && call.Path == StorePath.FromText("c")
                    ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = call.Path }
                    : ValueTask.CompletedTask;
            })),
        };
        Assert.Equal(6, (await MoveAsync()).Code);
        Assert.Equal(["a", "c"], Directories(_folder.Source));
    }

    private void Make(string name) => Directory.CreateDirectory(Path.Combine(_folder.Source, name));

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private static string[] Directories(string root) =>
        [.. Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal)];

    private Task<Answer> MoveAsync(params string[] options) => _folder.RunAsync(["move", _folder.Source, _folder.Destination, .. options]);
}
