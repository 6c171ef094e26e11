using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>What stands at the destination without a proof: never passed over, and never mistaken for somebody else's.</summary>
public sealed class UnprovedTests
{
    private const long Second = 1_000_000_000;

    private static readonly TransferPolicy Once = new() { PartSize = 64 << 10, Attempts = 1 };
    private static readonly StorePath Name = StorePath.FromText("a");

    [Theory]
    [InlineData(CompareBy.Modified, false)]
    [InlineData(CompareBy.Modified, true)]
    [InlineData(CompareBy.Size, true)]
    [InlineData(CompareBy.Exists, true)]
    public async Task A_file_that_stands_unproved_is_proved_even_when_the_source_has_another_version_of_the_same_size(CompareBy compare, bool differs)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Bucket("here");
        await PutAsync(source, 1, 1);
        IStore there = Bucket("there").Without("ArrivalChecksum", "StoredChecksum");
        await PublishUnprovedAsync(trial, source, there);

        // Below the millisecond that the destination keeps: its listing tells no difference.
        await PutAsync(source, differs ? 2 : 1, 2);
        TransferResult next = await trial.RunAsync(source, there, Once with { Compare = compare, Attempts = 2 });
        Assert.Equal((TransferOutcome.Success, 1, 0), (next.Outcome, next.Totals.Delivered, next.Totals.Unchanged));
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
        Assert.Equal(0, (await trial.RunAsync(source, there, Once with { Compare = compare })).Totals.Planned);
    }

    [Fact]
    public async Task A_run_that_filters_an_unproved_file_out_does_not_forget_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Bucket("here");
        await PutAsync(source, 1, 1);
        IStore there = Bucket("there").Without("ArrivalChecksum", "StoredChecksum");
        await PublishUnprovedAsync(trial, source, there);
        TransferRequest filtered = FlowTrial.Request(source, there, Once) with { Filter = new EntryFilter(_ => false, _ => true) };
        Assert.Equal(0, (await trial.RunAsync(filtered)).Totals.Planned);
        TransferResult next = await trial.RunAsync(source, there, Once);
        Assert.Equal((1, 0), (next.Totals.Delivered, next.Totals.SentBytes));
    }

    [Fact]
    public async Task A_run_that_stops_before_an_unproved_file_does_not_forget_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Bucket("here");
        await PutAsync(source, 1, 1);
        IStore there = Bucket("there").Without("ArrivalChecksum", "StoredChecksum");
        await PublishUnprovedAsync(trial, source, there);
        await PutAsync(source, 2, 2);
        await source.WriteAsync(StorePath.FromText("0"), WriteSource.From(new byte[1]), WriteOptions.Default, default);
        TransferResult limited = await trial.RunAsync(source, there, Once with { MaxTransfer = 1 });
        Assert.Equal((2, 1, 0), (limited.Totals.Planned, limited.Totals.NotAttempted, limited.Totals.Unchanged));
        Assert.Equal(1, (await trial.RunAsync(source, there, Once with { Attempts = 2 })).Totals.Delivered);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ArrivalChecksum StoredChecksum PartedWrite")]
    public async Task A_new_file_whose_answer_was_lost_is_delivered_without_overwriting(string without)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Bucket("here");
        await PutAsync(source, 1, 1);
        IStore there = Bucket("there").Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        int writes = 0;
        IStore losing = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.Write && moment == CallMoment.After && ++writes == 1
                ? throw new StoreException(StoreErrorKind.Interrupted, "the answer was lost")
                : ValueTask.CompletedTask));
        await using IStore destination = Repeating(losing);
        TransferResult result = await trial.RunAsync(source, destination, Once with { NoOverwrite = true });
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Delivered));
        Assert.Equal(Verdict.ReadBack, trial.Heard<FileDelivered>().Single().Receipt.Verdict);
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(10)]
    public async Task A_file_of_somebody_else_is_not_taken_for_ours(int length)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Bucket("here");
        await PutAsync(source, 1, 1);
        MemoryStore there = Bucket("there");
        IStore raced = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.Write && moment == CallMoment.Before && await there.StatAsync(Name, default) is null)
            {
                // Nobody can tell whether our write arrived before this one.
                await there.WriteAsync(Name, Bytes(7, length), WriteOptions.Default, default);
                throw new StoreException(StoreErrorKind.Interrupted, "the answer was lost");
            }
        }));
        await using IStore destination = Repeating(raced);
        TransferResult result = await trial.RunAsync(source, destination, Once with { NoOverwrite = true });
        Assert.Equal((0, 1), (result.Totals.Delivered, result.Totals.Failed));
        Assert.Equal("already-exists", trial.Heard<FileFailed>().Single().Failure.Kind);
        Assert.Equal(length, (await there.StatAsync(Name, default))!.Length);
    }

    [Fact]
    public async Task An_upload_whose_publishing_was_not_answered_in_an_earlier_try_leaves_nothing_behind()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Bucket("here");
        await PutAsync(source, 1, 1);
        MemoryStore there = Bucket("there");
        bool isPublished = false;
        bool isAsked = false;
        await using IStore destination = new LayeredStore(there, new AtEachCall((call, moment, _) =>
        {
            bool published = call.Verb == StoreVerb.CompleteParts && moment == CallMoment.After && !isPublished;
            bool asked = call.Verb == StoreVerb.ResumeParts && moment == CallMoment.Before && isPublished && !isAsked;
            (isPublished, isAsked) = (isPublished || published, isAsked || asked);
            return published || asked ? throw new StoreException(StoreErrorKind.Interrupted, "the answer was lost") : ValueTask.CompletedTask;
        }));
        TransferPolicy policy = Once with { NoOverwrite = true, Verify = VerifyBy.ReadBack, Attempts = 2 };
        TransferResult result = await trial.RunAsync(source, destination, policy);
        Assert.Equal((TransferOutcome.Success, 1, 1), (result.Outcome, result.Totals.Delivered, result.Totals.Retries));
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
        string tag = trial.Heard<FileDelivered>().Single().Receipt.Intent.Tag;
        Assert.Null(await there.PartedWrite!.ResumeAsync(Name, tag, null, null, WriteOptions.Default, default));
    }

    private static async Task PublishUnprovedAsync(FlowTrial trial, IStore source, IStore there)
    {
        await using IStore unprovable = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            moment == CallMoment.Before && call.Verb is StoreVerb.OpenRead or StoreVerb.Delete
                ? throw new StoreException(StoreErrorKind.Forbidden, "planted") { Side = StoreSide.Destination }
                : ValueTask.CompletedTask));
        Assert.Equal(1, (await trial.RunAsync(source, unprovable, Once)).Totals.Failed);
        Assert.NotNull(await there.StatAsync(Name, default));
    }

    private static MemoryStore Bucket(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10 });

    private static IStore Repeating(IStore store) => new LayeredStore(
        store, new RetryCalls(new RetryOptions { FirstPause = TimeSpan.FromMilliseconds(1) }, TimeProvider.System));

    private static async Task PutAsync(IStore store, int seed, long nanoseconds)
    {
        var metadata = new WriteMetadata { Modified = new Timestamp((1_700_000_000 * Second) + nanoseconds) };
        await store.WriteAsync(Name, Bytes(seed, 300_000), new WriteOptions { Metadata = metadata }, default);
    }

    private static WriteSource Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return WriteSource.From(bytes);
    }

    private static async Task<byte[]> BytesOfAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Name, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }
}
