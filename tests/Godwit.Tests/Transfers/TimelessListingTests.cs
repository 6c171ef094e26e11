using System.Collections.Concurrent;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Tests.Transfers;

/// <summary>Stores whose listings do not show the time that a file was given, as buckets.</summary>
public sealed class TimelessListingTests
{
    private const int Files = 5;

    private readonly ConcurrentQueue<StoreVerb> _calls = [];

    [Fact]
    public async Task A_rerun_looks_at_nothing_that_the_ledger_knows_to_be_there_still()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await FilledAsync("here", listingKnowsModified: true);
        await using IStore destination = Watched(Bucket("there"));
        Assert.Equal(Files, (await trial.RunAsync(source, destination)).Totals.Delivered);
        _calls.Clear();
        TransferResult again = await trial.RunAsync(source, destination);
        Assert.Equal((0, Files), (again.Totals.Planned, again.Totals.Unchanged));
        Assert.DoesNotContain(StoreVerb.Stat, _calls);
    }

    [Fact]
    public async Task Without_receipts_each_file_is_looked_at_and_its_time_compared()
    {
        await using MemoryStore source = await FilledAsync("here", listingKnowsModified: true);
        await using IStore destination = Watched(Bucket("there"));
        await using (FlowTrial first = await FlowTrial.BeginAsync())
        {
            await first.RunAsync(source, destination);
        }

        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await source.WriteAsync(Name(1), Bytes(99), At(2), default);
        _calls.Clear();
        TransferResult again = await trial.RunAsync(source, destination);
        Assert.Equal((1, Files - 1), (again.Totals.Delivered, again.Totals.Unchanged));
        Assert.True(_calls.Count(verb => verb == StoreVerb.Stat) >= Files);
    }

    [Fact]
    public async Task A_file_of_the_same_length_that_somebody_put_over_a_delivered_one_is_seen()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await FilledAsync("here", listingKnowsModified: true);
        await using MemoryStore destination = Bucket("there");
        await trial.RunAsync(source, destination);
        await destination.WriteAsync(Name(3), Bytes(77), At(5), default);
        Assert.Equal(1, (await trial.RunAsync(source, destination)).Totals.Delivered);
    }

    [Fact]
    public async Task A_small_file_is_fetched_with_its_time_by_one_call()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = Watched(await FilledAsync("here", listingKnowsModified: false));
        await using var destination = new MemoryStore(
            new MemorySpace(TimeProvider.System), "there", new MemoryStoreOptions { PosixManners = true, UnpublishedRead = true });
        Assert.Equal(Files, (await trial.RunAsync(source, destination)).Totals.Delivered);
        Assert.Equal(Files, _calls.Count(verb => verb == StoreVerb.OpenRead));
        Assert.DoesNotContain(_calls, verb => verb is StoreVerb.Stat or StoreVerb.OpenRange);
        Assert.Equal(At(1).Metadata.Modified, (await destination.StatAsync(Name(1), default))!.Modified);
        _calls.Clear();
        Assert.Equal(Files, (await trial.RunAsync(source, destination)).Totals.Unchanged);
        Assert.DoesNotContain(StoreVerb.Stat, _calls);
    }

    [Fact]
    public async Task A_new_file_that_changed_a_moment_ago_is_left_to_settle()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await FilledAsync("here", listingKnowsModified: false);
        await source.WriteAsync(Name(1), Bytes(99), WriteOptions.Default, default);
        await using MemoryStore destination = Bucket("there");
        TransferResult result = await trial.RunAsync(source, destination, TransferPolicy.Default with { StableFor = TimeSpan.FromHours(1) });
        Assert.Equal((Files - 1, 1), (result.Totals.Delivered, result.Totals.Unsettled));
    }

    private static MemoryStore Bucket(string name, bool listingKnowsModified = false) => new(
        new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { ListingKnowsModified = listingKnowsModified });

    private static async Task<MemoryStore> FilledAsync(string name, bool listingKnowsModified)
    {
        MemoryStore store = Bucket(name, listingKnowsModified);
        for (int i = 0; i < Files; i++)
        {
            await store.WriteAsync(Name(i), Bytes(i), At(1), default);
        }

        return store;
    }

    private static StorePath Name(int i) => StorePath.FromText($"d/f{i}");

    private static WriteSource Bytes(int seed)
    {
        var bytes = new byte[1_000];
        new Random(seed).NextBytes(bytes);
        return WriteSource.From(bytes);
    }

    private static WriteOptions At(int moment) =>
        new() { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000 + (moment * 1_000_000_000L)) } };

    private LayeredStore Watched(IStore store) => new(store, new AtEachCall((call, moment, _) =>
    {
        if (moment == CallMoment.Before)
        {
            _calls.Enqueue(call.Verb);
        }

        return ValueTask.CompletedTask;
    }));
}
