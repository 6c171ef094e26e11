using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Conformance.Planted;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>Files that one server sends to the other.</summary>
public sealed class ThirdPartyFlowTests
{
    private static readonly StorePath s_name = StorePath.FromText("a");
    private static readonly MemoryStoreOptions s_fetching = new() { MinPartBytes = 1 << 10, ThirdPartyBytes = 100_000, UnpublishedChecksum = true, UnpublishedRead = true, PosixManners = true };
    private static readonly byte[] s_bytes = Content();

    private readonly MemorySpace _space = new(TimeProvider.System);

    [Fact]
    public async Task A_file_goes_between_the_servers_and_is_proved_by_what_both_tell()
    {
        (TransferResult result, Receipt? receipt, FlowTrial trial) = await CopyAsync(there => Watched(there, StoreVerb.WritePart));
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.Equal(
            (Receipt.ThirdPartyRoute, RouteReason.BetweenServers, Verdict.Stored, SourceProof.Stored, (long)s_bytes.Length),
            (receipt!.Route, receipt.RouteReason, receipt.Verdict, receipt.SourceProof, receipt.SentBytes));
        Assert.Equal(ChecksumKind.Md5, Assert.Single(receipt.Checksums).Kind);
        Assert.Empty(trial.Heard<RouteRefused>());
    }

    [Fact]
    public async Task What_the_servers_refuse_goes_through_here_and_the_receipt_says_so()
    {
        (TransferResult result, Receipt? receipt, FlowTrial trial) = await CopyAsync(there => new AlteredThere(there)
        {
            Pull = _ => throw new StoreException(StoreErrorKind.Forbidden, "the other server does not know this one"),
        }.Store);
        Assert.Equal(TransferOutcome.Success, result.Outcome);
        Assert.Equal((Receipt.StreamRoute, RouteReason.Refused), (receipt!.Route, receipt.RouteReason));
        RouteRefused refused = Assert.Single(trial.Heard<RouteRefused>());
        Assert.Equal(Receipt.ThirdPartyRoute, refused.Route);
        Assert.Contains("does not know this one", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, There().UploadCount);
    }

    [Fact]
    public async Task Servers_that_refused_the_first_file_are_not_asked_for_the_second()
    {
        int asked = 0;
        await using MemoryStore here = Here();
        await WriteAsync(here, "b");
        (TransferResult result, _, FlowTrial trial) = await CopyAsync(
            there => new AlteredThere(there)
            {
                Pull = _ => throw new StoreException(StoreErrorKind.Unavailable, $"no, for the {Interlocked.Increment(ref asked)}. time"),
            }.Store,
            new TransferPolicy { Transfers = 1 });
        Assert.Equal((TransferOutcome.Success, 2L, 1), (result.Outcome, result.Totals.Delivered, asked));
        Assert.Single(trial.Heard<RouteRefused>());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_at_all_says_nothing_of_the_servers()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore here = Here();
        await WriteAsync(here, "a");
        await WriteAsync(here, "b");
        await using var unreadable = new LayeredStore(here, new AtEachCall((call, moment, _) =>
            call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && call.Path == s_name && moment == CallMoment.Before
                ? throw new StoreException(StoreErrorKind.Forbidden, "not yours") : ValueTask.CompletedTask));
        await trial.RunAsync(
            unreadable,
            new AlteredThere(There()) { Pull = ct => throw new StoreException(StoreErrorKind.Forbidden, "not yours"), PullsOf = s_name }.Store,
            new TransferPolicy { Transfers = 1, Attempts = 1 });
        Assert.Equal(s_name, Assert.Single(trial.Heard<FileFailed>()).Path);
        Assert.Equal(Receipt.ThirdPartyRoute, Assert.Single(trial.Heard<FileDelivered>()).Receipt.Route);
    }

