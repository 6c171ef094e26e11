using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>What was tried in vain.</summary>
internal static class AttemptChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("A file whose last attempt is final has failed, and its last attempt comes back as it was", FailedAsync),
        new("Failed files are listed in order of the destination's bytes, by pages that lose none", PagesAsync),
        new("A file that was delivered after all has not failed, and one with which something went wrong after it was delivered has", DeliveredAsync),
        new("Of a message that is no text the rest is kept, and U+FFFD stands for what no database holds", OddMessageAsync),
    ];

    private static async Task FailedAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        FileAttempt last = Attempt("a", 2, true, 4) with { Message = "zweiter Versuch: ä", MayPass = false };
        FileAttempt[] attempts = [Attempt("a", 1, false, 4), last, Attempt("goes on", 1, false), Attempt("went on", 1, true)];
        await ledger.RecordAttemptsAsync("t1", attempts, default).ConfigureAwait(false);
        await ledger.RecordAttemptsAsync("t1", [Attempt("went on", 2, false)], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await ledger.BeginTransferAsync(Transfer("t2", ""), Holder(), default).ConfigureAwait(false);
        await ledger.RecordAttemptsAsync("t2", [Attempt("of another", 1, true)], default).ConfigureAwait(false);
        IReadOnlyList<FileAttempt> failed = await ledger.ListFailedAsync("t1", null, 9, default).ConfigureAwait(false);
        RequireSame([last.ToString()], failed.Select(one => one.ToString()), "failed");
    }

    private static async Task OddMessageAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        string[] messages = ["nothing\0and on", "half \uD83D of it", "whole \U0001F600\0", "\uDE00"];
        await ledger.RecordAttemptsAsync("t1", [.. messages.Select((message, at) => Attempt($"f{at}", 1, true) with { Message = message })], default).ConfigureAwait(false);
        IReadOnlyList<FileAttempt> failed = await ledger.ListFailedAsync("t1", null, 9, default).ConfigureAwait(false);
        RequireSame(["nothing\uFFFDand on", "half \uFFFD of it", "whole \U0001F600\uFFFD", "\uFFFD"], failed.Select(one => one.Message), "messages");
    }

    private static async Task PagesAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        FileAttempt[] attempts =
        [
            Attempt("b", 1, true), Attempt("a/b", 1, true), Attempt("a-b", 1, true),
            Attempt("b", 1, true) with { Source = Path("B") }, Attempt("b", 1, true) with { Source = Path("c") }, Attempt("z", 1, true),
        ];
        await ledger.RecordAttemptsAsync("t1", attempts, default).ConfigureAwait(false);
        int[] limits = [1, 2, 3, 4, 100];
        foreach (int limit in limits)
        {
            var found = new List<string>();
            IReadOnlyList<FileAttempt> page = await ledger.ListFailedAsync("t1", null, limit, default).ConfigureAwait(false);
            while (page.Count > 0 && found.Count <= attempts.Length)
            {
                found.AddRange(page.Select(one => $"{one.Source} > {one.Destination}"));
                page = await ledger.ListFailedAsync("t1", page[^1].Destination, limit, default).ConfigureAwait(false);
            }

            RequireSame(["a-b > a-b", "a/b > a/b", "B > b", "b > b", "c > b", "z > z"], found, $"pages of {limit}");
        }
    }

    private static async Task DeliveredAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        await ledger.RecordAttemptsAsync("t1", [Attempt("a", 1, true), Attempt("b", 1, true), Attempt("c", 2, true)], default).ConfigureAwait(false);
        var later = new Timestamp(Attempt("a", 1, true).Ended.Nanoseconds + 1);
        Receipt[] delivered = [Receipt(0, Intent("a")) with { Delivered = later }, Receipt(0, Intent("c"))];
        await ledger.RecordDeliveredAsync("t1", delivered, default).ConfigureAwait(false);
        IReadOnlyList<FileAttempt> failed = await ledger.ListFailedAsync("t1", null, 9, default).ConfigureAwait(false);
        RequireSame(["b", "c"], failed.Select(one => one.Destination.ToString()), "failed");
    }
}
