using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>A store that takes bytes which do not match the checksum sent along, keeps them, and says truly what it keeps.</summary>
public sealed class ReceivedOtherwiseTests
{
    private static readonly StorePath s_name = StorePath.FromText("file");

    [Theory]
    [InlineData(1_000)]
    [InlineData(9 << 20)]
    public async Task What_a_store_says_that_it_received_is_held_against_what_was_sent(int length)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        await using var source = new MemoryStore(new MemorySpace(TimeProvider.System), "here", new MemoryStoreOptions());
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await source.WriteAsync(s_name, WriteSource.From(bytes), options, default);
        var there = new MemoryStore(new MemorySpace(TimeProvider.System), "there", new MemoryStoreOptions());
        var flip = new FlippingFirst(there.ArrivalChecksum!.Kinds[0]);
        await using IStore destination = new LayeredStore(there, flip);
        TransferResult result = await trial.RunAsync(source, destination);
        Assert.True(flip.Flipped);
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Retries));
        Assert.Equal(bytes, await ReadAsync(there));
    }

    private static async Task<byte[]> ReadAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(s_name, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>Tells another checksum of the first thing that is written.</summary>
    private sealed class FlippingFirst(ChecksumKind kind) : IStoreLayer
    {
        private int _writes;

        public bool Flipped => _writes > 0;

        public async ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            T answer = await next(ct);
            if (call.Verb is not (StoreVerb.Write or StoreVerb.WritePart) || Interlocked.Increment(ref _writes) != 1)
            {
                return answer;
            }

            var other = new Checksum(kind, new byte[Checksum.SizeOf(kind)]);
            return answer switch
            {
                StoredPart part => (T)(object)(part with { Stored = other }),
                StoreEntry entry => (T)(object)(entry with { Checksums = [other] }),
                _ => answer,
            };
        }

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
