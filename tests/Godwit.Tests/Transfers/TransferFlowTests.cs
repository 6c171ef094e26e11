using System.Security.Cryptography;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>The whole flow between two memory stores with an object store's manners.</summary>
public sealed class TransferFlowTests
{
    private static readonly TransferPolicy SmallParts = new() { PartSize = 64 << 10 };

    [Theory]
    [InlineData("")]
    [InlineData("PartedWrite")]
    [InlineData("ArrivalChecksum")]
    [InlineData("ArrivalChecksum StoredChecksum")]
    [InlineData("FlatListing RangedRead")]
    public async Task Every_file_arrives_with_a_verdict_and_a_receipt(string without)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        string[] missing = without.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IStore here = await TreeAsync();
        IStore there = Bucket("there");
        await using IStore source = here.Without([.. missing.Where(name => name is "FlatListing" or "RangedRead")]);
        await using IStore destination = there.Without(missing);
        TransferResult result = await trial.RunAsync(source, destination, SmallParts);
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.Equal(result.Totals.Planned, result.Totals.Delivered);
        Assert.Equal(result.Totals.Planned, trial.Heard<FileDelivered>().Count());
        Assert.DoesNotContain(trial.Heard<FileDelivered>(), file => file.Receipt.Verdict == Verdict.SizeOnly);
        await RequireSameAsync(here, there);
        TransferResult again = await trial.RunAsync(source, destination, SmallParts);
        Assert.Equal((0, result.Totals.Planned), (again.Totals.Planned, again.Totals.Unchanged));
    }

    [Theory]
    [InlineData("ArrivalChecksum")]
    [InlineData("")]
    public async Task A_byte_flipped_on_the_way_to_the_store_is_noticed(string without)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await TreeAsync();
        IStore backend = Bucket("there").Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var faults = new FaultyLayer(Faults(StoreFault.FlippedSource), TimeProvider.System);
        await using IStore destination = new LayeredStore(backend, faults);
        TransferResult result = await trial.RunAsync(source, destination, SmallParts);
        Assert.NotEmpty(faults.Hits);
        await RequireOnlyTrueFilesAsync(source, backend, result);
    }

    [Fact]
    public async Task A_byte_flipped_on_the_way_from_the_source_is_noticed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        IStore backend = await TreeAsync();
        var faults = new FaultyLayer(Faults(StoreFault.FlippedBody), TimeProvider.System);
        await using IStore source = new LayeredStore(backend, faults);
        await using IStore destination = Bucket("there");
        TransferResult result = await trial.RunAsync(source, destination, SmallParts with { PartSize = null });
        Assert.NotEmpty(faults.Hits);
        await RequireOnlyTrueFilesAsync(backend, destination, result);
    }

    [Fact]
    public async Task Cut_bodies_and_lost_answers_cost_time_and_nothing_else()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        IStore here = await TreeAsync();
        IStore there = Bucket("there");
        await using IStore source = Layered(here, new FaultyLayer(Faults(StoreFault.CutBody, StoreFault.Error), TimeProvider.System));
        await using IStore destination = Layered(there, new FaultyLayer(Faults(StoreFault.LostAnswer, StoreFault.Error), TimeProvider.System));
        TransferResult result = await trial.RunAsync(source, destination, SmallParts with { Attempts = 8 });
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        await RequireSameAsync(here, there);
    }

    [Fact]
    public async Task A_source_that_is_rewritten_while_it_is_read_is_never_delivered_as_a_mixture()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        MemoryStore here = Bucket("here");
        var path = StorePath.FromText("growing");
        await here.WriteAsync(path, Bytes(1, 300_000), WriteOptions.Default, default);
        int reads = 0;
        await using IStore source = new LayeredStore(here, new AtEachCall(async (call, moment, _) =>
        {
            // The same length every time: only the version tells.
            if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && moment == CallMoment.After && Interlocked.Increment(ref reads) <= 2)
            {
                await here.WriteAsync(path, Bytes(1 + reads, 300_000), WriteOptions.Default, default);
            }
        }));
        await using IStore destination = Bucket("there");
        TransferResult result = await trial.RunAsync(source, destination, SmallParts with { Attempts = 5, Parts = 1 });
        Assert.Contains(trial.Heard<FileRetried>(), retried => retried.Failure.Kind == "source-changed");
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        await RequireSameAsync(here, destination);
    }

    [Fact]
    public async Task A_source_that_is_to_rest_first_is_not_tried_again_when_it_did_not()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        MemoryStore here = Bucket("here");
        var path = StorePath.FromText("growing");
        var old = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await here.WriteAsync(path, Bytes(1, 300_000), old, default);
        int reads = 0;
        await using IStore source = new LayeredStore(here, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && moment == CallMoment.After && Interlocked.Increment(ref reads) == 1)
            {
                await here.WriteAsync(path, Bytes(2, 300_000), WriteOptions.Default, default);
            }
        }));
        await using MemoryStore destination = Bucket("there");
        TransferResult result = await trial.RunAsync(source, destination, SmallParts with { Attempts = 5, Parts = 1, StableFor = TimeSpan.FromMinutes(1) });
        Assert.Equal((0L, 1L, 0L), (result.Totals.Delivered, result.Totals.Failed, result.Totals.Retries));
        Assert.Null(await destination.StatAsync(path, default));
    }

    [Fact]
    public async Task A_source_that_never_rests_is_reported_and_nothing_stays_behind()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        MemoryStore here = Bucket("here");
        var path = StorePath.FromText("restless");
        await here.WriteAsync(path, Bytes(1, 300_000), WriteOptions.Default, default);
        int reads = 0;
        await using IStore source = new LayeredStore(here, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && moment == CallMoment.Before)
            {
                await here.WriteAsync(path, Bytes(Interlocked.Increment(ref reads), 300_000), WriteOptions.Default, default);
            }
        }));
        await using MemoryStore destination = Bucket("there");
        TransferResult result = await trial.RunAsync(source, destination, SmallParts);
        Assert.Equal(TransferOutcome.Error, result.Outcome);
        FileFailed failed = Assert.Single(trial.Heard<FileFailed>());
        Assert.Equal(("source-changed", StoreSide.Source, true), (failed.Failure.Kind, failed.Failure.Side, failed.Failure.MayPass));
        Assert.Null(await destination.StatAsync(path, default));
        Assert.Empty(await trial.Ledger.FindUnfinishedAsync(destination.Identity.Space, destination.Identity.Root, default));
    }

    [Fact]
    public async Task A_large_file_goes_on_inside_after_the_run_died()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = Bucket("here");
        MemoryStore there = Bucket("there");
        await source.WriteAsync(StorePath.FromText("big"), Bytes(1, 40 * (64 << 10)), WriteOptions.Default, default);
        int parts = 0;
        var dying = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && Interlocked.Increment(ref parts) > 25
                ? throw new LedgerException("as if the process died here")
                : ValueTask.CompletedTask));
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, SmallParts with { Verify = VerifyBy.ReadBack }));
        Assert.Null(await there.StatAsync(StorePath.FromText("big"), default));

        TransferResult result = await trial.RunAsync(source, there, SmallParts with { Verify = VerifyBy.ReadBack });
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        // 25 parts were sent; those under way on the other threads when the run died may not have been written down.
        Assert.InRange(result.Totals.SentBytes, 11 * (64 << 10), 19 * (64 << 10));
        await RequireSameAsync(source, there);
    }

    [Fact]
    public async Task What_is_left_of_a_file_that_nobody_wants_any_more_is_removed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = Bucket("here");
        MemoryStore there = Bucket("there");
        var path = StorePath.FromText("big");
        await source.WriteAsync(path, Bytes(1, 10 * (64 << 10)), WriteOptions.Default, default);
        var dying = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.CompleteParts && moment == CallMoment.Before
                ? throw new LedgerException("as if the process died here")
                : ValueTask.CompletedTask));
        TransferPolicy policy = SmallParts with { Verify = VerifyBy.ReadBack };
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, policy));
        UnfinishedFile left = Assert.Single(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
        Assert.Equal(10, left.Parts.Count);
        await source.DeleteAsync(path, default);

        TransferResult result = await trial.RunAsync(source, there, policy);
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.Single(trial.Heard<LeftoverRemoved>());
        Assert.Empty(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
        Assert.Null(await there.PartedWrite!.ResumeAsync(path, left.Intent.Tag, left.UploadId, null, WriteOptions.Default, default));
    }

    [Fact]
    public async Task Two_runs_never_write_one_destination_at_once()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        trial.HolderIsGone = _ => false;
        await using IStore here = await TreeAsync();
        await using IStore there = Bucket("there");
        TransferResult? inner = null;
        ClaimRefusedException? refused = null;
        await using IStore source = new LayeredStore(here, new AtEachCall(async (_, _, number) =>
        {
            if (number == 1 && refused is null)
            {
                refused = await Assert.ThrowsAsync<ClaimRefusedException>(async () => inner = await trial.RunAsync(here, there));
            }
        }));
        TransferResult outer = await trial.RunAsync(source, there);
        Assert.Null(inner);
        Assert.NotNull(refused);
        Assert.Equal(TransferOutcome.Success, outer.Outcome);
    }

    [Fact]
    public async Task A_stop_is_clean_and_the_next_run_finishes()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore here = await TreeAsync();
        await using MemoryStore there = Bucket("there");
        using var stop = new CancellationTokenSource();
        var stopping = new LayeredStore(there, new AtEachCall((call, _, number) =>
        {
            if (number > 20)
            {
                stop.Cancel();
            }

            return ValueTask.CompletedTask;
        }));
        TransferResult stopped = await trial.RunAsync(here, stopping, SmallParts, stop.Token);
        Assert.Equal((TransferOutcome.Canceled, StopReason.Canceled), (stopped.Outcome, stopped.Stopped));
        Assert.Equal(stopped.Totals.Planned, stopped.Totals.Delivered + stopped.Totals.Failed + stopped.Totals.NotAttempted);
        TransferResult finished = await trial.RunAsync(here, there, SmallParts);
        Assert.Equal(TransferOutcome.Success, finished.Outcome);
        await RequireSameAsync(here, there);
    }

    [Fact]
    public async Task A_time_budget_ends_the_run_between_two_files()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore here = await TreeAsync();
        await using IStore there = Bucket("there");
        var policy = new TransferPolicy { TimeBudget = TimeSpan.FromMilliseconds(1), Transfers = 1 };
        using var slow = new SemaphoreSlim(0);
        await using IStore source = new LayeredStore(here, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.OpenRead && moment == CallMoment.Before)
            {
                await slow.WaitAsync(TimeSpan.FromMilliseconds(5));
            }
        }));
        TransferResult result = await trial.RunAsync(source, there, policy);
        Assert.Equal(StopReason.TimeBudget, result.Stopped);
        Assert.InRange(result.Totals.Delivered, 0, 1);
        Assert.Equal(result.Totals.Planned, result.Totals.Delivered + result.Totals.NotAttempted);
        Assert.Equal(TransferOutcome.Success, (await trial.RunAsync(here, there)).Outcome);
    }

    [Fact]
    public async Task A_rerun_by_the_ledger_does_not_list_the_destination()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore here = await TreeAsync();
        IStore there = Bucket("there");
        await trial.RunAsync(here, there);
        await here.WriteAsync(StorePath.FromText("d/new"), Bytes(9, 10), WriteOptions.Default, default);
        await using IStore unlisted = new LayeredStore(there, new AtEachCall((call, _, _) =>
            call.Verb is StoreVerb.List or StoreVerb.ListBelow
                ? throw new StoreException(StoreErrorKind.Forbidden, "not to be listed")
                : ValueTask.CompletedTask));
        TransferResult result = await trial.RunAsync(here, unlisted, new TransferPolicy { Compare = CompareBy.Ledger });
        Assert.Equal((1, 1), (result.Totals.Planned, result.Totals.Delivered));
    }

    [Fact]
    public async Task Comparing_by_checksum_moves_what_differs_and_only_that()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore here = await TreeAsync();
        await using IStore there = Bucket("there");
        await trial.RunAsync(here, there);
        var changed = StorePath.FromText("several");
        var sameTime = new WriteOptions { Metadata = new WriteMetadata { Modified = (await there.StatAsync(changed, default))!.Modified } };
        await there.WriteAsync(changed, Bytes(77, 700_001), sameTime, default);
        Assert.Equal(0, (await trial.RunAsync(here, there)).Totals.Planned);
        TransferResult result = await trial.RunAsync(here, there, new TransferPolicy { Compare = CompareBy.Checksum });
        Assert.Equal((TransferOutcome.Success, 1, 1), (result.Outcome, result.Totals.Planned, result.Totals.Delivered));
        await RequireSameAsync(here, there);
        Assert.Empty(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, there.Identity.Root, default));
    }

    [Theory]
    [InlineData(FileOrder.SmallFirst)]
    [InlineData(FileOrder.LargeFirst)]
    [InlineData(FileOrder.Mixed)]
    public async Task Files_go_in_the_order_that_was_asked_for(FileOrder order)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore here = await TreeAsync();
        await using IStore there = Bucket("there");
        await trial.RunAsync(here, there, new TransferPolicy { Order = order, Transfers = 1 });
        long[] lengths = [.. trial.Heard<FileStarted>().Select(file => file.Length)];
        Assert.Equal(order == FileOrder.SmallFirst, lengths.SequenceEqual(lengths.Order()));
        Assert.Equal(order == FileOrder.LargeFirst, lengths.SequenceEqual(lengths.OrderDescending()));
    }

    [Fact]
    public async Task A_dry_run_tells_files_in_the_order_in_which_they_would_go()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore here = await TreeAsync();
        await using IStore there = Bucket("there");
        await trial.RunAsync(here, there, new TransferPolicy { Order = FileOrder.LargeFirst, DryRun = true });
        long[] lengths = [.. trial.Heard<FilePlanned>().Select(file => file.Item.Source.Length)];
        Assert.Equal(51, lengths.Length);
        Assert.Equal(lengths.OrderDescending(), lengths);
    }

    private static MemoryStore Bucket(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10 });

    private static IStore Layered(IStore store, IStoreLayer layer) => StoreStack.Build(
        new LayeredStore(store, layer),
        StoreStackOptions.Remote with { Retry = new RetryOptions { FirstPause = TimeSpan.FromMilliseconds(1), MaxRepeats = 6 } },
        TimeProvider.System);

    private static FaultOptions Faults(params StoreFault[] faults) => new()
    {
        Seed = 7,
        Rates = faults.ToDictionary(fault => fault, _ => 0.1),
    };

    private static WriteSource Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return WriteSource.From(bytes);
    }

    private static async Task<IStore> TreeAsync()
    {
        MemoryStore store = Bucket("here");
        string[] paths = ["empty", "one", "part", "part+1", "several", "d/a", "d/b c", "d/e/ä", "d/e/\n", "d-e", "z"];
        int[] lengths = [0, 1, 64 << 10, (64 << 10) + 1, 700_001, 5, 6, 7, 8, 9, 300_000];
        for (int i = 0; i < paths.Length; i++)
        {
            var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000 + i) } };
            await store.WriteAsync(StorePath.FromText(paths[i]), Bytes(i, lengths[i]), options, default);
        }

        for (int i = 0; i < 40; i++)
        {
            await store.WriteAsync(StorePath.FromText($"many/{i}"), Bytes(i, 1_000 + i), WriteOptions.Default, default);
        }

        return store;
    }

    private static async Task<Dictionary<string, string>> ContentAsync(IStore store)
    {
        var content = new Dictionary<string, string>();
        ListPosition? position = null;
        do
        {
            StorePage page = await store.FlatListing!.ListBelowAsync(StorePath.Root, position, default);
            position = page.Next;
            foreach (StoreEntry entry in page.Entries.Where(entry => entry.Kind == EntryKind.File))
            {
                await using StoreBody body = await store.OpenReadAsync(entry.Path, default);
                content[entry.Path.ToString()] = Convert.ToHexString(await SHA256.HashDataAsync(body.Content));
            }
        }
        while (position is not null);
        return content;
    }

    private static async Task RequireSameAsync(IStore source, IStore destination) => Assert.Equal(
        (await ContentAsync(source)).OrderBy(pair => pair.Key, StringComparer.Ordinal),
        (await ContentAsync(destination)).OrderBy(pair => pair.Key, StringComparer.Ordinal));

    /// <summary>A file may have failed; none may be there that is not the source's.</summary>
    private static async Task RequireOnlyTrueFilesAsync(IStore source, IStore destination, TransferResult result)
    {
        Dictionary<string, string> expected = await ContentAsync(source);
        Dictionary<string, string> found = await ContentAsync(destination);
        Assert.All(found, file => Assert.Equal(expected[file.Key], file.Value));
        Assert.Equal(result.Totals.Delivered, found.Count);
    }
}
