using System.Buffers;
using System.Text;
using System.Text.Json;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>The small objects of a box as JSON, written and read in one place.</summary>
internal static class DropBoxJson
{
    private const string Adopted = "adopted_ns";
    private static readonly string s_checksum = Checksum.NameOf(ChecksumKind.Crc64Nvme);

    /// <summary>What says which layout the box has.</summary>
    public static byte[] OfFormat() => Written(json => json.WriteNumber("format", DropBoxLayout.Format));

    /// <summary>The number of the layout; null where the bytes tell none.</summary>
    public static long? Format(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return json.RootElement.GetProperty("format").GetInt64();
        }
        catch (Exception e) when (IsFault(e))
        {
            return null;
        }
    }

    /// <summary>A record; without parts and the time of delivery, what tells of a delivery.</summary>
    public static byte[] Of(DropBoxRecord record, bool isDelivered = false) => JsonSeal.Sealed(Written(json =>
    {
        json.WriteNumber("format", DropBoxLayout.Format);
        WritePath(json, record.Path);
        json.WriteString("id", record.Id);
        json.WriteNumber("size", record.Length);
        json.WriteNumber("modified_ns", record.Modified.Nanoseconds);
        if (record.Mode is { } mode)
        {
            json.WriteNumber("mode", mode);
        }

        if (record.Checksum is { } checksum)
        {
            json.WriteString(s_checksum, checksum.Hex);
        }

        json.WriteNumber(isDelivered ? "delivered_ns" : record.IsAdopted ? Adopted : "pushed_ns", record.At.Nanoseconds);
        if (record.Seen is { } seen)
        {
            json.WriteString("seen", seen);
        }

        if (!isDelivered && !record.IsAdopted)
        {
            WriteParts(json, record.Parts);
        }
    }));

    /// <summary>The record that the bytes are.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="path">The file that they must be of.</param>
    /// <param name="isDelivered">Whether they tell of a delivery.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: they are no record, or that of another file.</exception>
    public static DropBoxRecord Record(byte[] bytes, StorePath path, bool isDelivered = false)
    {
        try
        {
            JsonSeal.Require(bytes);
            using var document = JsonDocument.Parse(bytes);
            JsonElement json = document.RootElement;
            bool isAdopted = !isDelivered && json.TryGetProperty(Adopted, out _);
            var record = new DropBoxRecord
            {
                Path = PathOf(json),
                Id = json.GetProperty("id").GetString()!,
                Length = json.GetProperty("size").GetInt64(),
                Modified = new Timestamp(json.GetProperty("modified_ns").GetInt64()),
                Mode = json.TryGetProperty("mode", out JsonElement mode) ? mode.GetInt32() & 0b111_111_111 : null,
                Checksum = (isAdopted || isDelivered) && !json.TryGetProperty(s_checksum, out _) ? null : ChecksumOf(json),
                Seen = json.TryGetProperty("seen", out JsonElement seen) ? seen.GetString() : null,
                IsAdopted = isAdopted,
                At = new Timestamp(json.GetProperty(isDelivered ? "delivered_ns" : isAdopted ? Adopted : "pushed_ns").GetInt64()),
                Parts = isDelivered || isAdopted ? [] : [.. json.GetProperty("parts").EnumerateArray().Select(PartOf)],
            };
            string? fault = json.GetProperty("format").GetInt64() != DropBoxLayout.Format ? "it has another format"
                : record.Path != path ? $"it is that of \"{record.Path}\""
                : !DropBoxLayout.IsId(record.Id) ? "its id is none"
                : isDelivered || isAdopted ? null : DropBoxRecord.Fault(record.Parts, record.Length);
            return fault is null ? record : throw Unreadable(path, fault, null);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    private static bool IsFault(Exception e) =>
        e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException
        || e is StoreException { Kind: StoreErrorKind.InvalidRequest };

    private static StoreException Unreadable(StorePath path, string why, Exception? inner) =>
        new(
            StoreErrorKind.Integrity,
            $"The drop box's record of \"{path}\" cannot be read: {why}. Take \"{DropBoxLayout.Record(path)}\" away and send the file again.",
            inner)
        {
            Path = path,
            Next = NextStep.GiveUp,
        };

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WritePath(Utf8JsonWriter json, StorePath path)
    {
        if (PathText.IsUtf8(path.Bytes))
        {
            json.WriteString("path", path.Bytes);
        }
        else
        {
            json.WriteBase64String("path_base64", path.Bytes);
        }
    }

    private static StorePath PathOf(JsonElement json) => json.TryGetProperty("path_base64", out JsonElement bytes)
        ? StorePath.FromBytes(bytes.GetBytesFromBase64())
        : StorePath.FromBytes(Encoding.UTF8.GetBytes(json.GetProperty("path").GetString()!));

    private static void WriteParts(Utf8JsonWriter json, IReadOnlyList<DropBoxPart> parts)
    {
        json.WriteStartArray("parts");
        foreach (DropBoxPart part in parts)
        {
            json.WriteStartObject();
            json.WriteNumber("number", part.Number);
            json.WriteNumber("offset", part.Offset);
            json.WriteNumber("size", part.Length);
            json.WriteNumber("stored", part.StoredLength);
            json.WriteString("codec", part.IsPlain ? "plain" : "zstd");
            json.WriteString(s_checksum, part.Checksum.Hex);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static DropBoxPart PartOf(JsonElement json) => new(
        json.GetProperty("number").GetInt32(),
        json.GetProperty("offset").GetInt64(),
        json.GetProperty("size").GetInt64(),
        json.GetProperty("stored").GetInt64(),
        json.GetProperty("codec").GetString() switch
        {
            "plain" => true,
            "zstd" => false,
            var other => throw new FormatException($"a part has the codec \"{other}\""),
        },
        ChecksumOf(json));

    private static Checksum ChecksumOf(JsonElement json) =>
        Checksum.TryParse(ChecksumKind.Crc64Nvme, json.GetProperty(s_checksum).GetString() ?? "", out Checksum checksum)
            ? checksum
            : throw new FormatException("a checksum is none");
}
