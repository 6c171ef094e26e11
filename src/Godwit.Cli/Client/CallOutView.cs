using System.Globalization;
using System.Text.Json;

namespace Godwit.Cli.Client;

/// <summary>Somebody who was asked to make a transfer ready, as a service tells it, for people.</summary>
/// <param name="json">What the service answers.</param>
/// <param name="isAwaited">Whether the transfer still waits for him.</param>
internal sealed class CallOutView(JsonElement json, bool isAwaited)
{
    /// <summary>One line: who, how far he is, and until when he is waited for.</summary>
    public string Line => $"{Text("stage"),-7}  {Text("by")}  {How}{Release}";

    private string How =>
        json.TryGetProperty("success", out JsonElement success) && success.ValueKind is JsonValueKind.True or JsonValueKind.False ? Answer(success.GetBoolean())
        : Has("acknowledged") ? $"acknowledged {Moment("acknowledged")}{(isAwaited ? $", waits for its call until {Moment("deadline")}" : ", never called back")}"
        : Asked;

    private string Asked
    {
        get
        {
            int tries = json.TryGetProperty("tries", out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : 0;
            string fault = Has("fault") ? $", last answer: {Sentence("fault")}" : isAwaited && tries > 0 ? ", no answer yet." : tries > 0 ? ", no answer." : ".";
            string asked = tries switch
            {
                0 => isAwaited ? "is about to be asked" : "was not asked",
                1 => $"asked once, {Moment("made")}",
                _ => FormattableString.Invariant($"asked {tries} times since {Moment("made")}"),
            };
            return $"{asked}{fault}{(isAwaited ? $" Waits until {Moment("deadline")}." : "")}";
        }
    }

    private string Release => Has("release_fault") && !Has("released") ? $"; does not know yet that it is over: {Sentence("release_fault")}" : "";

    private string Answer(bool isSuccess)
    {
        string message = Text("message");
        return isSuccess
            ? $"ready {Moment("answered")}{(Has("source") ? $" at {Text("source")}" : "")}{(message.Length > 0 ? $" ({message})" : "")}"
            : $"failed {Moment("answered")}: {(message.Length > 0 ? message : "no reason given")}";
    }

    private string Sentence(string name) => $"{Text(name).TrimEnd('.')}.";

    private bool Has(string name) => Text(name).Length > 0;

    private string Text(string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private string Moment(string name) =>
        DateTimeOffset.TryParse(Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            : Text(name);
}
