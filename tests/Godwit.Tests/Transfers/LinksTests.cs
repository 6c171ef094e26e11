using System.Text;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>Links that are kept end like files: with an outcome and evidence, and not after a stop.</summary>
public sealed class LinksTests
{
    private static readonly TransferPolicy Keep = new() { Links = LinkPolicy.Keep };

    [Fact]
    public async Task A_link_that_was_made_has_a_receipt_and_leaves_nothing_under_way()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await HoldingAsync("a", "b");
        await using MemoryStore there = Tree("there");
        TransferRequest request = FlowTrial.Request(source, there, Keep);
        TransferResult result = await trial.RunAsync(request);
        Assert.Equal((TransferOutcome.Success, 2), (result.Outcome, result.Totals.Delivered));
        IReadOnlyList<Receipt> receipts = await trial.Ledger.ListDeliveredAsync(request.Id, null, 10, default);
        Assert.Equal(["link:target of a", "link:target of b"], receipts.Select(receipt => receipt.Intent.SourceVersion));
        Assert.All(receipts, receipt => Assert.Equal((Verdict.ReadBack, Receipt.LinkRoute, 0), (receipt.Verdict, receipt.Route, receipt.Checksums.Count)));
        Assert.Equal(2, trial.Heard<FileDelivered>().Count());
        Assert.Empty(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
    }

    [Theory]
    [InlineData(CompareBy.Modified)]
    [InlineData(CompareBy.Ledger)]
    public async Task A_link_is_made_again_only_when_it_points_elsewhere(CompareBy compare)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await HoldingAsync("a", "b");
        await using MemoryStore there = Tree("there");
        TransferPolicy policy = Keep with { Compare = compare };
        await trial.RunAsync(source, there, policy);
        await LinkAsync(source, "b", "elsewhere");
        TransferResult again = await trial.RunAsync(source, there, policy);
        Assert.Equal((1, 1, 1), (again.Totals.Planned, again.Totals.Delivered, again.Totals.Unchanged));
        Assert.Equal("elsewhere", await TargetAsync(there, "b"));
    }

    [Fact]
    public async Task After_a_stop_neither_a_link_nor_a_directory_is_made()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await HoldingAsync("y");
        await source.WriteAsync(StorePath.FromText("0"), WriteSource.From(new byte[1]), WriteOptions.Default, default);
        await source.WriteAsync(StorePath.FromText("a"), WriteSource.From(new byte[100]), WriteOptions.Default, default);
        await source.Directories!.CreateAsync(StorePath.FromText("z"), default);
        await using MemoryStore there = Tree("there");
        TransferResult result = await trial.RunAsync(source, there, Keep with { MaxTransfer = 10 });
        Assert.Equal((StopReason.MaxTransfer, 3, 2), (result.Stopped, result.Totals.Planned, result.Totals.NotAttempted));
        Assert.Equal(0, result.Totals.Directories);
        Assert.Equal("0", Assert.Single((await there.ListAsync(StorePath.Root, null, default)).Entries).Path.ToString());
    }

    [Fact]
    public async Task A_link_whose_receipt_was_lost_is_proved_by_the_next_run()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await HoldingAsync("a");
        await using MemoryStore there = Tree("there");
        await using IStore dying = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.CreateLink && moment == CallMoment.After
                ? throw new LedgerException("as if the process died here")
                : ValueTask.CompletedTask));
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, Keep));
        TransferRequest next = FlowTrial.Request(source, there, Keep);
        TransferResult result = await trial.RunAsync(next);
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Delivered));
        Assert.Single(await trial.Ledger.ListDeliveredAsync(next.Id, null, 10, default));
        Assert.Equal(0, (await trial.RunAsync(source, there, Keep)).Totals.Planned);
    }

    [Fact]
    public async Task A_link_that_somebody_replaced_before_it_was_proved_is_not_delivered_and_not_removed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await HoldingAsync("a");
        await using MemoryStore there = Tree("there");
        await using IStore shared = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.CreateLink && moment == CallMoment.After)
            {
                await LinkAsync(there, "a", "of somebody else");
            }
        }));
        TransferResult result = await trial.RunAsync(source, shared, Keep with { Attempts = 1 });
        Assert.Equal((TransferOutcome.Error, 1), (result.Outcome, result.Totals.Failed));
        Assert.Equal("of somebody else", await TargetAsync(there, "a"));
    }

    [Fact]
    public async Task A_destination_without_links_says_so_of_each()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await HoldingAsync("a");
        await using IStore there = new MemoryStore(new MemorySpace(TimeProvider.System), "bucket");
        TransferResult result = await trial.RunAsync(source, there, Keep);
        FileFailed failed = Assert.Single(trial.Heard<FileFailed>());
        Assert.Equal(("unsupported", StoreSide.Destination, false), (failed.Failure.Kind, failed.Failure.Side, failed.Failure.MayPass));
        Assert.Equal(1, result.Totals.Failed);
        Assert.Empty(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
    }

    private static MemoryStore Tree(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { PosixManners = true, UnpublishedRead = true });

    private static async Task<MemoryStore> HoldingAsync(params string[] links)
    {
        MemoryStore store = Tree("here");
        foreach (string link in links)
        {
            await LinkAsync(store, link, "target of " + link);
        }

        return store;
    }

    private static ValueTask<StoreEntry> LinkAsync(MemoryStore store, string path, string target)
    {
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        return store.Links!.CreateAsync(StorePath.FromText(path), Encoding.UTF8.GetBytes(target), options, default);
    }

    private static async Task<string> TargetAsync(MemoryStore store, string path) =>
        Encoding.UTF8.GetString((await store.StatAsync(StorePath.FromText(path), default))!.LinkTarget!.Value.Span);
}
