using System.Collections.Concurrent;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Transfers.Record;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>The last step of a move and of a sync: only what was just looked at is deleted, and only by the run that holds the claim.</summary>
public sealed class DeletingSourcesTests
{
    private static readonly TransferPolicy s_move = TransferPolicy.Default with { RemoveSource = true, Transfers = 64 };
    private static readonly TransferPolicy s_sync = TransferPolicy.Default with { Removal = new RemovalPolicy { AllowEmptySource = true } };

    private readonly MemorySpace _space = new(TimeProvider.System);

    [Fact]
    public async Task Between_looking_at_a_source_and_deleting_it_stand_at_most_15_others()
    {
        await using MemoryStore here = new(_space, "here"), there = new(_space, "there");
        await PutAsync(here, [.. Enumerable.Range(0, 200).Select(i => $"f{i:D3}")]);
        var steps = new ConcurrentQueue<StoreCall>();
        await using var source = new LayeredStore(here, new AtEachCall((call, moment, _) =>
        {
            if (moment == CallMoment.After && call.Verb is StoreVerb.Stat or StoreVerb.BulkDelete && call.Path.ToString().StartsWith('f'))
            {
                steps.Enqueue(call);
            }

            return ValueTask.CompletedTask;
        }));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(source, there, s_move with { Transfers = 1 });
        Assert.Equal((TransferOutcome.Success, 200L), (result.Outcome, result.Totals.Deleted));
        int[] looked = [.. LookedAtBeforeEachDeletion([.. steps])];
        Assert.Equal(200, looked.Sum());
        Assert.All(looked, files => Assert.InRange(files, 1, 16));
    }

    [Fact]
    public async Task A_source_that_is_replaced_at_the_very_last_stays_where_the_store_deletes_versions()
    {
        byte[] newer = [4, 5];
        await using MemoryStore here = new(_space, "here", new MemoryStoreOptions { VersionedDelete = true }), there = new(_space, "there");
        await PutAsync(here, "a", "b");
        await using var source = new LayeredStore(here, new AtEachCall(async (call, moment, _) =>
        {
            if (moment == CallMoment.Before && call.Verb is StoreVerb.DeleteVersion or StoreVerb.BulkDelete or StoreVerb.Delete
                && call.Path == StorePath.FromText("a"))
            {
                await here.WriteAsync(call.Path, WriteSource.From(newer), WriteOptions.Default, default);
            }
        }));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(source, there, s_move);
        Assert.Equal((TransferOutcome.Partial, 1L), (result.Outcome, result.Totals.Deleted));
        Assert.Equal(newer.Length, (await here.StatAsync(StorePath.FromText("a"), default))?.Length);
        Assert.Null(await here.StatAsync(StorePath.FromText("b"), default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_lost_its_claim_deletes_nothing(bool sync)
    {
        await using MemoryStore here = new(_space, "here"), there = new(_space, "there");
        await PutAsync(sync ? there : here, "a");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var ledger = new FaultyLedger(trial.Ledger) { Renew = _ => ValueTask.FromResult(false) };
        var holder = new RunHolder("run", _ => true, TimeSpan.FromMinutes(10));
        TransferResult result = await new TransferFlow(ledger, holder, () => new MemoryStream(), trial, TimeProvider.System)
            .RunAsync(FlowTrial.Request(here, there, sync ? s_sync : s_move), new TransferTally(), default);
        Assert.Equal((StopReason.ClaimLost, 0L), (result.Stopped, result.Totals.Deleted));
        Assert.NotNull(await (sync ? there : here).StatAsync(StorePath.FromText("a"), default));
    }

    [Fact]
    public async Task A_run_whose_receipt_is_refused_deletes_nothing_and_says_that_its_claim_is_lost()
    {
        await using MemoryStore here = new(_space, "here"), there = new(_space, "there");
        await PutAsync(here, "a");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using var destination = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb is StoreVerb.Write or StoreVerb.CompleteParts && moment == CallMoment.After && call.Path == StorePath.FromText("a"))
            {
                TransferRecord mine = (await trial.Ledger.ListTransfersAsync(1, null, default)).Single();
                var other = new RunHolder("other", _ => true, TimeSpan.FromSeconds(30));
                Assert.Null(await trial.Ledger.BeginTransferAsync(mine with { Id = TransferId.New(TimeProvider.System) }, other, default));
            }
        }));
        TransferResult result = await trial.RunAsync(here, destination, s_move);
        Assert.Equal((TransferOutcome.Error, StopReason.ClaimLost, 0L), (result.Outcome, result.Stopped, result.Totals.Delivered));
        Assert.NotNull(await here.StatAsync(StorePath.FromText("a"), default));
    }

    [Fact]
    public async Task A_link_that_points_elsewhere_since_it_was_read_stays()
    {
        var posix = new MemoryStoreOptions { PosixManners = true };
        await using MemoryStore here = new(_space, "here", posix), there = new(_space, "there", posix);
        var latest = StorePath.FromText("latest");
        await here.Links!.CreateAsync(latest, "v1"u8.ToArray(), WriteOptions.Default, default);
        await using var destination = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.CreateLink && moment == CallMoment.After)
            {
                await here.Links!.CreateAsync(latest, "v2"u8.ToArray(), WriteOptions.Default, default);
            }
        }));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, destination, s_move with { Links = LinkPolicy.Keep });
        Assert.Equal(0, result.Totals.Deleted);
        Assert.Equal("v2"u8.ToArray(), (await here.StatAsync(latest, default))!.LinkTarget!.Value.ToArray());
    }

    [Fact]
    public async Task A_link_that_points_elsewhere_since_the_plan_is_no_extra_to_delete()
    {
        var posix = new MemoryStoreOptions { PosixManners = true };
        await using MemoryStore here = new(_space, "here", posix), there = new(_space, "there", posix);
        var latest = StorePath.FromText("latest");
        await PutAsync(here, "a");
        await there.Links!.CreateAsync(latest, "v1"u8.ToArray(), WriteOptions.Default, default);
        await using var destination = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb is StoreVerb.CompleteParts or StoreVerb.Write && call.Path == StorePath.FromText("a") && moment == CallMoment.After)
            {
                await there.Links!.CreateAsync(latest, "v2"u8.ToArray(), WriteOptions.Default, default);
            }
        }));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, destination, s_sync);
        Assert.Equal(0, result.Totals.Deleted);
        Assert.Equal("v2"u8.ToArray(), (await there.StatAsync(latest, default))!.LinkTarget!.Value.ToArray());
    }

    /// <summary>Only each file's last look counts: files are looked at while they are moved, too.</summary>
    private static IEnumerable<int> LookedAtBeforeEachDeletion(StoreCall[] steps)
    {
        var last = steps.Index().Where(step => step.Item.Verb == StoreVerb.Stat)
            .GroupBy(step => step.Item.Path, (_, looks) => looks.Max(look => look.Index)).ToHashSet();
        int looked = 0;
        foreach ((int at, StoreCall step) in steps.Index())
        {
            looked += last.Contains(at) ? 1 : 0;
            if (step.Verb == StoreVerb.BulkDelete)
            {
                yield return looked;
                looked = 0;
            }
        }
    }

    private static async Task PutAsync(MemoryStore store, params string[] names)
    {
        foreach (string name in names)
        {
            await store.WriteAsync(StorePath.FromText(name), WriteSource.From("content"u8.ToArray()), WriteOptions.Default, default);
        }
    }
}
