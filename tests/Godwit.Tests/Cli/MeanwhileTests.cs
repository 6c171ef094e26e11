using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>What others do at the destination while a run goes on.</summary>
public sealed class MeanwhileTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public MeanwhileTests()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");

        // A time that the runtime can give to a file as it is: it knows no nanoseconds.
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Source, "b"), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("copy", "mtime", "two", true, 0)]
    [InlineData("copy", "mtime", "two", false, 6)]
    [InlineData("copy", "size", "six", false, 0)]
    [InlineData("copy", "checksum", "two", false, 0)]
    [InlineData("copy", "checksum", "six", true, 6)]
    [InlineData("move", "mtime", "two", true, 0)]
    [InlineData("move", "mtime", "six", true, 6)]
    [InlineData("move", "size", "six", false, 6)]
    public async Task What_another_run_delivered_meanwhile_is_compared_as_a_plan_would(string verb, string compare, string content, bool sameTime, int code)
    {
        string there = Path.Combine(_folder.Destination, "b");
        string source = Path.Combine(_folder.Source, "b");
        AtWriteOf("b", () =>
        {
            Directory.CreateDirectory(_folder.Destination);
            File.WriteAllText(there, content);
            File.SetLastWriteTimeUtc(there, sameTime ? File.GetLastWriteTimeUtc(source) : DateTime.UnixEpoch);
        });
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, "--compare", compare]);
        Assert.True(answer.Code == code, answer.Error);
        Assert.Contains(code == 0 ? "1 of 1 file delivered" : "1 of 2 files delivered", answer.Output, StringComparison.Ordinal);
        Assert.Equal(code == 0, answer.Output.Contains("1 unchanged", StringComparison.Ordinal));
        Assert.Equal(content, File.ReadAllText(there));
        Assert.Equal(verb == "copy" || code != 0, File.Exists(source));
        Assert.Equal(["a", "b"], Directory.EnumerateFileSystemEntries(_folder.Destination).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_destination_that_is_taken_away_is_worth_another_run()
    {
        Directory.CreateDirectory(_folder.Destination);
        AtWriteOf("b", () => Directory.Delete(_folder.Destination, recursive: true));
        Answer answer = await _folder.CopyAsync("--transfers", "1");
        Assert.True(answer.Code == 5, answer.Error);
        _folder.Wiring = _folder.Wiring with { DressStore = (store, _) => store };
        Answer again = await _folder.CopyAsync();
        Assert.True(again.Code == 0, again.Error);
        Assert.Equal(["a", "b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("d")]
    [InlineData("a")]
    public async Task By_the_ledger_a_pipe_in_the_way_is_told_as_without_it(string place)
    {
        _folder.Put("d/e/f", "three");
        Directory.CreateDirectory(_folder.Destination);
        System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder.Destination, place)]).WaitForExit();
        Answer plain = await _folder.CopyAsync();
        Answer byLedger = await _folder.CopyAsync("--compare", "ledger");
        Assert.Equal((6, 6), (plain.Code, byLedger.Code));
        Assert.Equal(Failures(plain), Failures(byLedger));
    }

    private static IEnumerable<string> Failures(Answer answer) =>
        answer.Error.Replace(", 2 attempts", "", StringComparison.Ordinal).Split('\n').Order(StringComparer.Ordinal);

    private void AtWriteOf(string path, Action happens) => _folder.Wiring = _folder.Wiring with
    {
        DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
        {
            if (moment == CallMoment.Before && call.Path == StorePath.FromText(path) && call.Verb is StoreVerb.Write or StoreVerb.CompleteParts or StoreVerb.ServerCopy)
            {
                happens();
            }

            return ValueTask.CompletedTask;
        })),
    };
}