    [Theory]
    [InlineData(RouteChoice.Auto, 1)]
    [InlineData(RouteChoice.ThirdParty, 0)]
    public async Task A_name_that_servers_cannot_tell_each_other_goes_through_here_and_nobody_is_asked(RouteChoice route, long delivered)
    {
        var policy = new TransferPolicy { Route = route, Attempts = 1 };
        (TransferResult result, Receipt? receipt, FlowTrial trial) = await CopyAsync(there => new AlteredStore(there) { NameRefused = _ => "no" }, policy);
        Assert.Equal((delivered, 1 - delivered), (result.Totals.Delivered, result.Totals.Failed));
        Assert.Equal(delivered == 1 ? RouteReason.Name : null, receipt?.RouteReason);
        Assert.Empty(trial.Heard<RouteRefused>());
    }

    [Fact]
    public async Task A_dry_run_tells_of_a_name_that_servers_cannot_tell_each_other()
    {
        (_, _, FlowTrial dry) = await CopyAsync(there => new AlteredStore(there) { NameRefused = _ => "no" }, new TransferPolicy { DryRun = true });
        FilePlanned planned = Assert.Single(dry.Heard<FilePlanned>());
        Assert.Equal((Receipt.StreamRoute, RouteReason.Name), (planned.Route, planned.RouteReason));
    }

    [Fact]
    public async Task A_full_destination_is_not_filled_by_another_way()
    {
        (TransferResult result, _, FlowTrial trial) = await CopyAsync(
            there => new AlteredThere(there) { Pull = _ => throw new StoreException(StoreErrorKind.QuotaExceeded, "full") }.Store,
            new TransferPolicy { Attempts = 1 });
        Assert.Equal(0, result.Totals.Delivered);
        Assert.Empty(trial.Heard<RouteRefused>());
    }

    [Fact]
    public async Task Where_it_was_asked_for_nothing_else_is_tried()
    {
        (TransferResult result, _, _) = await CopyAsync(
            there => new AlteredThere(there) { Pull = _ => throw new StoreException(StoreErrorKind.Forbidden, "no") }.Store,
            new TransferPolicy { Route = RouteChoice.ThirdParty, Attempts = 1 });
        Assert.Equal((0L, 1L), (result.Totals.Delivered, result.Totals.Failed));
        Assert.Equal(0, There().UploadCount);
    }

    [Theory]
    [InlineData(VerifyBy.Auto)]
    [InlineData(VerifyBy.ReadBack)]
    public async Task Wrong_bytes_of_the_right_length_are_never_published(VerifyBy verify)
    {
        byte[] wrong = [.. s_bytes];
        wrong[77] ^= 1;
        var policy = new TransferPolicy { Route = RouteChoice.ThirdParty, Attempts = 1, Verify = verify };
        (TransferResult result, _, FlowTrial trial) = await CopyAsync(there => new AlteredThere(there) { Pull = _ => ValueTask.FromResult<byte[]?>(wrong) }.Store, policy);
        Assert.Equal((0L, 1L), (result.Totals.Delivered, result.Totals.Failed));
        Assert.Contains("does not hold the source's bytes", Assert.Single(trial.Heard<FileFailed>()).Failure.Message, StringComparison.Ordinal);
        Assert.Null(await There().StatAsync(s_name, default));
    }

    [Fact]
    public async Task Wrong_bytes_are_sent_again_through_here()
    {
        byte[] wrong = [.. s_bytes];
        wrong[0] ^= 1;
        (TransferResult result, Receipt? receipt, _) = await CopyAsync(there => new AlteredThere(there) { Pull = _ => ValueTask.FromResult<byte[]?>(wrong) }.Store);
        Assert.Equal((TransferOutcome.Success, Receipt.StreamRoute, RouteReason.Refused), (result.Outcome, receipt!.Route, receipt.RouteReason));
    }

