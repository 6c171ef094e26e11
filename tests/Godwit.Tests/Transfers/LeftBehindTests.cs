using System.Text;
using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>What becomes of half a file in a directory when the next run is another one: of another route, filter or proof.</summary>
public sealed class LeftBehindTests : IDisposable
{
    private static readonly TransferPolicy s_byParts = new() { PartSize = 1 << 20, Parts = 1, Attempts = 1, Route = RouteChoice.Stream, Verify = VerifyBy.Size };
    private static readonly StorePath s_name = StorePath.FromText("file");

    private readonly string _root = Directory.CreateTempSubdirectory("godwit-left-").FullName;
    private readonly byte[] _bytes = new byte[5 << 20];

    public LeftBehindTests()
    {
        new Random(3).NextBytes(_bytes);
        Directory.CreateDirectory(In("src"));
        Directory.CreateDirectory(In("dst"));
        File.WriteAllBytes(In("src/file"), _bytes);
        File.SetLastWriteTimeUtc(In("src/file"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Where_only_the_size_is_looked_at_parts_of_an_earlier_run_are_sent_again(int failedTries)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await BreakOffAsync(trial);

        // As after a power failure: the ledger was written, the bytes were not.
        string partial = Assert.Single(Directory.GetFiles(In("dst")));
        await File.WriteAllBytesAsync(partial, new byte[new FileInfo(partial).Length]);
        int tries = 0;
        await using var failing = new LayeredStore(Store("dst"), new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.ResumeParts && moment == CallMoment.Before && tries++ < failedTries
                ? throw new StoreException(StoreErrorKind.Unavailable, "not now") : ValueTask.CompletedTask));
        TransferResult result = await trial.RunAsync(Store("src"), failing, s_byParts with { Attempts = 2 });
        Assert.Equal((TransferOutcome.Success, failedTries + 1), (result.Outcome, tries));
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(In("dst/file")));
    }

    [Theory]
    [InlineData(RouteChoice.Server)]
    [InlineData(RouteChoice.Auto)]
    public async Task A_run_that_takes_another_route_leaves_nothing_of_the_first(RouteChoice route)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await BreakOffAsync(trial);
        TransferResult result = await trial.RunAsync(Store("src"), Store("dst"), s_byParts with { Route = route });
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.Equal([In("dst/file")], Directory.GetFiles(In("dst")));
    }

    [Fact]
    public async Task A_run_that_is_about_other_files_leaves_half_a_file_for_the_one_that_wants_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await BreakOffAsync(trial);
        File.WriteAllText(In("src/a.txt"), "x");
        var texts = new EntryFilter(entry => entry.Path.ToString().EndsWith(".txt", StringComparison.Ordinal), _ => true);
        TransferResult other = await trial.RunAsync(FlowTrial.Request(Store("src"), Store("dst"), s_byParts) with { Filter = texts });
        Assert.Equal(1, other.Totals.Delivered);
        Assert.Equal(2, Directory.GetFiles(In("dst")).Length);
        Directory.CreateDirectory(In("other"));
        await trial.RunAsync(Store("other"), Store("dst"), s_byParts);
        Assert.Equal(2, Directory.GetFiles(In("dst")).Length);
        TransferResult result = await trial.RunAsync(Store("src"), Store("dst"), s_byParts with { Verify = VerifyBy.ReadBack });
        Assert.Equal((1L, true), (result.Totals.Delivered, result.Totals.SentBytes < _bytes.Length));
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(In("dst/file")));
    }

    [Fact]
    public async Task What_is_left_of_a_file_that_is_gone_at_the_source_is_removed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await BreakOffAsync(trial);
        File.Delete(In("src/file"));
        await trial.RunAsync(Store("src"), Store("dst"), s_byParts);
        Assert.Empty(Directory.GetFiles(In("dst")));
    }

    private async Task BreakOffAsync(FlowTrial trial)
    {
        using var stop = new CancellationTokenSource();
        int parts = 0;
        var stopping = new LayeredStore(Store("dst"), new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.WritePart && moment == CallMoment.After && ++parts == 3 ? new ValueTask(stop.CancelAsync()) : ValueTask.CompletedTask));
        await trial.RunAsync(Store("src"), stopping, s_byParts, stop.Token);
        Assert.Single(Directory.GetFiles(In("dst")));
        Assert.Single(await trial.Ledger.FindUnfinishedAsync(Store("dst").Identity.Space, default, default));
        Assert.Null(await Store("dst").StatAsync(s_name, default));
    }

    private LocalStore Store(string name) => LocalStore.In(Encoding.UTF8.GetBytes(In(name)));

    private string In(string name) => Path.Combine(_root, name);
}
