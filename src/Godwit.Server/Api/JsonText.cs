using System.Text.Json;

namespace Godwit.Server.Api;

/// <summary>JSON that others wrote.</summary>
internal static class JsonText
{
    /// <summary>Reads one value.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            RequireWhole(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>Refuses texts and names that no text can be made of: half a surrogate stands alone in them.</summary>
    public static void RequireWhole(JsonElement value)
    {
        try
        {
            Visit(value);
        }
        catch (InvalidOperationException)
        {
            throw ProblemException.Malformed("", "A text in it holds half a character: a surrogate without its other half.");
        }
    }

    private static void Visit(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                value.EnumerateArray().ToList().ForEach(Visit);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    _ = property.Name;
                    Visit(property.Value);
                }

                break;
        }
    }

    public static ProblemException NotJson(JsonException e) =>
        ProblemException.Malformed("", $"The body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");

    /// <summary>Tells every field that is not among the known ones.</summary>
    public static void RequireFields(JsonElement value, string at, IReadOnlyList<string> known, FieldFaults faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            faults.Add(at.TrimEnd('.'), "It is no JSON object.");
            return;
        }

        var seen = new HashSet<string>();
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                faults.Add(at + property.Name, known.Count == 0 ? "There is no such field." : $"There is no such field. Known: {string.Join(", ", known)}.");
            }
            else if (!seen.Add(property.Name))
            {
                faults.Add(at + property.Name, "It is there twice.");
            }
        }
    }

    /// <summary>A text; null where it is missing or is no text, which is told.</summary>
    public static string? Text(JsonElement value, string at, string name, bool isNeeded, FieldFaults faults)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
        {
            if (isNeeded)
            {
                faults.Add(at + name, "It is missing.");
            }

            return null;
        }

        if (found.ValueKind != JsonValueKind.String || TextOf(found) is not { } text)
        {
            faults.Add(at + name, "It is no text.");
            return null;
        }

        return text;
    }

    /// <summary>The text of a string; null where it holds half a character.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