    [Fact]
    public async Task Half_a_file_is_not_taken_for_a_whole_one()
    {
        (TransferResult result, Receipt? receipt, FlowTrial trial) = await CopyAsync(
            there => new AlteredThere(there) { Pull = _ => ValueTask.FromResult<byte[]?>(s_bytes[..^10]) }.Store, new TransferPolicy { Verify = VerifyBy.Size });
        Assert.Equal((TransferOutcome.Success, Receipt.StreamRoute), (result.Outcome, receipt!.Route));
        Assert.Contains("moved 299990 bytes of 300000", Assert.Single(trial.Heard<RouteRefused>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_fetched_is_fetched_again()
    {
        int pulls = 0;
        await using MemoryStore here = Here();
        (TransferResult result, Receipt? receipt, _) = await CopyAsync(
            there => new AlteredThere(there)
            {
                Pull = async ct =>
                {
                    if (pulls++ == 0)
                    {
                        await here.WriteAsync(s_name, WriteSource.From(s_bytes.AsMemory(0, 200_000)), WriteOptions.Default, ct);
                    }

                    return null;
                },
            }.Store);
        Assert.Equal((TransferOutcome.Success, 200_000L), (result.Outcome, receipt!.Intent.Length));
    }

    [Fact]
    public async Task Where_a_server_tells_no_checksum_the_file_is_read_on_both_sides()
    {
        (TransferResult result, Receipt? receipt, _) = await CopyAsync(
            there => new AlteredThere(there) { TellsNothing = true }.Store, new TransferPolicy { Route = RouteChoice.ThirdParty });
        Assert.Equal((TransferOutcome.Success, Receipt.ThirdPartyRoute, Verdict.ReadBack), (result.Outcome, receipt!.Route, receipt.Verdict));
    }

    [Fact]
    public async Task A_dry_run_tells_the_way_and_why()
    {
        (_, _, FlowTrial trial) = await CopyAsync(there => there, new TransferPolicy { DryRun = true });
        FilePlanned planned = Assert.Single(trial.Heard<FilePlanned>());
        Assert.Equal((Receipt.ThirdPartyRoute, RouteReason.BetweenServers), (planned.Route, planned.RouteReason));
    }

    private async Task<(TransferResult Result, Receipt? Receipt, FlowTrial Trial)> CopyAsync(Func<IStore, IStore> around, TransferPolicy? policy = null)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore here = Here();
        await WriteAsync(here, "a");
        TransferResult result = await trial.RunAsync(here, around(There()), policy);
        return (result, trial.Heard<FileDelivered>().FirstOrDefault(file => file.Path == s_name)?.Receipt, trial);
    }

    private static async Task WriteAsync(MemoryStore store, string name) => await store.WriteAsync(
        StorePath.FromText(name), WriteSource.From(s_bytes),
        new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } }, default);

    private MemoryStore Here() => new(_space, "here", s_fetching);

    private MemoryStore There() => new(_space, "there", s_fetching);

    private static IStore Watched(IStore store, StoreVerb never) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
        call.Verb == never && moment == CallMoment.Before ? throw new InvalidOperationException($"{never} was called") : ValueTask.CompletedTask));

    private static byte[] Content()
    {
        var bytes = new byte[300_000];
        new Random(5).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A destination whose fetching is altered.</summary>
    private sealed class AlteredThere(IStore inner)
    {
        /// <summary>What it fetches; null for what it should.</summary>
        public Func<CancellationToken, ValueTask<byte[]?>> Pull { get; init; } = _ => ValueTask.FromResult<byte[]?>(null);

        /// <summary>Of which file only; null for all.</summary>
        public StorePath? PullsOf { get; init; }

        public bool TellsNothing { get; init; }

        public IStore Store => new AlteredStore(inner)
        {
            Pull = async (source, from, upload, progress, ct) =>
            {
                StoredPart part = await inner.ThirdPartyCopy!.PullAsync(source, from, upload, progress, ct);
                return (PullsOf is null || PullsOf == from) && await Pull(ct) is { } other
                    ? await inner.PartedWrite!.WritePartAsync(upload, 1, 0, WriteSource.From(other), null, ct)
                    : part;
            },
            GetUnpublishedChecksum = (upload, kind, ct) => TellsNothing
                ? ValueTask.FromResult<Checksum?>(null)
                : inner.PartedWrite!.UnpublishedChecksum!.GetAsync(upload, kind, ct),
        };
    }
}
