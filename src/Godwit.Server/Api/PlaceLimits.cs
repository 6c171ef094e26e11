using System.Text.Json;
using Godwit.Server.Limits;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What endpoints and links may take, for operators.</summary>
internal static class PlaceLimits
{
    private const int LongestMessage = 1000;
    private static readonly string[] s_known = ["endpoint", "source", "destination", "transfers", "files", "bytes_per_second", "pause"];

    public static async Task ListAsync(Call call)
    {
        IReadOnlyList<(LimitedPlace Place, LimitSettings Said)> found = await call.Parts.Limits.ListAsync(call.Aborted).ConfigureAwait(false);
        var page = new LimitPage([.. found.Select(one => AnswerOf(one.Place, one.Said))]);
        await call.AnswerAsync(StatusCodes.Status200OK, page, ApiJson.Default.LimitPage).ConfigureAwait(false);
    }

    public static async Task SetAsync(Call call)
    {
        JsonElement body = await call.SmallBodyAsync(s_known).ConfigureAwait(false);
        var faults = new FieldFaults(StatusCodes.Status400BadRequest);
        LimitedPlace? place = PlaceOf(body, faults);
        var said = new LimitSettings
        {
            Transfers = (int?)Number(body, "transfers", int.MaxValue, faults),
            Files = (int?)Number(body, "files", int.MaxValue, faults),
            BytesPerSecond = Number(body, "bytes_per_second", long.MaxValue / 4, faults),
            Pause = PauseOf(body, call, faults),
        };
        faults.ThrowIfAny();
        call.Note.Target = place!.Destination is null ? place.Source : $"{place.Source} -> {place.Destination}";
        call.Note.Detail = body.GetRawText();
        await call.Parts.Limits.SetAsync(place, said, call.Aborted).ConfigureAwait(false);
        await call.AnswerAsync(StatusCodes.Status200OK, AnswerOf(place, said), ApiJson.Default.LimitAnswer).ConfigureAwait(false);
    }

    private static LimitedPlace? PlaceOf(JsonElement body, FieldFaults faults)
    {
        string? endpoint = JsonText.Text(body, "", "endpoint", false, faults);
        string? source = JsonText.Text(body, "", "source", false, faults);
        string? destination = JsonText.Text(body, "", "destination", false, faults);
        if (endpoint is { Length: > 0 } && source is null && destination is null)
        {
            return new LimitedPlace(endpoint, null);
        }

        if (endpoint is null && source is { Length: > 0 } && destination is { Length: > 0 })
        {
            return new LimitedPlace(source, destination);
        }

        faults.Add("endpoint", "Name one endpoint, or the source and the destination of a link.");
        return null;
    }

    private static long? Number(JsonElement body, string name, long most, FieldFaults faults)
    {
        if (!body.TryGetProperty(name, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out long number) && number > 0 && number <= most)
        {
            return number;
        }

        faults.Add(name, "It is a whole number above 0, or null for no limit.");
        return null;
    }

    private static LimitPause? PauseOf(JsonElement body, Call call, FieldFaults faults)
    {
        if (!body.TryGetProperty("pause", out JsonElement pause) || pause.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        JsonText.RequireFields(pause, "pause.", ["message"], faults);
        string message = pause.ValueKind == JsonValueKind.Object ? JsonText.Text(pause, "pause.", "message", false, faults) ?? "" : "";
        if (message.Length > LongestMessage)
        {
            faults.Add("pause.message", $"It has more than {LongestMessage} characters.");
        }

        return new LimitPause(call.Caller.Subject, message, call.Parts.Time.GetUtcNow());
    }

    private static LimitAnswer AnswerOf(LimitedPlace place, LimitSettings said) => new(
        place.Destination is null ? place.Source : null, place.Destination is null ? null : place.Source, place.Destination, said.Transfers, said.Files, said.BytesPerSecond)
    {
        Pause = PauseAnswerOf(said.Pause),
    };

    /// <summary>A pause as it is told.</summary>
    public static PauseAnswer? PauseAnswerOf(LimitPause? pause) =>
        pause is null ? null : new PauseAnswer(pause.By, pause.Message, Storage.Timestamp.From(pause.Since).ToString());
}
