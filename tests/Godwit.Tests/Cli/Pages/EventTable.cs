using System.Globalization;
using System.Text;
using System.Text.Json;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli.Pages;

/// <summary>One of each event, and the page that lists them as the writer of the lines writes them.</summary>
internal static class EventTable
{
    private static readonly StorePath File = StorePath.FromText("a/b");

    private static readonly FileFailure Failure = FileFailure.SourceChanged("it is longer");

    public static TransferEvent[] Samples { get; } =
    [
        new TransferStarted("id", "copy", "file:///a", "file:///b"),
        new FilePlanned(new PlanItem(PlanDecision.Move, "new", new StoreEntry { Path = File, Kind = EntryKind.File }, File, null)) { Route = Receipt.StreamRoute },
        new FileStarted(File, 1, false),
        new FileDelivered(File, ReceiptOf()),
        new FileRetried(File, 1, Failure),
        new FileFailed(File, 2, Failure),
        new EntryMade(File, EntryKind.Directory),
        new FileBackedUp(File, File, 1),
        new EntryDeleted(File, EntryKind.File, 1),
        new SourceDeleted(File, 1),
        new ExtrasKept(1, "not everything arrived"),
        new LeftoverRemoved(File),
        new RouteRefused(File, "third-party", "the other server does not know this one"),
        new TransferStopping(StopReason.TimeBudget, "the time budget is used up"),
        new TransferEnded("id", TransferOutcome.Success, new TransferTotals(), TimeSpan.FromSeconds(1)),
    ];

    // What the ledger of a service writes itself; the tests of the journal hold it to these names.
    private const string OfAService = """

        ## Of a service

        The events that a service keeps of a transfer ([how](tasks/run-the-service.md)) are these, but for `file.started`, `file.planned` and directories; `transfer` is the transfer's
        id then, not that of a run. Before and between them stand its own:

        | event | fields |
        | --- | --- |
        | `transfer.state` | `state`, `round` (number), `from` (not at first), `why` (where there is more to say) |
        | `transfer.paused` | `by`, `message` |
        | `transfer.resumed` | |
        | `transfer.priority` | `priority` (number) |
        | `transfer.cancel-asked` | |
        | `transfer.call-out` | `stage` (`stage` or `prepare`), `by` (who is asked), `what` (see below), `success` (true or false, with `answered`), `message` (where there is one) |

        `what` of a call-out is `begun` (somebody is to be asked), `asked` (the first time), `fault` (he was asked in vain; told again only where something else is wrong),
        `acknowledged`, `answered`, `released` (he was told that it is needed no more), `release-failed` (he was to be told; again only where something else is wrong).

        Events of transfers that ended long ago may be removed; whoever reads on after one that was goes on with what is left. No number is ever given again, but by
        a ledger that was brought back from a copy: whoever follows from a number beyond its newest one hears what is new from then on.

        """;

    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder("""
            # Events

            `--json` writes one JSON object a line to standard output. Every line has `v` (the version of this form), `event`, `time` (UTC) and
            `transfer` (the run's id), and the fields of its event. Fields may be added; none changes its meaning. `path` is relative to SRC or DST;
            where its bytes are not UTF-8, those are written as `\xNN` and `path_base64` holds all of it.
            Where a file has another name at DST, `path` is that one, and `source_path` the one at SRC.
            This page is written by a test from what the program writes; it is not edited.

            | event | fields |
            | --- | --- |

            """);
        foreach (TransferEvent sample in Samples.OrderBy(sample => sample.Name, StringComparer.Ordinal))
        {
            using var line = JsonDocument.Parse(LineOf(sample));
            IEnumerable<string> own = line.RootElement.EnumerateObject().Skip(4).Select(Field);
            page.Append(CultureInfo.InvariantCulture, $"| `{sample.Name}` | {string.Join(", ", own)} |\n");
        }

        return page.Append(OfAService).ToString();
    }

    private static string LineOf(TransferEvent sample)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using (var lines = new EventLines(output, "id", TimeProvider.System))
        {
            lines.On(sample);
        }

        return output.ToString();
    }

    private static string Field(JsonProperty field) => field.Value.ValueKind switch
    {
        JsonValueKind.Object when field.Name == "checksums" => "`checksums` (hexadecimal digits by kind)",
        JsonValueKind.Object => $"`{field.Name}` ({string.Join(", ", field.Value.EnumerateObject().Select(inner => $"`{inner.Name}`"))})",
        JsonValueKind.Number => $"`{field.Name}` (number)",
        JsonValueKind.True or JsonValueKind.False => $"`{field.Name}` (true or false)",
        _ => $"`{field.Name}`",
    };

    private static Receipt ReceiptOf() => new()
    {
        File = 1,
        Intent = new FileIntent("file://a", File, "v1", "file://b", File, 1, "tag"),
        Checksums = [],
        Verdict = Verdict.ReadBack,
        Route = "stream",
        SentBytes = 1,
        Delivered = default,
    };
}
