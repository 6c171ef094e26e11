using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Move;

/// <summary>Parts that are larger than the memory which content may take, because the destination takes only so many of them.</summary>
public sealed class LargePartsTests
{
    private static readonly StorePath Name = StorePath.FromText("huge");
    private static readonly TransferPolicy Little = new() { PartSize = 64 << 10, BufferBytes = 256 << 10, HeldPartBytes = 256 << 10, Checksums = [ChecksumKind.Sha256], Attempts = 1 };

    [Theory]
    [InlineData("")]
    [InlineData("ArrivalChecksum")]
    [InlineData("ArrivalChecksum StoredChecksum")]
    public async Task Are_streamed_and_proved_like_others(string without)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync();
        IStore there = Bucket("there").Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var seen = new PartsSeen();
        await using IStore destination = new LayeredStore(there, seen);
        TransferResult result = await trial.RunAsync(source, destination, Little with { Verify = without.Length == 0 ? VerifyBy.ReadBack : VerifyBy.Auto });
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Delivered));
        Assert.Equal((3, 0), (seen.Parts, seen.InMemory));
        Receipt receipt = trial.Heard<FileDelivered>().Single().Receipt;
        byte[] bytes = await BytesOfAsync(there);
        Assert.Equal(await BytesOfAsync(source), bytes);
        Assert.Contains(new Checksum(ChecksumKind.Sha256, System.Security.Cryptography.SHA256.HashData(bytes)), receipt.Checksums);
    }

    [Fact]
    public async Task Are_refused_by_a_store_that_checks_them_on_arrival_when_a_byte_flips()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync();
        MemoryStore there = Bucket("there");
        var options = new FaultOptions { Seed = 1, Rates = new Dictionary<StoreFault, double> { [StoreFault.FlippedSource] = 1 } };
        await using IStore destination = new LayeredStore(there, new FaultyLayer(options, TimeProvider.System));
        Assert.Equal(1, (await trial.RunAsync(source, destination, Little)).Totals.Failed);
        Assert.Null(await there.StatAsync(Name, default));
    }

    [Fact]
    public async Task That_arrived_in_an_earlier_run_are_not_sent_again()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync();
        MemoryStore there = Bucket("there");
        await using IStore dying = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.CompleteParts && moment == CallMoment.Before
                ? throw new LedgerException("as if the process died here")
                : ValueTask.CompletedTask));
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, Little));
        TransferResult result = await trial.RunAsync(source, there, Little);
        Assert.Equal((1, 0), (result.Totals.Delivered, result.Totals.SentBytes));
    }

    [Fact]
    public async Task Are_refused_before_anything_begins_when_the_source_gives_its_bytes_only_once()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = (await HoldingAsync()).Without("RangedRead");
        int begun = 0;
        await using IStore destination = new LayeredStore(Bucket("there"), new AtEachCall((call, _, _) =>
        {
            begun += call.Verb == StoreVerb.BeginParts ? 1 : 0;
            return ValueTask.CompletedTask;
        }));
        Assert.Equal(1, (await trial.RunAsync(source, destination, Little)).Totals.Failed);
        FileFailure failure = trial.Heard<FileFailed>().Single().Failure;
        Assert.Equal(("unsupported", StoreSide.Source, 0), (failure.Kind, failure.Side, begun));
        Assert.Contains("3 parts of 4194304 bytes", failure.Message, StringComparison.Ordinal);
    }

    private static MemoryStore Bucket(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10, MaxParts = 3 });

    private static async Task<IStore> HoldingAsync()
    {
        MemoryStore store = Bucket("here");
        var bytes = new byte[(9 << 20) + (700 << 10)];
        new Random(1).NextBytes(bytes);
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await store.WriteAsync(Name, WriteSource.From(bytes), options, default);
        return store;
    }

    private static async Task<byte[]> BytesOfAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Name, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }
}
