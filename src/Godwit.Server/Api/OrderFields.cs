using System.Text;
using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Api;

/// <summary>What the fields mean of a transfer that is handed over.</summary>
internal static class OrderFields
{
    private const int LongestWhat = 4000;

    /// <summary>The fields of an order, without its files.</summary>
    public static readonly IReadOnlyList<string> OfOrder = ["source", "destination", "verb", "options", "priority", "project", "stage", "prepare"];

    private static readonly string[] Known = [.. OfOrder, "files"];
    private static readonly string[] s_ofCall = ["by", "what"];
    private static readonly string[] KnownOfFile = ["source", "source_base64", "destination", "destination_base64", "checksum"];

    /// <summary>The order of a head, and its priority and project; what has no form is told.</summary>
    public static (TransferOrder Order, int Priority, string? Project) Read(JsonElement head, FieldFaults malformed, FieldFaults refused)
    {
        JsonText.RequireWhole(head);
        JsonText.RequireFields(head, "", Known, malformed);
        return ReadKnown(head, malformed, refused);
    }

    /// <summary>As <see cref="Read"/>, of an object that may have other fields, too.</summary>
    public static (TransferOrder Order, int Priority, string? Project) ReadKnown(JsonElement head, FieldFaults malformed, FieldFaults refused)
    {
        CallOrder? stage = Called(head, "stage", malformed);
        string source = JsonText.Text(head, "", "source", stage is null, malformed) ?? "";
        string destination = JsonText.Text(head, "", "destination", true, malformed) ?? "";
        string verb = JsonText.Text(head, "", "verb", false, malformed) ?? "copy";
        if (verb != "copy")
        {
            refused.Add("verb", $"\"{verb}\" is not carried out here. Known: copy.");
        }

        string? project = JsonText.Text(head, "", "project", false, malformed);
        int priority = Priority(head, malformed) ?? Submission.Priorities.Usual;
        var order = new TransferOrder(verb, source, destination) { Options = Options(head, malformed), Stage = stage, Prepare = Called(head, "prepare", malformed) };
        return (order, priority, project);
    }

    /// <summary>The priority; null where it is missing or none, which is told.</summary>
    public static int? Priority(JsonElement value, FieldFaults faults)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("priority", out JsonElement found) || found.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        (int lowest, int highest, int usual) = Submission.Priorities;
        if (found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out int priority) && priority >= lowest && priority <= highest)
        {
            return priority;
        }

        faults.Add("priority", $"It is a number from {lowest} to {highest}, {highest} first; {usual} where it is missing.");
        return usual;
    }

    /// <summary>Who is to be asked before files are moved; null for nobody.</summary>
    private static CallOrder? Called(JsonElement head, string field, FieldFaults faults)
    {
        if (head.ValueKind != JsonValueKind.Object || !head.TryGetProperty(field, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        JsonText.RequireFields(found, field + ".", s_ofCall, faults);
        string by = JsonText.Text(found, field + ".", "by", true, faults) ?? "";
        string what = JsonText.Text(found, field + ".", "what", false, faults) ?? "";
        if (what.Length > LongestWhat)
        {
            faults.Add(field + ".what", $"It has more than {LongestWhat} characters.");
        }

        return new CallOrder(by, what);
    }

    /// <summary>A file of the list; null where it is none, which is told.</summary>
    public static ListedFile? File(JsonElement file, string at, FieldFaults malformed)
    {
        JsonText.RequireWhole(file);
        JsonText.RequireFields(file, at, KnownOfFile, malformed);
        StorePath? source = PathOf(file, at, "source", malformed);
        if (source is null && malformed.IsEmpty)
        {
            malformed.Add(at + "source", "It is missing.");
        }

        StorePath? destination = PathOf(file, at, "destination", malformed) ?? source;
        Checksum? expected = ChecksumOf(file, at, malformed);
        return source is { } from && destination is { } to ? new ListedFile(from, to, expected) : null;
    }

    private static Dictionary<string, IReadOnlyList<string>> Options(JsonElement head, FieldFaults faults)
    {
        var options = new Dictionary<string, IReadOnlyList<string>>();
        if (head.ValueKind != JsonValueKind.Object || !head.TryGetProperty("options", out JsonElement found) || found.ValueKind == JsonValueKind.Null)
        {
            return options;
        }

        if (found.ValueKind != JsonValueKind.Object)
        {
            faults.Add("options", "It is no JSON object.");
            return options;
        }

        foreach (JsonProperty option in found.EnumerateObject())
        {
            string[]? values = option.Value.ValueKind == JsonValueKind.Array
                ? [.. option.Value.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? JsonText.TextOf(one) : null).OfType<string>()]
                : Single(option.Value) is { } value ? [value] : null;
            if (values is null || (option.Value.ValueKind == JsonValueKind.Array && values.Length != option.Value.GetArrayLength()))
            {
                faults.Add("options." + option.Name, "It is a text, a number, true, false, or a list of texts.");
            }
            else if (!options.TryAdd(option.Name, values))
            {
                faults.Add("options." + option.Name, "It is there twice.");
            }
        }

        return options;
    }

    private static string? Single(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => JsonText.TextOf(value),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static StorePath? PathOf(JsonElement file, string at, string name, FieldFaults faults)
    {
        string? text = JsonText.Text(file, at, name, false, faults);
        string? coded = JsonText.Text(file, at, name + "_base64", false, faults);
        if (text is null && coded is null)
        {
            return null;
        }

        try
        {
            var path = StorePath.FromBytes(coded is null ? Encoding.UTF8.GetBytes(text!) : Convert.FromBase64String(coded));
            if (!path.IsRoot)
            {
                return path;
            }

            faults.Add(at + name, "It names no file.");
        }
        catch (StoreException e)
        {
            faults.Add(at + name, e.Message);
        }
        catch (FormatException)
        {
            faults.Add(at + name + "_base64", "It is no base64.");
        }

        return null;
    }

    private static Checksum? ChecksumOf(JsonElement file, string at, FieldFaults faults)
    {
        if (JsonText.Text(file, at, "checksum", false, faults) is not { } text)
        {
            return null;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        foreach (ChecksumKind kind in Enum.GetValues<ChecksumKind>())
        {
            if (colon > 0 && Checksum.NameOf(kind) == text[..colon] && Checksum.TryParse(kind, text[(colon + 1)..], out Checksum checksum))
            {
                return checksum;
            }
        }

        faults.Add(at + "checksum", $"It is a kind, a colon and hexadecimal digits. Kinds: {string.Join(", ", Enum.GetValues<ChecksumKind>().Select(Checksum.NameOf))}.");
        return null;
    }
}
