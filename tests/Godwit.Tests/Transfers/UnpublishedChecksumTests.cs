using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Conformance.Planted;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Tests.Transfers;

/// <summary>Destinations that sum up what they have before it is published.</summary>
public sealed class UnpublishedChecksumTests
{
    private static readonly TransferPolicy s_parts = new() { PartSize = 1 << 16, Attempts = 1 };
    private static readonly StorePath s_name = StorePath.FromText("a");
    private static readonly MemorySpace s_space = new(TimeProvider.System);

    [Theory]
    [InlineData(VerifyBy.Auto, "StoredUnpublished")]
    [InlineData(VerifyBy.ReadBack, "ReadUnpublished")]
    [InlineData(VerifyBy.Size, "Size")]
    public void Their_checksum_goes_before_reading_unless_that_was_asked_for(VerifyBy verify, string expected) =>
        Assert.Equal(expected, ChooseProof.For(There().Without("ArrivalChecksum"), verify).ToString());

    [Theory]
    [InlineData(VerifyBy.Auto, Verdict.Stored, 0)]
    [InlineData(VerifyBy.ReadBack, Verdict.ReadBack, 5)]
    public async Task A_file_is_proved_by_what_it_was_asked_to_be(VerifyBy verify, Verdict verdict, int reads)
    {
        int read = 0;
        (TransferResult result, Receipt? receipt, _) = await CopyAsync(s_parts with { Verify = verify }, there => new LayeredStore(there, new AtEachCall((call, moment, _) =>
        {
            if (call.Verb == StoreVerb.OpenUnpublished && moment == CallMoment.Before)
            {
                Interlocked.Increment(ref read);
            }

            return ValueTask.CompletedTask;
        })));
        Assert.Equal((TransferOutcome.Success, verdict, reads), (result.Outcome, receipt!.Verdict, read));
    }

    [Fact]
    public async Task A_file_whose_checksum_differs_is_never_published()
    {
        (TransferResult result, _, IStore there) = await CopyAsync(s_parts, store => Altered(store, (_, _, _) => ValueTask.FromResult<Checksum?>(Faulty.Zeros)));
        Assert.Equal((0, 1), (result.Totals.Delivered, result.Totals.Failed));
        Assert.Null(await there.StatAsync(s_name, default));
    }

    [Fact]
    public async Task A_file_that_no_checksum_is_told_of_is_read()
    {
        (TransferResult result, Receipt? receipt, _) = await CopyAsync(s_parts, store => Altered(store, (_, _, _) => ValueTask.FromResult<Checksum?>(null)));
        Assert.Equal((TransferOutcome.Success, Verdict.ReadBack), (result.Outcome, receipt!.Verdict));
    }

    [Theory]
    [InlineData(300_000, Verdict.Stored)]
    [InlineData(300_001, Verdict.ReadBack)]
    public async Task A_file_that_is_not_worth_asking_for_is_read(long worth, Verdict verdict)
    {
        (_, Receipt? receipt, _) = await CopyAsync(s_parts, store => new AlteredStore(store) { ChecksumWorthBytes = worth });
        Assert.Equal(verdict, receipt!.Verdict);
    }

    private static async Task<(TransferResult Result, Receipt? Receipt, IStore There)> CopyAsync(TransferPolicy policy, Func<IStore, IStore> around)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var here = new MemoryStore(s_space, Guid.NewGuid().ToString("N"));
        var bytes = new byte[300_000];
        new Random(5).NextBytes(bytes);
        await here.WriteAsync(s_name, WriteSource.From(bytes), WriteOptions.Default, default);
        MemoryStore there = There();
        TransferResult result = await trial.RunAsync(here.Without("ServerCopy"), around(there).Without("ArrivalChecksum", "ServerCopy"), policy);
        return (result, trial.Heard<FileDelivered>().SingleOrDefault()?.Receipt, there);
    }

    private static AlteredStore Altered(IStore store, Func<PartedUpload, ChecksumKind, CancellationToken, ValueTask<Checksum?>> get) =>
        new(store) { GetUnpublishedChecksum = get };

    private static MemoryStore There() => new MemoryStore(
        s_space, Guid.NewGuid().ToString("N"),
        new MemoryStoreOptions { PosixManners = true, UnpublishedRead = true, UnpublishedChecksum = true, MinPartBytes = 1 });
}
