using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>Values as every JSON that Godwit writes has them.</summary>
internal static class JsonFields
{
    /// <summary>Names in their own letters, one line.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A path: a string; where its bytes are not UTF-8, those are <c>\xNN</c> and <c>NAME_base64</c> holds the whole path.</summary>
    public static void WritePath(this Utf8JsonWriter json, string name, StorePath path)
    {
        if (PathText.IsUtf8(path.Bytes))
        {
            json.WriteString(name, path.Bytes);
            return;
        }

        json.WriteString(name, path.ToString());
        json.WriteBase64String(name + "_base64", path.Bytes);
    }

    /// <summary>The path at the source, where it is another than at the destination.</summary>
    public static void WriteSource(this Utf8JsonWriter json, StorePath source, StorePath path)
    {
        if (source != path)
        {
            json.WritePath("source_path", source);
        }
    }

    /// <summary>The counts of a transfer.</summary>
    public static void WriteTotals(this Utf8JsonWriter json, TransferTotals totals)
    {
        json.WriteStartObject("totals");
        json.WriteNumber("planned", totals.Planned);
        json.WriteNumber("planned_bytes", totals.PlannedBytes);
        json.WriteNumber("delivered", totals.Delivered);
        json.WriteNumber("delivered_bytes", totals.DeliveredBytes);
        json.WriteNumber("sent_bytes", totals.SentBytes);
        json.WriteNumber("failed", totals.Failed);
        json.WriteNumber("failed_retryable", totals.FailedRetryable);
        json.WriteNumber("not_attempted", totals.NotAttempted);
        json.WriteNumber("unchanged", totals.Unchanged);
        json.WriteNumber("skipped_links", totals.SkippedLinks);
        json.WriteNumber("skipped_special", totals.SkippedSpecial);
        json.WriteNumber("filtered", totals.Filtered);
        json.WriteNumber("unsettled", totals.Unsettled);
        json.WriteNumber("before_baseline", totals.BeforeBaseline);
        json.WriteNumber("directories", totals.Directories);
        json.WriteNumber("empty_directories", totals.EmptyDirectories);
        json.WriteNumber("deleted", totals.Deleted);
        json.WriteNumber("backed_up", totals.BackedUp);
        json.WriteNumber("retries", totals.Retries);
        json.WriteEndObject();
    }

    /// <summary>Checksums by kind, in hexadecimal.</summary>
    public static void WriteChecksums(this Utf8JsonWriter json, IReadOnlyList<Checksum> checksums)
    {
        json.WriteStartObject("checksums");
        foreach (Checksum checksum in checksums)
        {
            json.WriteString(Checksum.NameOf(checksum.Kind), checksum.Hex);
        }

        json.WriteEndObject();
    }

    /// <summary>The fields of a file that failed.</summary>
    public static void WriteFailure(this Utf8JsonWriter json, FailedFile file)
    {
        json.WritePath("path", file.Path);
        json.WriteSource(file.Listed.Source, file.Path);
        json.WriteString("kind", file.Kind);
        json.WriteString("side", Words.Of(file.Side));
        json.WriteString("message", file.Message);
        json.WriteNumber("attempts", file.Attempts);
        json.WriteBoolean("may_pass", file.MayPass);
        json.WriteString("next_step", file.NextStep);
    }
}
