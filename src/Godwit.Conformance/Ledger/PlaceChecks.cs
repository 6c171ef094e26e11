using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is known of one file or directory, over all transfers.</summary>
internal static class PlaceChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("Receipts are found by the place of their source or destination, over all transfers, by pages that lose none", DeliveriesAsync),
        new("Receipts are found by their path below the destination of whichever transfer, newest transfer first", BelowAsync),
        new("A receipt that is found says whether it is the newest one of its destination", NewestAsync),
        new("Marks are found by the place of their source or destination, by pages that lose none", MarksAsync),
    ];

    private static async Task DeliveriesAsync(OpenLedger open)
    {
        ILedger ledger = await TwoTransfersAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        await RequireDeliveriesAsync(ledger, new PlaceSearch(From, Path("d/a")), ["t2 d/a > d/a", "t2 d/a > z/copy", "t1 d/a > d/a"]).ConfigureAwait(false);
        await RequireDeliveriesAsync(
            ledger,
            new PlaceSearch(From, Path("d")),
            ["t2 d/a > d/a", "t2 d/a > z/copy", "t2 d/c > d/c", "t1 d > d", "t1 d/a > d/a", "t1 d/b > d/b"]).ConfigureAwait(false);
        await RequireDeliveriesAsync(ledger, new PlaceSearch(To, Path("z")), ["t2 d/a > z/copy", "t2 q > z/q"]).ConfigureAwait(false);
        await RequireDeliveriesAsync(
            ledger,
            new PlaceSearch(To, StorePath.Root),
            [.. Names("t2", "d/a > d/a", "d/c > d/c", "d/a > z/copy", "q > z/q"), .. Names("t1", "d > d", "d-x > d-x", "d/a > d/a", "d/b > d/b")]).ConfigureAwait(false);
        await RequireDeliveriesAsync(ledger, new PlaceSearch("file://none", Path("d")), []).ConfigureAwait(false);
    }

    private static async Task BelowAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        string[] claims = ["x", "y/w", "y/w/a"];
        for (int number = 0; number < claims.Length; number++)
        {
            string id = $"t{number}";
            await ledger.BeginTransferAsync(Transfer(id, claims[number]), Holder(), default).ConfigureAwait(false);
            string[] names = claims[number] == "y/w/a" ? ["y/w/a"] : [$"{claims[number]}/a", $"{claims[number]}/a/b", $"{claims[number]}/a-b", $"{claims[number]}/c/a"];
            await ledger.RecordDeliveredAsync(id, [.. names.Select(name => Receipt(0, Intent("s") with { Destination = Path(name) }))], default)
                .ConfigureAwait(false);
            await ledger.EndAsync(id).ConfigureAwait(false);
        }

        string[] expected = ["t2 s > y/w/a", "t1 s > y/w/a", "t1 s > y/w/a/b", "t0 s > x/a", "t0 s > x/a/b"];
        await RequireDeliveriesAsync(ledger, new PlaceSearch(null, Path("a")), expected).ConfigureAwait(false);
    }

    private static async Task NewestAsync(OpenLedger open)
    {
        ILedger ledger = await TwoTransfersAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        await ledger.ForgetDeliveredAsync(To, [Path("d/b")], default).ConfigureAwait(false);
        IReadOnlyList<Delivery> found = await ledger.FindDeliveriesAsync(new PlaceSearch(From, Path("d")), null, 9, default).ConfigureAwait(false);
        string[] newest = [.. found.Where(one => one.IsNewest).Select(Told)];
        RequireSame(["t2 d/a > d/a", "t2 d/a > z/copy", "t2 d/c > d/c", "t1 d > d"], newest, "the newest");
    }

    private static async Task MarksAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        FileMark[] marks =
        [
            Mark("d/a", "d/a"), Mark("d/a", "z"), Mark("d/b", "d/a"), Mark("d-x", "d-x"), Mark("d", "d"),
            Mark("d/a", "d/a") with { SourceSpace = "file://other" }, Mark("d/a", "d/a") with { DestinationSpace = "s3://other" },
        ];
        await ledger.RecordMarksAsync(marks, default).ConfigureAwait(false);
        await RequireMarksAsync(ledger, new PlaceSearch(From, Path("d")), ["d > d", "d/a > d/a", "d/a > d/a", "d/a > z", "d/b > d/a"]).ConfigureAwait(false);
        await RequireMarksAsync(ledger, new PlaceSearch(To, Path("d/a")), ["d/a > d/a", "d/a > d/a", "d/b > d/a"]).ConfigureAwait(false);
        await RequireMarksAsync(ledger, new PlaceSearch(null, Path("d/a")), ["d/a > d/a", "d/a > d/a", "d/b > d/a"]).ConfigureAwait(false);
        await RequireMarksAsync(ledger, new PlaceSearch("file://none", Path("d")), []).ConfigureAwait(false);
    }

    private static async Task RequireDeliveriesAsync(ILedger ledger, PlaceSearch search, IReadOnlyList<string> expected)
    {
        int[] limits = [1, 2, 3, 100];
        foreach (int limit in limits)
        {
            var found = new List<Delivery>();
            IReadOnlyList<Delivery> page;
            while ((page = await ledger.FindDeliveriesAsync(search, found.LastOrDefault(), limit, default).ConfigureAwait(false)).Count > 0)
            {
                found.AddRange(page);
                Require(found.Count <= expected.Count, "a page comes again, or receipts of other places");
            }

            RequireSame(expected, found.Select(Told), $"pages of {limit}");
        }
    }

    private static async Task RequireMarksAsync(ILedger ledger, PlaceSearch search, IReadOnlyList<string> expected)
    {
        int[] limits = [1, 2, 100];
        foreach (int limit in limits)
        {
            var found = new List<FileMark>();
            IReadOnlyList<FileMark> page;
            while ((page = await ledger.FindMarksAsync(search, found.LastOrDefault(), limit, default).ConfigureAwait(false)).Count > 0)
            {
                found.AddRange(page);
                Require(found.Count <= expected.Count, "a page comes again, or marks of other places");
            }

            // Of different spaces in whichever order.
            RequireSame(expected, found.Select(mark => $"{mark.Source} > {mark.Destination}").Order(StringComparer.Ordinal), $"pages of {limit}");
        }
    }

    private static async Task<ILedger> TwoTransfersAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        string[] first = ["d", "d/a", "d/b", "d-x"];
        await ledger.RecordDeliveredAsync("t1", [.. first.Select(name => Receipt(0, Intent(name)))], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await ledger.BeginTransferAsync(Transfer("t2", ""), Holder(), default).ConfigureAwait(false);
        (string From, string To)[] second = [("d/a", "d/a"), ("d/a", "z/copy"), ("q", "z/q"), ("d/c", "d/c")];
        await ledger.RecordDeliveredAsync(
            "t2", [.. second.Select(pair => Receipt(0, Intent(pair.From) with { Destination = Path(pair.To) }))], default).ConfigureAwait(false);
        await ledger.EndAsync("t2").ConfigureAwait(false);
        return ledger;
    }

    private static IEnumerable<string> Names(string transfer, params string[] pairs) => pairs.Select(pair => $"{transfer} {pair}");

    private static string Told(Delivery one) => $"{one.Transfer.Id} {one.Receipt.Intent.Source} > {one.Receipt.Intent.Destination}";

    private static FileMark Mark(string source, string destination) =>
        new(MarkKind.Baseline, From, Path(source), To, Path(destination), "v1", 12, new Timestamp(123_456_789));
}
