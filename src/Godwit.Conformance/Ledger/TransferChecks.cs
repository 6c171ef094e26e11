using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>The history of transfers.</summary>
internal static class TransferChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("A transfer comes back as it began, and with its end and every total", RoundTripAsync),
        new("A transfer of a known id cannot begin", SameIdAsync),
        new("Transfers are listed newest first, by page", NewestFirstAsync),
        new("A transfer is found by the beginning of its id, and two when that is not enough", PrefixAsync),
        new("An unknown transfer is refused", UnknownAsync),
    ];

    private static async Task RoundTripAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        TransferRecord begun = Transfer("t1", "") with { DestinationPath = StorePath.FromBytes([(byte)'a', 0xff, (byte)'/', 0x80]) };
        await ledger.BeginTransferAsync(begun, Holder(), default).ConfigureAwait(false);
        TransferRecord found = (await ledger.FindTransfersAsync("t1", default).ConfigureAwait(false)).Single();
        Require(found == begun, $"{found} instead of {begun}");

        var totals = new TransferTotals
        {
            Planned = 1,
            PlannedBytes = 2L << 40,
            Delivered = 3,
            DeliveredBytes = 4,
            SentBytes = 5,
            Failed = 6,
            FailedRetryable = 7,
            NotAttempted = 8,
            Unchanged = 9,
            SkippedLinks = 10,
            SkippedSpecial = 11,
            Filtered = 12,
            Unsettled = 13,
            Directories = 14,
            Retries = 15,
            EmptyDirectories = 16,
            Deleted = 17,
            BackedUp = 18,
        };
        await ledger.EndTransferAsync("t1", TransferOutcome.Partial, totals, new Timestamp(77), default).ConfigureAwait(false);
        TransferRecord ended = begun with { Outcome = TransferOutcome.Partial, Totals = totals, Ended = new Timestamp(77) };
        found = (await ledger.ListTransfersAsync(1, null, default).ConfigureAwait(false)).Single();
        Require(found == ended, $"{found} instead of {ended}");
    }

    private static async Task SameIdAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await RequireRefusedAsync(
            async () => await ledger.BeginTransferAsync(Transfer("t1", "b"), Holder(), default).ConfigureAwait(false),
            "it began twice").ConfigureAwait(false);
    }

    private static async Task NewestFirstAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        int[] moments = [3, 1, 4, 2, 5];
        foreach (int moment in moments)
        {
            TransferRecord transfer = Transfer($"t{moment}", $"d{moment}") with { Started = new Timestamp(moment) };
            await ledger.BeginTransferAsync(transfer, Holder(), default).ConfigureAwait(false);
        }

        IReadOnlyList<TransferRecord> first = await ledger.ListTransfersAsync(2, null, default).ConfigureAwait(false);
        RequireSame(["t5", "t4"], first.Select(one => one.Id), "the first page");
        IReadOnlyList<TransferRecord> rest = await ledger.ListTransfersAsync(10, first[^1].Started, default).ConfigureAwait(false);
        RequireSame(["t3", "t2", "t1"], rest.Select(one => one.Id), "the rest");
    }

    private static async Task PrefixAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        string[] ids = ["01a", "01b", "01c", "02", "0_", "0%"];
        foreach (string id in ids)
        {
            await ledger.BeginTransferAsync(Transfer(id, id), Holder(), default).ConfigureAwait(false);
        }

        (string Prefix, int Count)[] rows = [("01a", 1), ("02", 1), ("01", 2), ("03", 0), ("01ab", 0), ("0_", 1), ("0%", 1), ("1a", 0)];
        foreach ((string prefix, int count) in rows)
        {
            IReadOnlyList<TransferRecord> found = await ledger.FindTransfersAsync(prefix, default).ConfigureAwait(false);
            Require(found.Count == count && found.All(one => one.Id.StartsWith(prefix, StringComparison.Ordinal)),
                $"\"{prefix}\" finds {found.Count}");
        }
    }

    private static async Task UnknownAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        Require(!await ledger.RenewAsync("none", default).ConfigureAwait(false), "an unknown claim was renewed");
        await RequireRefusedAsync(() => ledger.EndAsync("none"), "it ended").ConfigureAwait(false);
        await RequireRefusedAsync(
            () => ledger.RecordDeliveredAsync("none", [Receipt(1, Intent("a"))], default), "it delivered").ConfigureAwait(false);
        await RequireRefusedAsync(
            () => ledger.RecordAttemptsAsync("none", [Attempt("a", 1, true)], default), "it failed a file").ConfigureAwait(false);
    }
}
