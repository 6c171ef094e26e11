using System.Text.Json;
using Godwit.Transfers;

namespace Godwit.Cli.Results;

/// <summary>The report: one JSON object, the totals first and then every failed file.</summary>
internal static class RunReport
{
    /// <summary>The version of the report's shape; fields may be added without a new one.</summary>
    public const int Version = 1;

    /// <summary>Writes the report; its memory does not grow with the failures.</summary>
    public static async Task WriteAsync(Stream stream, RunEnd end, IAsyncEnumerable<FailedFile> failed)
    {
        var json = new Utf8JsonWriter(stream, JsonFields.Options with { Indented = true });
        await using (json.ConfigureAwait(false))
        {
            json.WriteStartObject();
            WriteHead(json, end);
            json.WriteTotals(end.Totals);
            if (end.PlanIsUnknown)
            {
                json.WriteBoolean("plan_unknown", true);
            }

            if (end.LeavesSource)
            {
                // Where a guard refused, nothing at all was deleted there.
                long kept = end.Stopped == StopReason.GuardRefused ? end.Totals.Delivered + end.Totals.Unchanged : 0;
                json.WriteNumber("left_at_source", end.Totals.SkippedLinks + end.Totals.SkippedSpecial + kept);
            }

            if (end.Kept is { } stays)
            {
                json.WriteNumber("not_deleted", stays.Files);
                json.WriteString("not_deleted_because", stays.Reason);
            }

            WriteCounts(json, "verdicts", end.Verdicts, Words.Of);
            WriteCounts(json, "source_proofs", end.SourceProofs, Words.Of);
            json.WriteStartArray("failed");
            await foreach (FailedFile file in failed.ConfigureAwait(false))
            {
                json.WriteStartObject();
                json.WriteFailure(file);
                json.WriteEndObject();
                if (json.BytesPending > 32 * 1024)
                {
                    await json.FlushAsync().ConfigureAwait(false);
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteHead(Utf8JsonWriter json, RunEnd end)
    {
        json.WriteNumber("v", Version);
        json.WriteString("id", end.Id);
        json.WriteString("verb", end.Verb);
        json.WriteString("source", end.Source);
        json.WriteString("destination", end.Destination);
        json.WriteBoolean("dry_run", end.DryRun);
        json.WriteString("outcome", Words.Of(end.Outcome));
        if (end.Stopped != StopReason.None)
        {
            json.WriteString("stopped", Words.Of(end.Stopped));
        }

        if (end.Error is not null)
        {
            json.WriteString("error", end.Error);
        }

        if (end.Code is { } code)
        {
            json.WriteNumber("exit_code", (int)code);
        }

        if (end.ListingIncomplete is { } incomplete)
        {
            json.WriteBoolean("listing_incomplete", incomplete);
        }

        json.WriteString("started", end.Started.ToString());
        if (end.Ended is { } ended)
        {
            json.WriteString("ended", ended.ToString());
        }

        // A clock that was set back in between must not make it less than nothing.
        TimeSpan took = end.Ended is { } last ? last.ToDateTimeOffset() - end.Started.ToDateTimeOffset() : end.Took;
        json.WriteNumber("seconds", Math.Max(0, Math.Round(took.TotalSeconds, 3)));
    }

    private static void WriteCounts<T>(Utf8JsonWriter json, string name, IReadOnlyDictionary<T, long>? counts, Func<T, string> wordOf)
    {
        if (counts is null)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach ((T value, long files) in counts)
        {
            json.WriteNumber(wordOf(value), files);
        }

        json.WriteEndObject();
    }
}
