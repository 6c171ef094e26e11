using System.Globalization;
using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>Receipts and marks as lines, for people or as JSON.</summary>
/// <param name="output">Where to.</param>
/// <param name="asJson">Whether each is one JSON object.</param>
/// <param name="zone">The zone of the times that people read; programs read UTC.</param>
internal sealed class ReceiptLines(ByteOutput output, bool asJson, TimeZoneInfo zone)
{
    /// <summary>A receipt, with the transfer that made it.</summary>
    public void Write(Delivery delivery)
    {
        (TransferRecord transfer, Receipt receipt, bool newest) = delivery;
        string state = newest ? "delivered" : "superseded";
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteString("state", state);
                json.WriteString("time", receipt.Delivered.ToString());
                json.WriteString("id", transfer.Id);
                json.WriteString("verb", transfer.Verb);
                WritePlaces(json, receipt.Intent.SourceSpace, receipt.Intent.Source, receipt.Intent.DestinationSpace, receipt.Intent.Destination);
                WriteEvidence(json, receipt);
            });
            return;
        }

        output.Text($"{Local(receipt.Delivered)}  {state,-10}  {transfer.Id}  {transfer.Verb}  ");
        Places(receipt.Intent.SourceSpace, receipt.Intent.Source, receipt.Intent.DestinationSpace, receipt.Intent.Destination);
        output.Text($"  {Evidence(receipt)}\n");
    }

    /// <summary>A mark.</summary>
    public void Write(FileMark mark)
    {
        string state = mark.Kind == MarkKind.Baseline ? "baseline" : "resend";
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteString("state", state);
                json.WriteString("time", mark.Made.ToString());
                WritePlaces(json, mark.SourceSpace, mark.Source, mark.DestinationSpace, mark.Destination);
                json.WriteNumber("bytes", mark.Length);
            });
            return;
        }

        output.Text($"{Local(mark.Made)}  {state,-10}  ");
        Places(mark.SourceSpace, mark.Source, mark.DestinationSpace, mark.Destination);
        output.Text(mark.Kind == MarkKind.Baseline
            ? $"  {mark.Length} bytes, counts as delivered unsent\n"
            : "  taken back: the next copy sends it again\n");
    }

    /// <summary>A file of one transfer, by its path below the destination.</summary>
    public void Write(Receipt receipt, StorePath path)
    {
        if (asJson)
        {
            output.Json(json =>
            {
                json.WritePath("path", path);
                json.WriteString("time", receipt.Delivered.ToString());
                WriteEvidence(json, receipt);
            });
            return;
        }

        output.Name(path);
        output.Text($"  {Evidence(receipt)}\n");
    }

    private string Local(Timestamp moment) => TimeZoneInfo.ConvertTime(moment.ToDateTimeOffset(), zone)
        .ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private void Places(string sourceSpace, StorePath source, string destinationSpace, StorePath destination)
    {
        // The mark of an escaped name belongs to the beginning of a line of names, not into an address.
        output.Text($"{sourceSpace}/{source} -> {destinationSpace}/{destination}");
    }

    private static string Evidence(Receipt receipt)
    {
        string how = receipt.Route == Receipt.LinkRoute ? "link" : $"verified {Words.Of(receipt.Verdict)}{Words.Way(receipt.Route)}";
        string checksums = string.Concat(receipt.Checksums.Select(one => $"  {Checksum.NameOf(one.Kind)}:{one.Hex}"));
        return $"{receipt.Intent.Length} bytes  {how}{checksums}";
    }

    private static void WritePlaces(
        Utf8JsonWriter json, string sourceSpace, StorePath source, string destinationSpace, StorePath destination)
    {
        json.WriteString("source", sourceSpace);
        json.WritePath("source_path", source);
        json.WriteString("destination", destinationSpace);
        json.WritePath("destination_path", destination);
    }

    private static void WriteEvidence(Utf8JsonWriter json, Receipt receipt)
    {
        json.WriteNumber("bytes", receipt.Intent.Length);
        json.WriteChecksums(receipt.Checksums);
        json.WriteString("verdict", Words.Of(receipt.Verdict));
        json.WriteString("source_proof", Words.Of(receipt.SourceProof));
        json.WriteString("route", receipt.Route);
        json.WriteString("route_reason", Words.Of(receipt.RouteReason));
    }
}
