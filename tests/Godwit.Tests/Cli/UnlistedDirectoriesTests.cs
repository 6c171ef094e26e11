using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>A directory of the source that cannot be listed: what is told of it, and how its files are taken up again.</summary>
public sealed class UnlistedDirectoriesTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public UnlistedDirectoriesTests()
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        _folder.Put("d/e/c", "three");
        _folder.Put("d e", "four");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("copy")]
    [InlineData("sync")]
    [InlineData("move")]
    public async Task A_directory_that_could_not_be_listed_comes_back_with_all_that_is_in_it(string verb)
    {
        RefuseToList("d");
        Assert.Equal(6, (await RunAsync(verb, "--failed", _folder.In("failed"))).Code);
        Assert.Equal("d\n", File.ReadAllText(_folder.In("failed")));
        Assert.Equal(["a", "d e"], CommandLineFolder.Tree(_folder.Destination).Keys);
        _folder.Wiring = _folder.Wiring with { DressStore = (store, _) => store };
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "d"));
        File.WriteAllText(Path.Combine(_folder.Destination, "d", "only here"), "x");
        Answer again = await RunAsync(verb, "--files-from", _folder.In("failed"));
        Assert.True(again.Code == 0, again.Error);
        Assert.Contains("2 of 2 files delivered", again.Output, StringComparison.Ordinal);
        Assert.Equal(["a", "d e", "d/b", "d/e/c", "d/only here"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(verb != "move", Directory.Exists(Path.Combine(_folder.Source, "d")));
        Answer third = await RunAsync(verb, "--files-from", _folder.In("failed"));
        Assert.Contains(verb == "move" ? "1 file FAILED" : "2 unchanged", third.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_directory_that_is_listed_is_there()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Source, "empty"));
        File.WriteAllText(_folder.In("list"), "empty\nd\n");
        Answer answer = await RunAsync("copy", "--files-from", _folder.In("list"), "--max-depth", "1");
        Assert.True(answer.Code == 0, answer.Error);
        answer = await _folder.RunAsync(["copy", _folder.Source, _folder.Destination, "--files-from", _folder.In("list"), "--exclude", "b"]);
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Equal(["d/e/c"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    private Task<Answer> RunAsync(string verb, params string[] options) => _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);

    private void RefuseToList(string directory) => _folder.Wiring = _folder.Wiring with
    {
        DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            moment == CallMoment.Before && call.Verb == StoreVerb.List && call.Path == StorePath.FromText(directory)
                ? throw new StoreException(StoreErrorKind.Forbidden, $"\"{directory}\" could not be listed.") { Path = call.Path }
                : ValueTask.CompletedTask)),
    };
}
