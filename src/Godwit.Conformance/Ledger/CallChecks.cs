using System.Runtime.CompilerServices;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>What holds for every call.</summary>
internal static class CallChecks
{
    private const int Writers = 8;
    private const int Rounds = 10;

    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("A call that was cancelled before it began leaves nothing", CancelledAsync),
        new("A call that fails halfway leaves nothing", HalfwayAsync),
        new("Many threads of two processes write at once and nothing is lost", AtOnceAsync),
        new("What one process wrote, another one sees at once", SeenAsync),
    ];

    private static async Task CancelledAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long file = (await ledger.StartFilesAsync("t1", [Intent("kept")], default).ConfigureAwait(false))[0];
        var cancelled = new CancellationToken(true);
        Func<ValueTask>[] calls =
        [
            async () => await ledger.BeginTransferAsync(Transfer("t2", "x", "s3://free"), Holder(), cancelled).ConfigureAwait(false),
            async () => await ledger.StartFilesAsync("t1", [Intent("a")], cancelled).ConfigureAwait(false),
            () => ledger.RecordPartsAsync(file, [Part(1)], cancelled),
            () => ledger.RecordUploadAsync(file, "upload", 8, cancelled),
            () => ledger.RecordCompletingAsync(file, default, cancelled),
            () => ledger.RecordDeliveredAsync("t1", [Receipt(file, Intent("kept"))], cancelled),
            () => ledger.RecordAttemptsAsync("t1", [Attempt("kept", 1, true)], cancelled),
            () => ledger.ForgetFilesAsync([file], cancelled),
            () => ledger.EndTransferAsync("t1", TransferOutcome.Error, new TransferTotals(), default, cancelled),
            async () => await ledger.ListReceiptsAsync(Scope(), null, 9, cancelled).ConfigureAwait(false),
        ];
        for (int at = 0; at < calls.Length; at++)
        {
            Require(await IsCancelledAsync(calls[at]).ConfigureAwait(false), $"call {at} does not say that it was cancelled");
        }

        Require(await ledger.RenewAsync("t1", default).ConfigureAwait(false), "the claim is gone");
        await ledger.EndAsync("t1").ConfigureAwait(false);
        UnfinishedFile[] found = [.. await ledger.UnfinishedAsync().ConfigureAwait(false)];
        Require(found.Length == 1 && found[0].File == file && found[0].Parts.Count == 0 && found[0].UploadId is null && found[0].Completing is null, "the files are others");
        Require((await ledger.ListTransfersAsync(9, null, default).ConfigureAwait(false)).Count == 1, "a transfer began");
        Require((await ledger.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false)).Count == 0, "there is a receipt");
        Require((await ledger.ListFailedAsync("t1", null, 9, default).ConfigureAwait(false)).Count == 0, "there is an attempt");
    }

    private static async Task<bool> IsCancelledAsync(Func<ValueTask> call)
    {
        try
        {
            await call().ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static async Task HalfwayAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long old = (await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false))[0];
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await ledger.BeginTransferAsync(Transfer("t2", ""), Holder(), default).ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.AdoptFilesAsync("t2", [old, old + 1000], default), "adopted").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        Require(found.Count == 1, "the first file was adopted although the second could not be");
    }

    private static async Task AtOnceAsync(OpenLedger open)
    {
        ILedger first = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable firstClosing = first.ConfigureAwait(false);
        ILedger second = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable secondClosing = second.ConfigureAwait(false);
        await Task.WhenAll(Enumerable.Range(0, Writers)
            .Select(writer => Task.Run(() => WriteAsync(writer % 2 == 0 ? first : second, writer)))).ConfigureAwait(false);
        IReadOnlyList<Receipt> receipts = await first.ListDeliveredAsync("t1", null, 1000, default).ConfigureAwait(false);
        Require(receipts.Count == Writers * Rounds, $"{receipts.Count} receipts instead of {Writers * Rounds}");
        await first.EndAsync("t1").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> left = await first.UnfinishedAsync().ConfigureAwait(false);
        Require(left.Count == Writers * Rounds && left.All(file => file.Parts.Count == 2), $"{left.Count} files are left over, or lack parts");
    }

    private static async Task WriteAsync(ILedger ledger, int writer)
    {
        for (int round = 0; round < Rounds; round++)
        {
            FileIntent[] both = [Intent($"{writer}/{round}/done"), Intent($"{writer}/{round}/left")];
            IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", both, default).ConfigureAwait(false);
            await ledger.RecordPartsAsync(files[1], [Part(1), Part(2)], default).ConfigureAwait(false);
            await ledger.RecordDeliveredAsync("t1", [Receipt(files[0], both[0])], default).ConfigureAwait(false);
        }
    }

    private static async Task SeenAsync(OpenLedger open)
    {
        ILedger first = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable firstClosing = first.ConfigureAwait(false);
        ILedger second = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable secondClosing = second.ConfigureAwait(false);
        for (int round = 1; round <= 5; round++)
        {
            await first.RecordDeliveredAsync("t1", [Receipt(0, Intent($"f{round}"))], default).ConfigureAwait(false);
            IReadOnlyList<Receipt> seen = await second.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false);
            Require(seen.Count == round, $"{seen.Count} receipts are seen instead of {round}");
        }
    }
}
