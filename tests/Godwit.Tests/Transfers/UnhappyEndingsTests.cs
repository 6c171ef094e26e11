using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>What a transfer leaves behind, and what it must not touch, when a file ends badly.</summary>
public sealed class UnhappyEndingsTests
{
    private static readonly TransferPolicy Once = new() { PartSize = 64 << 10, Attempts = 1 };
    private static readonly string[] ProvesAfterwards = ["ArrivalChecksum", "StoredChecksum"];
    private static readonly StorePath Name = StorePath.FromText("a");

    [Fact]
    public async Task What_somebody_else_put_in_the_place_of_a_published_file_is_not_deleted()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(300_000);
        MemoryStore there = Bucket("there");
        await using IStore destination = Hooked(there.Without(ProvesAfterwards), async (call, moment) =>
        {
            if (call.Verb == StoreVerb.CompleteParts && moment == CallMoment.After)
            {
                await there.WriteAsync(Name, Bytes(2, 300_000), WriteOptions.Default, default);
            }
        });
        TransferResult result = await trial.RunAsync(source, destination, Once);
        Assert.Equal(1, result.Totals.Failed);
        Assert.NotNull(await there.StatAsync(Name, default));
    }

    [Fact]
    public async Task A_published_file_that_could_be_neither_proved_nor_removed_is_proved_by_the_next_run()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(300_000);
        IStore there = Bucket("there").Without(ProvesAfterwards);
        await using IStore destination = Hooked(there, (call, moment) => FailIf(
            moment == CallMoment.Before && call.Verb is StoreVerb.OpenRead or StoreVerb.Delete, StoreErrorKind.Forbidden));
        Assert.Equal(1, (await trial.RunAsync(source, destination, Once)).Totals.Failed);
        Assert.NotNull(await there.StatAsync(Name, default));
        TransferResult next = await trial.RunAsync(source, there, Once);
        Assert.Equal((1, 0), (next.Totals.Delivered, next.Totals.SentBytes));
        Assert.Equal(0, (await trial.RunAsync(source, there, Once)).Totals.Planned);
    }

    [Fact]
    public async Task A_stop_before_a_large_file_is_taken_up_again_keeps_what_the_earlier_run_sent()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(40 * (64 << 10));
        MemoryStore there = Bucket("there");
        TransferPolicy policy = Once with { Verify = VerifyBy.ReadBack };
        await using IStore dying = Hooked(there, (call, moment) => call.Verb == StoreVerb.CompleteParts && moment == CallMoment.Before
            ? throw new LedgerException("as if the process died here")
            : ValueTask.CompletedTask);
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, policy));
        foreach (StoreVerb when in new[] { StoreVerb.ResumeParts, StoreVerb.ListParts })
        {
            using var stop = new CancellationTokenSource();
            await using IStore stopping = Hooked(there, async (call, moment) =>
            {
                if (call.Verb == when && moment == CallMoment.Before)
                {
                    await stop.CancelAsync();
                }
            });
            Assert.Equal(TransferOutcome.Canceled, (await trial.RunAsync(source, stopping, policy, stop.Token)).Outcome);
        }

        TransferResult result = await trial.RunAsync(source, there, policy);
        Assert.Equal((1, 0), (result.Totals.Delivered, result.Totals.SentBytes));
    }

    [Fact]
    public async Task A_file_whose_place_cannot_be_looked_at_again_does_not_stop_the_others()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(10);
        await source.WriteAsync(StorePath.FromText("b"), Bytes(2, 10), WriteOptions.Default, default);
        await using IStore destination = Hooked(Bucket("there"), (call, moment) => FailIf(
            moment == CallMoment.Before && call.Verb is StoreVerb.Write or StoreVerb.Stat && call.Path == Name, StoreErrorKind.Unavailable));
        TransferResult result = await trial.RunAsync(source, destination, Once with { Attempts = 2 });
        Assert.Equal((TransferOutcome.Partial, 1, 1), (result.Outcome, result.Totals.Delivered, result.Totals.Failed));
    }

    [Fact]
    public async Task A_file_that_got_an_extra_byte_in_the_store_is_not_delivered()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(100);
        MemoryStore there = Bucket("there");
        await using IStore destination = Hooked(there.Without([.. ProvesAfterwards, "PartedWrite"]), async (call, moment) =>
        {
            if (call.Verb == StoreVerb.Write && moment == CallMoment.After)
            {
                await there.WriteAsync(Name, Bytes(1, 101), WriteOptions.Default, default);
            }
        });
        TransferResult result = await trial.RunAsync(source, destination, Once);
        Assert.Equal((0, 1), (result.Totals.Delivered, result.Totals.Failed));
    }

    [Fact]
    public async Task A_large_file_whose_proof_broke_off_after_publishing_is_tried_again()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(300_000);
        int reads = 0;
        await using IStore destination = Hooked(Bucket("there").Without(ProvesAfterwards), (call, moment) => FailIf(
            moment == CallMoment.Before && call.Verb == StoreVerb.OpenRead && Interlocked.Increment(ref reads) == 1, StoreErrorKind.Unavailable));
        TransferResult result = await trial.RunAsync(source, destination, Once with { Attempts = 2 });
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Retries));
    }

    [Fact]
    public async Task An_upload_whose_beginning_was_never_answered_is_removed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(300_000);
        int aborted = 0;
        await using IStore destination = Hooked(Bucket("there").Without(ProvesAfterwards), (call, moment) =>
        {
            aborted += call.Verb == StoreVerb.AbortParts && moment == CallMoment.After ? 1 : 0;
            return FailIf(call.Verb == StoreVerb.BeginParts && moment == CallMoment.After, StoreErrorKind.Forbidden);
        });
        Assert.Equal(1, (await trial.RunAsync(source, destination, Once)).Totals.Failed);
        Assert.Equal(1, aborted);
    }

    [Fact]
    public async Task An_upload_that_cannot_be_removed_now_is_removed_by_the_next_run()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(300_000);
        MemoryStore there = Bucket("there");
        await using IStore destination = Hooked(there, (call, moment) => FailIf(
            moment == CallMoment.Before && call.Verb is StoreVerb.WritePart or StoreVerb.AbortParts, StoreErrorKind.Forbidden));
        Assert.Equal(1, (await trial.RunAsync(source, destination, Once with { Verify = VerifyBy.ReadBack })).Totals.Failed);
        await source.DeleteAsync(Name, default);
        await trial.RunAsync(source, there, Once);
        Assert.Single(trial.Heard<LeftoverRemoved>());
    }

    [Fact]
    public async Task What_was_left_of_a_file_that_turns_out_to_be_there_is_removed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(300_000);
        MemoryStore there = Bucket("there");
        await using IStore dying = Hooked(there, (call, moment) => call.Verb == StoreVerb.CompleteParts && moment == CallMoment.Before
            ? throw new LedgerException("as if the process died here")
            : ValueTask.CompletedTask);
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, Once with { Verify = VerifyBy.ReadBack }));
        UnfinishedFile left = Assert.Single(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
        await there.WriteAsync(Name, Bytes(1, 300_000), WriteOptions.Default, default);
        TransferResult result = await trial.RunAsync(source, there, Once with { Compare = CompareBy.Checksum });
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Unchanged));
        Assert.Null(await there.PartedWrite!.ResumeAsync(Name, left.Intent.Tag, left.UploadId, null, WriteOptions.Default, default));
        Assert.Empty(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
    }

    [Fact]
    public async Task By_the_ledger_a_file_is_moved_again_after_another_source_was_delivered_over_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore first = await HoldingAsync(100);
        await using IStore second = Bucket("elsewhere");
        await second.WriteAsync(Name, Bytes(2, 100), WriteOptions.Default, default);
        await using IStore there = Bucket("there");
        await trial.RunAsync(first, there);
        await trial.RunAsync(second, there, new TransferPolicy { Compare = CompareBy.Always });
        TransferResult again = await trial.RunAsync(first, there, new TransferPolicy { Compare = CompareBy.Ledger });
        Assert.Equal((1, 0), (again.Totals.Delivered, again.Totals.Unchanged));
    }

    [Theory]
    [InlineData(RouteChoice.Auto, 1)]
    [InlineData(RouteChoice.Server, 0)]
    public async Task A_server_copy_that_turns_out_to_be_impossible_goes_through_here_unless_it_was_asked_for(RouteChoice route, long delivered)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var space = new MemorySpace(TimeProvider.System);
        await using var here = new MemoryStore(space, "here", new MemoryStoreOptions { MinPartBytes = 64 << 10 });
        await here.WriteAsync(Name, Bytes(1, 300_000), WriteOptions.Default, default);
        await using var there = new MemoryStore(space, "there", new MemoryStoreOptions { MinPartBytes = 64 << 10 });
        await using IStore unable = Hooked(there, (call, moment) => FailIf(
            call.Verb == StoreVerb.ServerCopy && moment == CallMoment.Before, StoreErrorKind.Unsupported));
        TransferResult result = await trial.RunAsync(here, unable, Once with { Verify = VerifyBy.Size, Route = route });
        Assert.Equal((delivered, 1 - delivered), (result.Totals.Delivered, result.Totals.Failed));
    }

    private static MemoryStore Bucket(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10 });

    private static async Task<IStore> HoldingAsync(int length)
    {
        MemoryStore store = Bucket("here");
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await store.WriteAsync(Name, Bytes(1, length), options, default);
        return store;
    }

    private static IStore Hooked(IStore store, Func<StoreCall, CallMoment, ValueTask> hook) =>
        new LayeredStore(store, new AtEachCall((call, moment, _) => hook(call, moment)));

    private static ValueTask FailIf(bool fails, StoreErrorKind kind) => fails
        ? throw new StoreException(kind, "planted") { Side = StoreSide.Destination }
        : ValueTask.CompletedTask;

    private static WriteSource Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return WriteSource.From(bytes);
    }
}
