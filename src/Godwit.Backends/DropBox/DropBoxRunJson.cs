using System.Buffers;
using System.Text.Json;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What a host says of a run, as JSON.</summary>
internal static class DropBoxRunJson
{
    private const string Pull = "pull";

    /// <summary>The bytes.</summary>
    public static byte[] Of(DropBoxRun run)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("format", DropBoxLayout.Format);
            json.WriteString("half", run.IsPull ? Pull : "push");
            json.WriteString("host", run.Host);
            json.WriteString("ledger", run.Ledger);
            json.WriteNumber("began_ns", run.Began.Nanoseconds);
            json.WriteNumber("at_ns", run.At.Nanoseconds);
            json.WriteNumber("delivered", run.Delivered);
            json.WriteNumber("bytes", run.Bytes);
            json.WriteNumber("failed", run.Failed);
            WriteKnown(json, run);
            json.WriteEndObject();
        }

        return JsonSeal.Sealed(bytes.WrittenSpan);
    }

    /// <summary>The run that the bytes tell of; null where they tell of none.</summary>
    public static DropBoxRun? Run(byte[] bytes)
    {
        try
        {
            JsonSeal.Require(bytes);
            using var document = JsonDocument.Parse(bytes);
            JsonElement json = document.RootElement;
            return json.GetProperty("format").GetInt64() != DropBoxLayout.Format ? null
                : new DropBoxRun(
                    json.GetProperty("host").GetString() ?? "", json.GetProperty("half").ValueEquals(Pull), json.GetProperty("ledger").GetString() ?? "")
                {
                    Began = new Timestamp(json.GetProperty("began_ns").GetInt64()),
                    At = new Timestamp(json.GetProperty("at_ns").GetInt64()),
                    Delivered = json.GetProperty("delivered").GetInt64(),
                    Bytes = json.GetProperty("bytes").GetInt64(),
                    Failed = json.GetProperty("failed").GetInt64(),
                    Exit = json.TryGetProperty("exit", out JsonElement exit) ? exit.GetInt32() : null,
                    Fault = json.TryGetProperty("fault", out JsonElement fault) ? fault.GetString() : null,
                    LastDelivery = json.TryGetProperty("last_delivery_ns", out JsonElement last) ? new Timestamp(last.GetInt64()) : null,
                    Left = json.TryGetProperty("left", out JsonElement left) ? left.GetDouble() : null,
                    Rate = json.TryGetProperty("rate", out JsonElement rate) ? rate.GetDouble() : null,
                };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void WriteKnown(Utf8JsonWriter json, DropBoxRun run)
    {
        if (run.Exit is { } exit)
        {
            json.WriteNumber("exit", exit);
        }

        if (run.Fault is { } fault)
        {
            json.WriteString("fault", fault);
        }

        if (run.LastDelivery is { } last)
        {
            json.WriteNumber("last_delivery_ns", last.Nanoseconds);
        }

        if (run.Left is { } left && double.IsFinite(left))
        {
            json.WriteNumber("left", Math.Round(left));
        }

        if (run.Rate is { } rate && double.IsFinite(rate))
        {
            json.WriteNumber("rate", Math.Round(rate));
        }
    }
}
