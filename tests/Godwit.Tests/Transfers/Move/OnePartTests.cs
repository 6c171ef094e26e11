using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Move;

/// <summary>Stores that take a file only as a whole, in one part, also where it is larger than the memory which content may take.</summary>
public sealed class OnePartTests
{
    private static readonly StorePath Name = StorePath.FromText("huge");
    private static readonly TransferPolicy Little = new() { PartSize = 64 << 10, BufferBytes = 256 << 10, HeldPartBytes = 256 << 10, Checksums = [ChecksumKind.Sha256], Attempts = 1 };
    private static readonly string[] OnlyStored = ["ArrivalChecksum"];
    private static readonly string[] InOrder = ["RangedRead"];

    [Theory]
    [InlineData(VerifyBy.Auto)]
    [InlineData(VerifyBy.ReadBack)]
    [InlineData(VerifyBy.Size)]
    public async Task Get_a_file_that_is_read_once_also_from_a_source_that_gives_it_only_in_order(VerifyBy verify)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        int opened = 0;
        await using IStore source = new LayeredStore((await HoldingAsync()).Without(InOrder), new AtEachCall((call, moment, _) =>
        {
            opened += call.Verb == StoreVerb.OpenRead && moment == CallMoment.Before ? 1 : 0;
            return ValueTask.CompletedTask;
        }));
        IStore there = Bucket("there").Without(OnlyStored);
        var seen = new PartsSeen();
        await using IStore destination = new LayeredStore(there, seen);
        TransferResult result = await trial.RunAsync(source, destination, Little with { Verify = verify });
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Delivered));
        Assert.Equal((1, 0, 1), (seen.Parts, seen.InMemory, opened));
        byte[] bytes = await BytesOfAsync(there);
        Assert.Equal(await BytesOfAsync(source), bytes);
        Receipt receipt = trial.Heard<FileDelivered>().Single().Receipt;
        Assert.Contains(new Checksum(ChecksumKind.Sha256, System.Security.Cryptography.SHA256.HashData(bytes)), receipt.Checksums);
    }

    [Fact]
    public async Task Do_not_publish_a_file_of_which_a_byte_flipped_on_the_way()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync();
        IStore there = Bucket("there").Without(OnlyStored);
        var options = new FaultOptions { Seed = 1, Rates = new Dictionary<StoreFault, double> { [StoreFault.FlippedSource] = 1 } };
        await using IStore destination = new LayeredStore(there, new FaultyLayer(options, TimeProvider.System));
        Assert.Equal(1, (await trial.RunAsync(source, destination, Little with { Verify = VerifyBy.ReadBack })).Totals.Failed);
        Assert.Null(await there.StatAsync(Name, default));
    }

    [Fact]
    public async Task Get_the_whole_again_when_the_run_before_was_killed_before_it_published()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using IStore source = await HoldingAsync();
        IStore there = Bucket("there").Without(OnlyStored);
        await using IStore dying = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.CompleteParts && moment == CallMoment.Before
                ? throw new LedgerException("as if the process died here")
                : ValueTask.CompletedTask));
        await Assert.ThrowsAsync<LedgerException>(() => trial.RunAsync(source, dying, Little));
        TransferResult result = await trial.RunAsync(source, there, Little);
        Assert.Equal((1, 9 << 20), (result.Totals.Delivered, result.Totals.SentBytes));
        Assert.Equal(await BytesOfAsync(source), await BytesOfAsync(there));
    }

    [Fact]
    public async Task Are_not_said_to_go_on_inside_a_file()
    {
        await using IStore source = await HoldingAsync();
        await using MemoryStore there = Bucket("there");
        Assert.False(PairFacts.Of(source, there, Little).GoesOnInside);
        Assert.True(PairFacts.Of(source, source, Little).GoesOnInside);
    }

    private static MemoryStore Bucket(string name) =>
        new(new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { MinPartBytes = 64 << 10, MaxParts = 1 });

    private static async Task<IStore> HoldingAsync()
    {
        MemoryStore store = new(new MemorySpace(TimeProvider.System), "here", new MemoryStoreOptions());
        var bytes = new byte[9 << 20];
        new Random(1).NextBytes(bytes);
        var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };
        await store.WriteAsync(Name, WriteSource.From(bytes), options, default);
        return store;
    }

    private static async Task<byte[]> BytesOfAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Name, default);
        using var bytes = new MemoryStream();
        await body.Content.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
