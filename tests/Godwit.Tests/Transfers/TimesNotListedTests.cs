using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;

namespace Godwit.Tests.Transfers;

/// <summary>Stores whose listings do not show the time of a file, as an object store that keeps it in metadata.</summary>
public sealed class TimesNotListedTests
{
    private static readonly StorePath s_file = StorePath.FromText("directory/file");

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_change_that_only_the_time_shows_is_noticed(bool sourceListsTimes, bool destinationListsTimes)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore here = Bucket("here", sourceListsTimes);
        await using MemoryStore there = Bucket("there", destinationListsTimes);
        await WriteAsync(here, "first", 1_000_000_000);
        Assert.Equal(1, (await trial.RunAsync(here, there)).Totals.Delivered);
        Assert.Equal(1_000_000_000, (await there.StatAsync(s_file, default))!.Modified!.Value.Nanoseconds);
        Assert.Equal(0, (await trial.RunAsync(here, there)).Totals.Planned);
        await WriteAsync(here, "other", 2_000_000_000);
        Assert.Equal([CheckVerdict.Differs], await CheckAsync(here, there));
        Assert.Equal(1, (await trial.RunAsync(here, there)).Totals.Delivered);
        Assert.Equal([CheckVerdict.Match], await CheckAsync(here, there));
        Assert.Equal(2_000_000_000, (await there.StatAsync(s_file, default))!.Modified!.Value.Nanoseconds);
    }

    private static async Task<List<CheckVerdict>> CheckAsync(IStore here, IStore there)
    {
        using var check = new CheckTrees(here, there, new CheckOptions { Compare = CompareBy.Modified }, () => new MemoryStream(), TimeProvider.System);
        var verdicts = new List<CheckVerdict>();
        await foreach (CheckLine line in check.ReadAsync(default))
        {
            verdicts.Add(line.Verdict);
        }

        return verdicts;
    }

    private static async Task WriteAsync(MemoryStore store, string content, long modified) => await store.WriteAsync(
        s_file,
        WriteSource.From(System.Text.Encoding.ASCII.GetBytes(content)),
        new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(modified) } },
        default);

    private static MemoryStore Bucket(string name, bool listsTimes) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { ListingKnowsModified = listsTimes });
}
