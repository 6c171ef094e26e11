using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Transfers.Record;
using Godwit.Transfers;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>A run that may not be the only one any more stops, says why, and leaves alone what may be another's.</summary>
public sealed class ClaimTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_claim_that_another_run_took_over_is_told_as_that()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var ledger = new FaultyLedger(trial.Ledger) { Renew = _ => ValueTask.FromResult(false) };
        Assert.Equal([null], await LossesAsync(ledger, 1));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_written_for_a_moment_keeps_the_claim()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        int renewals = 0;
        var ledger = new FaultyLedger(trial.Ledger)
        {
            Renew = _ => ++renewals % 3 == 0 ? ValueTask.FromResult(true) : throw new LedgerException("its disk is full"),
        };
        Assert.Empty(await LossesAsync(ledger, 12));
        Assert.Equal(12, renewals);
    }

    [Fact]
    public async Task A_ledger_that_stays_unwritable_ends_the_claim_with_its_own_words()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var ledger = new FaultyLedger(trial.Ledger) { Renew = _ => throw new LedgerException("its disk is full") };
        Assert.Equal(["its disk is full"], await LossesAsync(ledger, 3));
    }

    [Fact]
    public async Task A_transfer_whose_ledger_stays_unwritable_fails_with_what_is_wrong_with_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var time = new FakeTime();
        var ledger = new FaultyLedger(trial.Ledger) { Renew = _ => throw new LedgerException("its disk is full") };
        await using MemoryStore here = await HoldingAsync(1);
        await using IStore source = Hooked(here, async (call, moment, ct) =>
        {
            if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && moment == CallMoment.Before)
            {
                await WaitOutPatienceAsync(time, ct);
            }
        });
        var tally = new TransferTally();
        var flow = new TransferFlow(ledger, Holder("run"), () => new MemoryStream(), trial, time);
        LedgerException e = await Assert.ThrowsAsync<LedgerException>(
            () => flow.RunAsync(FlowTrial.Request(source, Bucket("there")), tally, default));
        Assert.Equal("its disk is full", e.Message);
        Assert.Equal((StopReason.ClaimLost, "its disk is full"), (trial.Heard<TransferStopping>().Single().Reason, trial.Heard<TransferStopping>().Single().Message));
    }

    [Fact]
    public async Task A_run_that_lost_its_claim_removes_nothing_and_forgets_nothing()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var time = new FakeTime();
        int aborted = 0;
        var ledger = new FaultyLedger(trial.Ledger) { Renew = _ => ValueTask.FromResult(false) };
        await using MemoryStore here = await HoldingAsync(300_000);
        await using MemoryStore there = Bucket("there");
        await using IStore destination = Hooked(there, async (call, moment, ct) =>
        {
            aborted += call.Verb == StoreVerb.AbortParts ? 1 : 0;
            if (call.Verb == StoreVerb.WritePart && moment == CallMoment.After)
            {
                await WaitOutPatienceAsync(time, ct);
            }
        });

        // One part: on any other stop its upload is removed.
        TransferRequest request = FlowTrial.Request(here, destination, new TransferPolicy { Verify = VerifyBy.ReadBack });
        TransferResult result = await new TransferFlow(ledger, Holder("run"), () => new MemoryStream(), trial, time)
            .RunAsync(request, new TransferTally(), default);
        Assert.Equal((TransferOutcome.Error, StopReason.ClaimLost, 0), (result.Outcome, result.Stopped, aborted));
        UnfinishedFile left = Assert.Single(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
        Assert.NotNull(await there.PartedWrite!.ResumeAsync(
            StorePath.FromText("a"), left.Intent.Tag, null, null, WriteOptions.Default, default));
    }

    private static async Task<List<string?>> LossesAsync(ILedger ledger, int renewals)
    {
        var time = new FakeTime();
        var losses = new List<string?>();
        var record = new TransferRecord("id", "copy", "a", "b", "space", StorePath.FromText("b"), default);
        await using (await ClaimKeeper.ClaimAsync(ledger, record, Holder("keeper"), why => losses.Add(why?.Message), time, default))
        {
            for (int i = 0; i < renewals; i++)
            {
                await time.ArmedAsync();
                time.Advance(Patience / 3);
            }

            if (losses.Count == 0)
            {
                await time.ArmedAsync();
            }
        }

        return losses;
    }

    /// <summary>Moves the clock until the claim is lost, which cancels the call.</summary>
    private static async Task WaitOutPatienceAsync(FakeTime time, CancellationToken ct)
    {
        for (int i = 0; i < 3 && !ct.IsCancellationRequested; i++)
        {
            await time.ArmedAsync();
            time.Advance(Patience / 3);
        }

        await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, ct);
    }

    private static RunHolder Holder(string name) => new(name, _ => true, Patience);

    private static MemoryStore Bucket(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10 });

    private static async Task<MemoryStore> HoldingAsync(int length)
    {
        MemoryStore store = Bucket("here");
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await store.WriteAsync(StorePath.FromText("a"), WriteSource.From(new byte[length]), options, default);
        return store;
    }

    private static IStore Hooked(IStore store, Func<StoreCall, CallMoment, CancellationToken, ValueTask> hook) =>
        new LayeredStore(store, new WithToken(hook));

    /// <summary>A hook that hears of the cancellation of its call.</summary>
    private sealed class WithToken(Func<StoreCall, CallMoment, CancellationToken, ValueTask> hook) : IStoreLayer
    {
        public async ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            await hook(call, CallMoment.Before, ct);
            T answer = await next(ct);
            await hook(call, CallMoment.After, ct);
            return answer;
        }

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
