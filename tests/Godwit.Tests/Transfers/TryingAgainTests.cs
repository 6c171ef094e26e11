using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>What a second try of a large file within one run sends, and what it must not go on with.</summary>
public sealed class TryingAgainTests
{
    private const int Part = 64 << 10;
    private const int Parts = 12;

    private static readonly TransferPolicy Twice = new() { PartSize = Part, Parts = 1, Attempts = 2, Verify = VerifyBy.ReadBack };
    private static readonly StorePath Name = StorePath.FromText("big");

    [Fact]
    public async Task A_second_try_sends_only_the_parts_that_are_missing()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(1);
        MemoryStore there = Bucket("there");
        int writes = 0;
        await using IStore destination = Hooked(there, (call, moment) => FailIf(
            call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && Interlocked.Increment(ref writes) == 8, StoreErrorKind.Unavailable));
        TransferResult result = await trial.RunAsync(source, destination, Twice);
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Retries));
        Assert.Equal((Parts * Part, Parts + 1), (result.Totals.SentBytes, writes));
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
    }

    [Fact]
    public async Task A_second_try_sends_only_the_parts_that_neither_the_first_nor_an_earlier_run_sent()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(1);
        MemoryStore there = Bucket("there");
        int writes = 0;
        await using IStore dying = Hooked(there, (call, moment) => call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && ++writes > 5
            ? throw new LedgerException("as if the process died here")
            : ValueTask.CompletedTask);
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, Twice));
        int resumed = 0;
        await using IStore flaky = Hooked(there, (call, moment) => FailIf(
            moment == CallMoment.Before && call.Verb == StoreVerb.ResumeParts && ++resumed == 1, StoreErrorKind.Unavailable));
        TransferResult result = await trial.RunAsync(source, flaky, Twice);
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Retries));
        Assert.Equal((Parts - 5) * Part, result.Totals.SentBytes);
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
    }

    [Fact]
    public async Task A_second_try_of_a_file_that_changed_meanwhile_begins_with_a_new_upload()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        IStore here = await HoldingAsync(1);
        MemoryStore there = Bucket("there");
        int writes = 0;
        int aborted = 0;
        await using IStore destination = Hooked(there, async (call, moment) =>
        {
            aborted += call.Verb == StoreVerb.AbortParts && moment == CallMoment.After ? 1 : 0;
            if (call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && ++writes == 8)
            {
                await here.WriteAsync(Name, Bytes(2, Parts * Part), WriteOptions.Default, default);
                throw new StoreException(StoreErrorKind.Unavailable, "planted");
            }
        });
        TransferResult result = await trial.RunAsync(here, destination, Twice);
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, aborted));
        Assert.Equal(await BytesOfAsync(here), await BytesOfAsync(there));
        Assert.Equal((await here.StatAsync(Name, default))!.Modified, (await there.StatAsync(Name, default))!.Modified);
    }

    [Fact]
    public async Task A_second_try_sends_everything_when_the_bytes_that_arrived_were_wrong()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(1);
        IStore there = Bucket("there", unpublishedRead: true).Without("ArrivalChecksum", "StoredChecksum");
        await using IStore destination = new LayeredStore(there, new FlippingFirst(3));
        TransferResult result = await trial.RunAsync(source, destination, Twice);
        Assert.Equal((TransferOutcome.Success, 2 * Parts * Part), (result.Outcome, result.Totals.SentBytes));
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
    }

    [Fact]
    public async Task A_stop_between_two_tries_keeps_the_parts_for_the_next_run()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync(1);
        MemoryStore there = Bucket("there");
        using var stop = new CancellationTokenSource();
        int writes = 0;
        await using IStore destination = Hooked(there, (call, moment) =>
        {
            if (call.Verb == StoreVerb.ListParts && writes > 0)
            {
                stop.Cancel();
            }

            return FailIf(call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && ++writes == 8, StoreErrorKind.Unavailable);
        });
        Assert.Equal(TransferOutcome.Canceled, (await trial.RunAsync(source, destination, Twice, stop.Token)).Outcome);
        TransferResult next = await trial.RunAsync(source, there, Twice);
        Assert.Equal((TransferOutcome.Success, (Parts - 7) * Part), (next.Outcome, next.Totals.SentBytes));
    }

    private static MemoryStore Bucket(string name, bool unpublishedRead = false) => new(
        new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = Part, UnpublishedRead = unpublishedRead });

    private static async Task<IStore> HoldingAsync(int seed)
    {
        MemoryStore store = Bucket("here");
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await store.WriteAsync(Name, Bytes(seed, Parts * Part), options, default);
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

    private static async Task<byte[]> BytesOfAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Name, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>Flips a byte of one part, the first time it is sent.</summary>
    private sealed class FlippingFirst(int nth) : IStoreLayer
    {
        private int _writes;

        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source)
        {
            if (call.Verb != StoreVerb.WritePart || ++_writes != nth)
            {
                return source;
            }

            byte[] bytes = source.InMemory!.Value.ToArray();
            bytes[0] ^= 1;
            return WriteSource.From(bytes);
        }
    }
}
