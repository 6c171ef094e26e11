using System.Text.Json;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>The fields of each event.</summary>
internal static class EventFields
{
    /// <summary>Writes the fields into an open object.</summary>
    public static void Write(Utf8JsonWriter json, TransferEvent happened)
    {
        switch (happened)
        {
            case TransferStarted started:
                json.WriteString("verb", started.Verb);
                json.WriteString("source", started.Source);
                json.WriteString("destination", started.Destination);
                break;
            case FilePlanned planned:
                Planned(json, planned);
                break;
            case FileStarted started:
                json.WritePath("path", started.Path);
                json.WriteSource(started.Source, started.Path);
                json.WriteNumber("bytes", started.Length);
                json.WriteBoolean("resumed", started.Resumed);
                break;
            case RouteRefused refused:
                json.WritePath("path", refused.Path);
                json.WriteString("route", refused.Route);
                json.WriteString("message", refused.Message);
                break;
            case FileDelivered delivered:
                Delivered(json, delivered);
                break;
            case FileRetried retried:
                json.WriteFailure(FailedFile.From(new FileFailed(retried.Path, retried.Attempt, retried.Failure) { Source = retried.Source }));
                break;
            case FileFailed failed:
                json.WriteFailure(FailedFile.From(failed));
                break;
            case EntryMade made:
                json.WritePath("path", made.Path);
                json.WriteString("kind", Words.Of(made.Kind));
                break;
            case EntryDeleted deleted:
                json.WritePath("path", deleted.Path);
                json.WriteString("kind", Words.Of(deleted.Kind));
                json.WriteNumber("bytes", deleted.Length);
                break;
            case FileBackedUp kept:
                json.WritePath("path", kept.Path);
                json.WritePath("backup", kept.Backup);
                json.WriteNumber("bytes", kept.Length);
                break;
            case SourceDeleted deleted:
                json.WritePath("path", deleted.Path);
                json.WriteString("kind", Words.Of(deleted.Kind));
                json.WriteNumber("bytes", deleted.Length);
                break;
            case ExtrasKept kept:
                json.WriteNumber("files", kept.Files);
                json.WriteString("reason", kept.Reason);
                break;
            case LeftoverRemoved removed:
                json.WritePath("path", removed.Path);
                break;
            case TransferStopping stopping:
                json.WriteString("reason", Words.Of(stopping.Reason));
                json.WriteString("message", stopping.Message);
                break;
            case TransferEnded ended:
                Ended(json, ended.Outcome, ended.Totals, ended.Took);
                break;
        }
    }

    private static void Planned(Utf8JsonWriter json, FilePlanned planned)
    {
        PlanItem item = planned.Item;
        json.WritePath("path", item.Destination);
        json.WriteSource(item.Source.Path, item.Destination);
        json.WriteString("action", Words.Of(item.Decision));
        json.WriteString("reason", item.Reason);
        json.WriteNumber("bytes", item.Source.Length);
        if (planned.Route is { } route)
        {
            json.WriteString("route", route);
            json.WriteString("route_reason", Words.Of(planned.RouteReason));
        }
    }

    private static void Delivered(Utf8JsonWriter json, FileDelivered delivered)
    {
        Receipt receipt = delivered.Receipt;
        json.WritePath("path", delivered.Path);
        json.WriteSource(delivered.Source, delivered.Path);
        json.WriteNumber("bytes", receipt.Intent.Length);
        json.WriteNumber("sent_bytes", receipt.SentBytes);
        json.WriteString("verdict", Words.Of(receipt.Verdict));
        json.WriteString("source_proof", Words.Of(receipt.SourceProof));
        json.WriteString("route", receipt.Route);
        json.WriteString("route_reason", Words.Of(receipt.RouteReason));
        json.WriteChecksums(receipt.Checksums);
    }

    private static void Ended(Utf8JsonWriter json, TransferOutcome outcome, TransferTotals totals, TimeSpan took)
    {
        json.WriteString("outcome", Words.Of(outcome));
        json.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3));
        json.WriteTotals(totals);
    }
}
