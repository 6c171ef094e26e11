using System.Globalization;
using System.Text.Json;
using Godwit.Cli.Options;
using Godwit.Transfers;

namespace Godwit.Cli.Client;

/// <summary>A transfer as a service tells it, for people.</summary>
/// <param name="json">What the service answers.</param>
internal sealed class TransferView(JsonElement json)
{
    /// <summary>Its id.</summary>
    public string Id => Text("id");

    /// <summary>Where it stands.</summary>
    public TransferState State => TransferSteps.Find(Text("state")) ?? TransferState.Submitted;

    /// <summary>Whether nothing follows by itself.</summary>
    public bool HasEnded => TransferSteps.IsEnd(State);

    /// <summary>The word for where it stands, as people look for it.</summary>
    public string Word => !HasEnded && Has("paused") ? "PAUSED" : Text("state");

    /// <summary>The exit code that tells how it ended; success while it goes on.</summary>
    public ExitCode Code => State switch
    {
        TransferState.Success => ExitCode.Success,
        TransferState.Canceled => ExitCode.Interrupted,
        TransferState.Partial => Number("failed_retryable") + Number("not_attempted") > 0 ? ExitCode.FailedRetryable : ExitCode.FailedForGood,
        TransferState.Error => Number("planned") == 0 ? ExitCode.Fatal : Number("failed_retryable") + Number("not_attempted") > 0 ? ExitCode.FailedRetryable : ExitCode.FailedForGood,
        _ => ExitCode.Success,
    };

    /// <summary>One line of a list.</summary>
    public string Line => $"{Id}  {Word,-12}  {Made}  {Text("verb")} {Source} -> {Text("destination")}{(Has("why") ? $"  ({Text("why")})" : "")}";

    /// <summary>How far it is, in a few words; empty before anything is known.</summary>
    public string Progress => !Has("totals") ? "" : FormattableString.Invariant(
        $"{Number("delivered")} of {Number("planned")} files delivered, {SizeText.Show(Number("delivered_bytes"))} of {SizeText.Show(Number("planned_bytes"))}")
        + Counted("failed", "failed") + Counted("unchanged", "unchanged") + Counted("not_attempted", "not attempted");

    /// <summary>All that somebody wants to know who looks at it.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Id}  {Word}  {Text("verb")} {Source} -> {Text("destination")}";
        if (Has("paused") && !HasEnded)
        {
            JsonElement pause = json.GetProperty("paused");
            yield return $"  paused by {pause.GetProperty("by").GetString()}: {pause.GetProperty("message").GetString()}";
        }

        if (Has("held"))
        {
            JsonElement held = json.GetProperty("held");
            yield return $"  waits: an endpoint is paused by {held.GetProperty("by").GetString()}: {held.GetProperty("message").GetString()}";
        }

        if (Has("why"))
        {
            yield return $"  {Text("why")}";
        }

        foreach (string line in CallOuts())
        {
            yield return $"  {line}";
        }

        if (Progress.Length > 0)
        {
            yield return $"  {Progress}";
        }

        foreach (JsonElement step in json.TryGetProperty("steps", out JsonElement steps) ? steps.EnumerateArray().TakeLast(3) : [])
        {
            yield return $"  {Moment(step.GetProperty("entered").GetString())}  {step.GetProperty("state").GetString()}";
        }

        if (Advice is { } advice)
        {
            yield return $"  {advice}";
        }
    }

    /// <summary>Who was asked in this round to make it ready.</summary>
    private IEnumerable<string> CallOuts()
    {
        if (!json.TryGetProperty("call_outs", out JsonElement calls) || calls.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        string awaited = State switch
        {
            TransferState.Staging => "stage",
            TransferState.Preparing => "prepare",
            _ => "",
        };
        return calls.EnumerateArray().Where(call => !json.TryGetProperty("round", out JsonElement round) || call.GetProperty("round").GetInt32() == round.GetInt32())
            .Select(call => new CallOutView(call, call.GetProperty("stage").GetString() == awaited).Line);
    }

    /// <summary>What to do about it; null for nothing.</summary>
    private string? Advice => State switch
    {
        TransferState.Partial or TransferState.Error => $"What failed: godwit logs {Id}. Again, for what did not arrive: godwit retry {Id}.",
        TransferState.Canceled => $"To go on with it: godwit retry {Id}.",
        _ when Has("paused") => $"To let it go on: godwit resume {Id}.",
        _ => null,
    };

    /// <summary>Who is asked for the source may be the one who names it.</summary>
    private string Source => Text("source") is { Length: > 0 } source ? source : "(from its stager)";

    private string Made => Moment(Text("made"));

    private string Text(string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private bool Has(string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    private long Number(string name) =>
        json.TryGetProperty("totals", out JsonElement totals) && totals.ValueKind == JsonValueKind.Object && totals.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;

    private string Counted(string name, string word) => Number(name) is > 0 and var count ? FormattableString.Invariant($", {count} {word}") : "";

    private static string Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : text ?? "";
}
