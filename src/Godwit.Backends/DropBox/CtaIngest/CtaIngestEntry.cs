using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>What <c>origin.json</c> or <c>target.json</c> tells of a file, as far as it can be understood.</summary>
/// <param name="Length">Bytes of the file; null where that is not told.</param>
/// <param name="Modified">When its content changed, as a count of seconds.</param>
/// <param name="Read">When it was read last, likewise.</param>
/// <param name="Told">When this was written, likewise.</param>
internal sealed record CtaIngestEntry(long? Length, double? Modified, double? Read, double? Told)
{
    /// <summary>How far a time that went through a double may be off, and one whose file system keeps whole seconds.</summary>
    private const long Rounding = 1_000;
    private const long WholeSecond = 999_999_999;

    /// <summary>An entry out of a state file. What is not understood is not told.</summary>
    public static CtaIngestEntry Of(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement entry = document.RootElement;
        return entry.ValueKind != JsonValueKind.Object
            ? new CtaIngestEntry(null, null, null, null)
            : new CtaIngestEntry(
                entry.TryGetProperty("size", out JsonElement size) && size.ValueKind == JsonValueKind.Number
                    && size.TryGetInt64(out long length) && length >= 0 ? length : null,
                NumberOf("mtime"), NumberOf("atime"), NumberOf("ts"));

        double? NumberOf(string name) => entry.TryGetProperty(name, out JsonElement told) && told.ValueKind == JsonValueKind.Number
            && told.GetDouble() is var number && double.IsFinite(number) ? number : null;
    }

    /// <summary>The entry as Python's json writes it.</summary>
    /// <param name="path">What it is said to be the path of.</param>
    /// <param name="earlier">What stood there: fields that are not known are kept. Null where nothing did.</param>
    public byte[] ToBytes(string path, ReadOnlyMemory<byte>? earlier)
    {
        var text = new StringBuilder("{");
        Add("path", $"\"{JavaScriptEncoder.Default.Encode(path)}\"");
        Add("size", (Length ?? 0).ToString(CultureInfo.InvariantCulture));
        Add("mtime", TextOf(Modified ?? 0));
        Add("atime", TextOf(Read ?? Modified ?? 0));
        Add("ts", TextOf(Told ?? 0));
        if (earlier is { } json)
        {
            AddUnknown(json);
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());

        void Add(string name, string value) => text.Append(text.Length > 1 ? ", " : "").Append('"').Append(name).Append("\": ").Append(value);

        void AddUnknown(ReadOnlyMemory<byte> there)
        {
            using var document = JsonDocument.Parse(there);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            foreach (JsonProperty field in document.RootElement.EnumerateObject())
            {
                if (field.Name is not ("path" or "size" or "mtime" or "atime" or "ts"))
                {
                    Add(JavaScriptEncoder.Default.Encode(field.Name), field.Value.GetRawText());
                }
            }
        }
    }

    /// <summary>The list of parts that <c>disassemble.json</c> or <c>upload.json</c> has for a file; null where it is no such list.</summary>
    public static string[]? PartsOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Array
            && document.RootElement.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. document.RootElement.EnumerateArray().Select(one => one.GetString()!)]
            : null;
    }

    /// <summary>Such a list as Python's json writes it.</summary>
    public static byte[] ToBytes(IEnumerable<string> parts) =>
        Encoding.UTF8.GetBytes($"[{string.Join(", ", parts.Select(part => $"\"{JavaScriptEncoder.Default.Encode(part)}\""))}]");

    /// <summary>A time as Python counts it: a double of seconds, which of our days is exact to about a tenth of a microsecond.</summary>
    public static double SecondsOf(Timestamp time)
    {
        long seconds = time.Floor(1_000_000_000).Nanoseconds / 1_000_000_000;
        return seconds + (1e-9 * (time.Nanoseconds - (seconds * 1_000_000_000)));
    }

    /// <summary>The time that such a count means.</summary>
    public static Timestamp TimeOf(double seconds)
    {
        double whole = Math.Floor(seconds);
        return Math.Abs(whole) < long.MaxValue / 1_000_000_000
            ? Timestamp.FromUnix((long)whole, (long)((seconds - whole) * 1e9))
            : new Timestamp(seconds < 0 ? long.MinValue : long.MaxValue);
    }

    /// <summary>How far the time of a file may be off that is told in this way.</summary>
    /// <param name="seconds">The count.</param>
    /// <param name="isOfDestination">Whether the destination's file system tells it, which may keep whole seconds alone, as Lustre does.</param>
    public static long WithinOf(double seconds, bool isOfDestination) => isOfDestination && seconds == Math.Floor(seconds) ? WholeSecond : Rounding;

    /// <summary>The shortest number that is this one again; one that Python takes for no integer.</summary>
    private static string TextOf(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny(SearchValues.Create(".E")) ? text : text + ".0";
    }
}
