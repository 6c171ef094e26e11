using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>What people said of files.</summary>
internal static class MarkChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("A mark comes back as it was, also by another process after the first is gone", RoundTripAsync),
        new("Of two marks of one pair the newest counts, and another destination has its own", NewestAsync),
        new("A delivered file has no mark any more, and one that went elsewhere keeps it", DeliveredAsync),
        new("Marks are listed for one scope in order of the source's bytes, by pages that lose none", PagesAsync),
    ];

    private static async Task RoundTripAsync(OpenLedger open)
    {
        FileMark[] marks = [Mark(StorePath.FromBytes([0xc3, 0x28])), Mark("b") with { Kind = MarkKind.Resend, SourceVersion = "", Length = 0, Made = new Timestamp(-7) }];
        ILedger first = await open(TimeProvider.System).ConfigureAwait(false);
        await using (first.ConfigureAwait(false))
        {
            await first.RecordMarksAsync(marks, default).ConfigureAwait(false);
        }

        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        IReadOnlyList<FileMark> found = await ledger.ListMarksAsync(Scope(), null, 9, default).ConfigureAwait(false);
        Require(found.SequenceEqual(marks.Reverse()), "the marks are others");
    }

    private static async Task NewestAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        await ledger.RecordMarksAsync([Mark("a"), Mark("a") with { Destination = Path("z") }], default).ConfigureAwait(false);
        await ledger.RecordMarksAsync([Mark("a") with { Kind = MarkKind.Resend, SourceVersion = "v2" }], default).ConfigureAwait(false);
        IReadOnlyList<FileMark> found = await ledger.ListMarksAsync(Scope(), null, 9, default).ConfigureAwait(false);
        RequireSame(["a Resend v2", "z Baseline v1"], found.Select(mark => $"{mark.Destination} {mark.Kind} {mark.SourceVersion}"), "marked");
    }

    private static async Task DeliveredAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        await ledger.RecordMarksAsync([Mark("a"), Mark("a") with { Destination = Path("z") }, Mark("b")], default).ConfigureAwait(false);
        await ledger.RecordDeliveredAsync("t1", [Receipt(1, Intent("a")), Receipt(2, Intent("c"))], default).ConfigureAwait(false);
        IReadOnlyList<FileMark> found = await ledger.ListMarksAsync(Scope(), null, 9, default).ConfigureAwait(false);
        RequireSame(["z", "b"], found.Select(mark => mark.Destination.ToString()), "still marked");
    }

    private static async Task PagesAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        string[] names = ["d/b", "d", "d-a", "d/a", "e", "c"];
        FileMark[] marks = [.. names.Select(name => Mark(name)), .. Enumerable.Range(0, 3).Select(copy => Mark("d/a") with { Destination = Path($"d/copy{copy}") })];
        await ledger.RecordMarksAsync([.. marks, Mark("d/x") with { SourceSpace = "file://other" }, Mark("d/y") with { Destination = Path("far") }], default)
            .ConfigureAwait(false);
        string[] expected = ["d > d", "d/a > d/a", "d/a > d/copy0", "d/a > d/copy1", "d/a > d/copy2", "d/b > d/b"];
        int[] limits = [1, 2, 100];
        foreach (int limit in limits)
        {
            var found = new List<string>();
            StorePath? after = null;
            IReadOnlyList<FileMark> page;
            while ((page = await ledger.ListMarksAsync(Scope("d", "d"), after, limit, default).ConfigureAwait(false)).Count > 0)
            {
                found.AddRange(page.Select(mark => $"{mark.Source} > {mark.Destination}"));
                Require(found.Count <= expected.Length, "a page comes again, or marks of another scope");
                after = page[^1].Source;
            }

            RequireSame(expected, found, $"pages of {limit}");
        }
    }

    private static FileMark Mark(string name) => Mark(Path(name));

    private static FileMark Mark(StorePath path) => new(MarkKind.Baseline, From, path, To, path, "v1", 12, new Timestamp(123_456_789));
}
