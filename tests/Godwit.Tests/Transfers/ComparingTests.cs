using System.Text;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>Comparing by checksum where a store has none for a file, or no longer has the file.</summary>
public sealed class ComparingTests
{
    private static readonly TransferPolicy ByChecksum = new() { PartSize = 64 << 10, Compare = CompareBy.Checksum, Attempts = 2 };
    private static readonly StorePath Name = StorePath.FromText("a");

    [Theory]
    [InlineData(1, false, 0)]
    [InlineData(2, false, 1)]
    [InlineData(1, true, 0)]
    [InlineData(2, true, 1)]
    public async Task A_store_that_has_no_checksum_of_a_file_is_read(int seed, bool both, int moved)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        IStore here = await HoldingAsync("here", 1);
        await using IStore source = both ? new LayeredStore(here, new NoChecksums()) : here;
        await using IStore there = await HoldingAsync("there", seed);
        await using IStore silent = new LayeredStore(there, new NoChecksums());
        Assert.NotNull(silent.StoredChecksum);
        TransferResult result = await trial.RunAsync(source, silent, ByChecksum);
        Assert.Equal((TransferOutcome.Success, moved), (result.Outcome, result.Totals.Delivered));
    }

    /// <summary>As to SFTP, which keeps whole seconds: the times of both contents are the same there.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_rewritten_within_the_second_that_the_destination_keeps_is_sent(bool single)
    {
        var space = new MemorySpace(TimeProvider.System);
        await using MemoryStore here = new(space, "here", new MemoryStoreOptions { PosixManners = true });
        await using MemoryStore there = new(space, "there", new MemoryStoreOptions { PosixManners = true, TimePrecision = 1_000_000_000 });
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var path = StorePath.FromText("f");
        foreach ((string content, long nanoseconds, long sent) in ((string, long, long)[])[("AAAA", 200_000_000, 1), ("BBBB", 700_000_000, 1), ("BBBB", 700_000_000, 0)])
        {
            var metadata = new WriteMetadata { Modified = Timestamp.FromUnix(1_700_000_000, nanoseconds) };
            await here.WriteAsync(path, WriteSource.From(Encoding.UTF8.GetBytes(content)), new WriteOptions { Metadata = metadata }, default);
            TransferRequest request = FlowTrial.Request(here, there) with { Single = single ? new SingleFile(path, path) : null };
            Assert.Equal(sent, (await trial.RunAsync(request)).Totals.Delivered);
            StoreBody body = await there.OpenReadAsync(path, default);
            await using (body)
            {
                using var reader = new StreamReader(body.Content);
                Assert.Equal(content, await reader.ReadToEndAsync());
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_gone_from_the_destination_in_the_second_try_is_sent()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync("here", 1);
        IStore there = await HoldingAsync("there", 2);
        int writes = 0;
        await using IStore destination = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.Write && moment == CallMoment.Before && ++writes == 1)
            {
                await there.DeleteAsync(Name, default);
                throw new StoreException(StoreErrorKind.Unavailable, "planted");
            }
        }));
        TransferResult result = await trial.RunAsync(source, destination, ByChecksum);
        Assert.Equal((TransferOutcome.Success, 1, 1), (result.Outcome, result.Totals.Delivered, result.Totals.Retries));
    }

    private static async Task<IStore> HoldingAsync(string name, int seed)
    {
        var store = new MemoryStore(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10 });
        var bytes = new byte[300_000];
        new Random(seed).NextBytes(bytes);
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await store.WriteAsync(Name, WriteSource.From(bytes), options, default);
        return store;
    }

    /// <summary>A store that computes checksums, but has none for these files.</summary>
    private sealed class NoChecksums : IStoreLayer
    {
        public async ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            T answer = await next(ct);
            return call.Verb == StoreVerb.GetChecksum ? default! : answer;
        }

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
