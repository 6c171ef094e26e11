using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>The evidence for delivered files.</summary>
internal static class ReceiptChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("A receipt comes back as it was, also by another process after the first is gone", RoundTripAsync),
        new("A delivered file is not under way any more, and its parts are forgotten", DeliveredAsync),
        new("What a run delivers after its claim was taken over gets no receipt, and no part or upload of it is recorded", LateAsync),
        new("Of two receipts of one pair the newest counts, and each transfer keeps its own", NewestAsync),
        new("A receipt of another source at the same destination takes the place of the older one", OverwrittenAsync),
        new("What is forgotten at a destination is not among the newest receipts, and stays with its transfer", ForgottenAsync),
        new("Receipts are listed in order of the source's bytes, by pages that lose none", PagesAsync),
        new("Receipts are listed for one scope and nothing beside it", ScopeAsync),
        new("What a transfer delivered is listed in order of the destination's bytes, by page", DeliveredPagesAsync),
    ];

    private static async Task RoundTripAsync(OpenLedger open)
    {
        Receipt full = Receipt(1, Intent(StorePath.FromBytes([0xc3, 0x28, (byte)' '])));
        Receipt bare = Receipt(2, Intent("b")) with { DestinationVersion = null, Checksums = [], Verdict = Verdict.SizeOnly };
        ILedger run = await BegunAsync(open).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            await run.RecordDeliveredAsync("t1", [full, bare], default).ConfigureAwait(false);
        }

        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<Receipt> newest = await ledger.ListReceiptsAsync(Scope(), null, 9, default).ConfigureAwait(false);
        Require(newest.Count == 2 && Same(newest[0], bare) && Same(newest[1], full), "the newest receipts are others");
        IReadOnlyList<Receipt> made = await ledger.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false);
        Require(made.Count == 2 && Same(made[0], bare) && Same(made[1], full), "the transfer's receipts are others");
    }

    private static async Task ForgottenAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        FileIntent gone = Intent("a"), kept = Intent("b");
        await ledger.RecordDeliveredAsync("t1", [Receipt(1, gone), Receipt(2, kept)], default).ConfigureAwait(false);
        await ledger.ForgetDeliveredAsync("nowhere", [gone.Destination, kept.Destination], default).ConfigureAwait(false);
        await ledger.ForgetDeliveredAsync(gone.DestinationSpace, [gone.Destination, StorePath.FromText("never")], default).ConfigureAwait(false);
        IReadOnlyList<Receipt> newest = await ledger.ListReceiptsAsync(Scope(), null, 9, default).ConfigureAwait(false);
        RequireSame(["b"], newest.Select(receipt => receipt.Intent.Destination.ToString()), "known to be there");
        IReadOnlyList<Receipt> made = await ledger.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false);
        RequireSame(["a", "b"], made.Select(receipt => receipt.Intent.Destination.ToString()), "made by the transfer");
    }

    private static async Task DeliveredAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b")], default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(files[0], [Part(1)], default).ConfigureAwait(false);
        await ledger.RecordDeliveredAsync("t1", [Receipt(files[0], Intent("a"))], default).ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.RecordPartsAsync(files[0], [Part(2)], default), "it is under way").ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        RequireSame(["b"], found.Select(file => file.Intent.Destination.ToString()), "left over");
    }

    private static async Task LateAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<long> late = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b")], default).ConfigureAwait(false);
        RunHolder second = Holder("b") with { IsGone = _ => true };
        await ledger.BeginTransferAsync(Transfer("t2", ""), second, default).ConfigureAwait(false);
        long file = (await ledger.StartFilesAsync("t2", [Intent("a")], default).ConfigureAwait(false))[0];
        await RequireRefusedAsync(
            () => ledger.RecordDeliveredAsync("t1", [Receipt(late[0], Intent("a")), Receipt(late[1], Intent("b"))], default),
            "a receipt was taken").ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.RecordUploadAsync(late[1], "upload", 8, default), "an upload was taken").ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.RecordPartsAsync(late[1], [Part(1)], default), "a part was taken").ConfigureAwait(false);
        Require((await ledger.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false)).Count == 0, "the late run has a receipt");
        Require((await ledger.ListReceiptsAsync(Scope(), null, 9, default).ConfigureAwait(false)).Count == 0, "a late receipt counts");
        IReadOnlyList<UnfinishedFile> left = await ledger.UnfinishedAsync().ConfigureAwait(false);
        RequireSame(["b"], left.Select(one => one.Intent.Destination.ToString()), "left over");
        await ledger.RecordPartsAsync(file, [Part(1)], default).ConfigureAwait(false);
        await ledger.RecordDeliveredAsync("t2", [Receipt(file, Intent("a"))], default).ConfigureAwait(false);
    }

    private static async Task NewestAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        Receipt other = Receipt(2, Intent("a") with { Destination = Path("elsewhere") });
        await ledger.RecordDeliveredAsync("t1", [Receipt(1, Intent("a"), "first"), other], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await ledger.BeginTransferAsync(Transfer("t2", ""), Holder(), default).ConfigureAwait(false);
        await ledger.RecordDeliveredAsync("t2", [Receipt(3, Intent("a"), "second")], default).ConfigureAwait(false);
        await ledger.RecordDeliveredAsync("t2", [Receipt(4, Intent("a"), "third")], default).ConfigureAwait(false);

        IReadOnlyList<Receipt> newest = await ledger.ListReceiptsAsync(Scope(), null, 9, default).ConfigureAwait(false);
        RequireSame(["third", "e1"], newest.Select(one => one.DestinationVersion!), "the newest");
        IReadOnlyList<Receipt> first = await ledger.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false);
        RequireSame(["first", "e1"], first.Select(one => one.DestinationVersion!), "those of the first transfer");
        IReadOnlyList<Receipt> second = await ledger.ListDeliveredAsync("t2", null, 9, default).ConfigureAwait(false);
        RequireSame(["third"], second.Select(one => one.DestinationVersion!), "those of the second transfer");
    }

    private static async Task OverwrittenAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        await ledger.RecordDeliveredAsync("t1", [Receipt(1, Intent("a")), Receipt(2, Intent("c"))], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await ledger.BeginTransferAsync(Transfer("t2", ""), Holder(), default).ConfigureAwait(false);
        Receipt elsewhere = Receipt(3, Intent("a") with { SourceSpace = "file://other" });
        Receipt beside = Receipt(4, Intent("d") with { Destination = Path("c") });
        await ledger.RecordDeliveredAsync("t2", [elsewhere, beside], default).ConfigureAwait(false);

        IReadOnlyList<Receipt> newest = await ledger.ListReceiptsAsync(Scope(), null, 9, default).ConfigureAwait(false);
        RequireSame(["d > c"], newest.Select(Pair), "the newest");
        IReadOnlyList<Receipt> first = await ledger.ListDeliveredAsync("t1", null, 9, default).ConfigureAwait(false);
        RequireSame(["a > a", "c > c"], first.Select(Pair), "those of the first transfer");
    }

    private static async Task PagesAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        string[] names = ["a", "a-b", "a/b", "a/c", "a0", "é", "b"];
        StorePath[] sources = [.. names.Select(Path), StorePath.FromBytes([0xff])];
        var receipts = sources.Select(path => Receipt(0, Intent(path))).ToList();
        receipts.AddRange(Enumerable.Range(0, 5).Select(copy => Receipt(0, Intent("a/b") with { Destination = Path($"copy{copy}") })));
        await ledger.RecordDeliveredAsync("t1", receipts, default).ConfigureAwait(false);
        string[] all = [.. receipts.OrderBy(one => one.Intent.Source).ThenBy(one => one.Intent.Destination).Select(Pair)];
        await RequirePagesAsync(ledger, Scope(), all).ConfigureAwait(false);
        await RequirePagesAsync(ledger, Scope("a"), [.. all.Where(one => one.StartsWith("a ", StringComparison.Ordinal)
            || one.StartsWith("a/", StringComparison.Ordinal))]).ConfigureAwait(false);
    }

    private static async Task RequirePagesAsync(ILedger ledger, ReceiptScope scope, string[] expected)
    {
        int[] limits = [1, 2, 3, 100];
        foreach (int limit in limits)
        {
            var found = new List<string>();
            StorePath? after = null;
            IReadOnlyList<Receipt> page;
            while ((page = await ledger.ListReceiptsAsync(scope, after, limit, default).ConfigureAwait(false)).Count > 0)
            {
                found.AddRange(page.Select(Pair));
                Require(found.Count <= expected.Length, "a page comes again");
                after = page[^1].Intent.Source;
            }

            RequireSame(expected, found, $"pages of {limit}");
        }
    }

    private static string Pair(Receipt receipt) => $"{receipt.Intent.Source} > {receipt.Intent.Destination}";

    private static async Task ScopeAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        FileIntent[] files =
        [
            Intent("a/1") with { Destination = Path("x/1") },
            Intent("a/2") with { Destination = Path("x-2") },
            Intent("a/3") with { Destination = Path("x") },
            Intent("b") with { Destination = Path("x/b") },
            Intent("a/4") with { Destination = Path("x/4"), SourceSpace = "file://other" },
            Intent("a/5") with { Destination = Path("x/5"), DestinationSpace = "s3://other" },
        ];
        await ledger.RecordDeliveredAsync("t1", [.. files.Select(file => Receipt(0, file))], default).ConfigureAwait(false);
        IReadOnlyList<Receipt> found = await ledger.ListReceiptsAsync(Scope("a", "x"), null, 9, default).ConfigureAwait(false);
        RequireSame(["a/1 > x/1", "a/3 > x"], found.Select(Pair), "the scope holds");
        found = await ledger.ListReceiptsAsync(Scope("a", "x") with { SourceSpace = "file://none" }, null, 9, default).ConfigureAwait(false);
        Require(found.Count == 0, "an unknown space has receipts");
    }

    private static async Task DeliveredPagesAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        string[] names = ["b", "a/b", "a-b", "a"];
        StorePath[] paths = [StorePath.FromBytes([0xff]), .. names.Select(Path)];
        await ledger.RecordDeliveredAsync("t1", [.. paths.Select(path => Receipt(0, Intent(path)))], default).ConfigureAwait(false);
        IReadOnlyList<Receipt> first = await ledger.ListDeliveredAsync("t1", null, 3, default).ConfigureAwait(false);
        RequireSame(["a", "a-b", "a/b"], first.Select(one => one.Intent.Destination.ToString()), "the first page");
        IReadOnlyList<Receipt> rest = await ledger.ListDeliveredAsync("t1", Path("a/b"), 3, default).ConfigureAwait(false);
        RequireSame(["b", "\\xff"], rest.Select(one => one.Intent.Destination.ToString()), "the rest");
    }
}
