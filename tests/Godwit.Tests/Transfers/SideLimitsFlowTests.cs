using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>Each of the two stores bears so many calls at once: neither is asked for more, and nobody waits for ever.</summary>
public sealed class SideLimitsFlowTests
{
    private static readonly TransferPolicy s_policy = new() { PartSize = 64 << 10, BufferBytes = 64 << 10, Transfers = 16, Parts = 4, Attempts = 1 };

    private static readonly Dictionary<string, TransferPolicy> s_ways = new()
    {
        ["as usual"] = s_policy,
        ["with memory for everything"] = s_policy with { BufferBytes = 32 << 20 },
        ["read back"] = s_policy with { Verify = VerifyBy.ReadBack },
        ["compared by checksum"] = s_policy with { Compare = CompareBy.Checksum },
        ["parts that are not kept"] = s_policy with { HeldPartBytes = 1 },
        ["with more checksums"] = s_policy with { Checksums = [ChecksumKind.Sha256] },
    };

    public static TheoryData<string, string> WaysAndLacks()
    {
        var data = new TheoryData<string, string>();
        foreach (string way in s_ways.Keys)
        {
            foreach (string without in (string[])["", "PartedWrite", "ArrivalChecksum", "ArrivalChecksum StoredChecksum"])
            {
                data.Add(way, without);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(WaysAndLacks))]
    public async Task A_transfer_comes_to_its_end_where_both_sides_bear_one_call_at_once(string way, string without)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        IStore here = await TreeAsync(timesAreListed: way is not "as usual" and not "parts that are not kept");
        IStore there = (await TreeAsync(timesAreListed: true, seed: 9, step: 2)).Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        (var from, var to) = (new CallsAtOnce(), new CallsAtOnce());
        await using IStore source = Limited(here, from, 1);
        await using IStore destination = Limited(there, to, 1);
        TransferResult result = await trial.RunAsync(source, destination, s_ways[way]).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.Equal((1, 1), (from.MostReads, to.MostWrites));
        Assert.True(to.MostReads <= 1, $"{to.MostReads} reads at once");
    }

    [Theory]
    [InlineData("")]
    [InlineData("PartedWrite")]
    [InlineData("ArrivalChecksum StoredChecksum")]
    public async Task A_transfer_that_reads_its_source_twice_comes_to_its_end_too(string without)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var silent = new CallsAtOnce { TellsNoChecksum = true };
        await using IStore source = Limited(await TreeAsync(timesAreListed: true, posix: true), silent, 1);
        await using IStore destination = Limited(Bucket("there", true).Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries)), new CallsAtOnce(), 1);
        TransferResult result = await trial.RunAsync(source, destination, s_ways["read back"]).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.All(trial.Heard<FileDelivered>(), file => Assert.Equal(SourceProof.ReadTwice, file.Receipt.SourceProof));
    }

    [Fact]
    public async Task The_side_that_bears_less_is_not_overrun_and_does_not_slow_what_is_the_others_alone()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        IStore here = await TreeAsync(timesAreListed: true);
        (var from, var to) = (new CallsAtOnce(), new CallsAtOnce { WritesToMeet = 4 });
        await using IStore source = Limited(here, from, 2);
        await using IStore destination = Limited(Bucket("there", true), to, 8);
        TransferPolicy policy = s_policy with { Transfers = null, BufferBytes = 32 << 20 };
        TransferResult result = await trial.RunAsync(source, destination, policy).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.InRange(from.MostReads, 1, 2);
        Assert.InRange(to.MostWrites, 4, 8);
    }

    private static IStore Limited(IStore backend, CallsAtOnce counts, int places) => StoreStack.Build(
        new LayeredStore(backend, counts), StoreStackOptions.Remote with { Concurrency = new LimitConcurrency(places) }, TimeProvider.System);

    private static MemoryStore Bucket(string name, bool timesAreListed, bool posix = false) => new(
        new MemorySpace(TimeProvider.System), name,
        new MemoryStoreOptions { MinPartBytes = 64 << 10, ListingKnowsModified = timesAreListed, PosixManners = posix });

    private static async Task<IStore> TreeAsync(bool timesAreListed, int seed = 1, bool posix = false, int step = 1)
    {
        MemoryStore store = Bucket($"tree{seed}", timesAreListed, posix);
        int[] lengths = [0, 1, 64 << 10, 300_001, 700_000, .. Enumerable.Repeat(20_000, 40)];
        for (int i = 0; i < lengths.Length; i += step)
        {
            var bytes = new byte[lengths[i]];
            new Random(seed + i).NextBytes(bytes);
            var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000 + (seed * 1_000_000) + i) } };
            await store.WriteAsync(StorePath.FromText($"{i}"), WriteSource.From(bytes), options, default);
        }

        return store;
    }
}
