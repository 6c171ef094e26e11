using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record.Access;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is kept of who changed what.</summary>
internal static class AuditChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("The audit trail is told newest first, by page, as it was written down", IsToldAsync),
    ];

    private static async Task IsToldAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        AuditEntry[] entries =
        [
            .. Enumerable.Range(1, 5).Select(at => new AuditEntry(new Timestamp(at), "alice", "t", "::1", "create_transfer", $"x{at}", 200 + at)),
            new AuditEntry(new Timestamp(3), "", "", "", "", "", 403) { Detail = "\"ä\"" },
        ];
        await opened.Audit.AppendAsync(entries[..2], default).ConfigureAwait(false);
        await opened.Audit.AppendAsync(entries[2..], default).ConfigureAwait(false);
        var told = new List<AuditEntry>();
        for (IReadOnlyList<AuditEntry> page = [new(default, "", "", "", "", "", 0) { Number = long.MaxValue }]; page.Count > 0; told.AddRange(page))
        {
            page = await opened.Audit.ListAsync(page[^1].Number, 4, default).ConfigureAwait(false);
        }

        Require(told.Select(one => one with { Number = 0 }).SequenceEqual(entries.Reverse()), $"the entries are {string.Join(", ", told)}");
        Require(told.Zip(told.Skip(1)).All(pair => pair.First.Number > pair.Second.Number), "their numbers do not fall");
        Require((await opened.Audit.ListAsync(null, 1, default).ConfigureAwait(false)).SequenceEqual(told.Take(1)), "the first page does not begin with the newest");
    }
}
