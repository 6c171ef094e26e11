using System.Text.Json;
using Godwit.Server.Access;
using Godwit.Storage;
using Godwit.Transfers.Record.Access;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Tokens: made, listed and taken back by administrators; everybody may ask what his own stands for.</summary>
internal static class TokenCalls
{
    private const int LongestName = 200;
    private static readonly string[] s_known = ["subject", "project", "roles", "expires"];

    public static async Task CreateAsync(Call call)
    {
        JsonElement body = await call.SmallBodyAsync(s_known).ConfigureAwait(false);
        var faults = new FieldFaults(StatusCodes.Status400BadRequest);
        string? subject = NameIn(body, "subject", true, faults);
        string project = NameIn(body, "project", false, faults) ?? "";
        TokenRoles roles = RolesIn(body, faults);
        Timestamp? expires = ExpiresIn(body, call.Now, faults);
        faults.ThrowIfAny();
        (string text, Token token) = Tokens.New(subject!, project, roles, call.Now, expires);
        await call.Parts.Tokens.AddAsync(token, CancellationToken.None).ConfigureAwait(false);
        call.Note.Target = token.Id;
        call.Note.Detail = $"{string.Join(", ", RoleNames.Of(roles))} for \"{subject}\"" + (project.Length > 0 ? $" of \"{project}\"" : "");
        call.Http.Response.Headers.CacheControl = "no-store";
        await call.AnswerAsync(StatusCodes.Status201Created, AnswerOf(token) with { Token = text }, ApiJson.Default.TokenAnswer).ConfigureAwait(false);
    }

    public static async Task ListAsync(Call call)
    {
        const string Question = "tokens";
        int limit = Cursor.Limit(call.Http.Request);
        IReadOnlyList<Token> found = await call.Parts.Tokens.ListAsync(Cursor.Read(call.Http.Request, Question), limit + 1, call.Aborted).ConfigureAwait(false);
        string? next = found.Count > limit ? Cursor.Write(Question, found[limit - 1].Id) : null;
        await call.AnswerAsync(StatusCodes.Status200OK, new TokenPage([.. found.Take(limit).Select(AnswerOf)], next), ApiJson.Default.TokenPage).ConfigureAwait(false);
    }

    public static async Task RevokeAsync(Call call)
    {
        string id = call.Http.Request.RouteValues["token"] as string ?? "";
        bool isThere = await call.Parts.Tokens.RevokeAsync(id, call.Now, CancellationToken.None).ConfigureAwait(false);
        Token? token = isThere ? await call.Parts.Tokens.FindAsync(id, CancellationToken.None).ConfigureAwait(false) : null;
        await call.AnswerAsync(
            StatusCodes.Status200OK,
            AnswerOf(token ?? throw new ProblemException(Problem.OfStatus(StatusCodes.Status404NotFound) with { Detail = $"There is no token {id}." })),
            ApiJson.Default.TokenAnswer).ConfigureAwait(false);
    }

    public static async Task SelfAsync(Call call) => await call.AnswerAsync(
        StatusCodes.Status200OK,
        new SelfAnswer(call.Caller.Subject, call.Caller.Project, RoleNames.Of(call.Caller.Roles), call.Caller.Credential),
        ApiJson.Default.SelfAnswer).ConfigureAwait(false);

    private static string? NameIn(JsonElement body, string field, bool isNeeded, FieldFaults faults)
    {
        string? text = JsonText.Text(body, "", field, isNeeded, faults);
        if (text is not null && (text.Length is 0 or > LongestName || text.Any(char.IsControl)))
        {
            faults.Add(field, $"It has 1 to {LongestName} characters, none of them a control character.");
        }

        return text;
    }

    private static TokenRoles RolesIn(JsonElement body, FieldFaults faults)
    {
        TokenRoles roles = TokenRoles.None;
        if (body.TryGetProperty("roles", out JsonElement named) && named.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement one in named.EnumerateArray())
            {
                roles |= one.ValueKind == JsonValueKind.String && RoleNames.Find(one.GetString()!) is { } role ? role : TokenRoles.None;
            }

            if (RoleNames.Of(roles).Count == named.GetArrayLength() && roles != TokenRoles.None)
            {
                return roles;
            }
        }

        faults.Add("roles", $"It is a list of one or more of {string.Join(", ", RoleNames.All)}, each once.");
        return roles;
    }

    private static Timestamp? ExpiresIn(JsonElement body, Timestamp now, FieldFaults faults)
    {
        if (JsonText.Text(body, "", "expires", false, faults) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.RoundtripKind, out DateTimeOffset when)
            && text.Contains('T', StringComparison.Ordinal) && Timestamp.From(when) is var expires && expires > now)
        {
            return expires;
        }

        faults.Add("expires", "It is a moment to come, such as 2027-01-31T12:00:00Z, or null for never.");
        return null;
    }

    private static TokenAnswer AnswerOf(Token token) => new(
        token.Id, token.Subject, token.Project, RoleNames.Of(token.Roles), token.Made.ToString(), token.Expires?.ToString(), token.Revoked?.ToString());
}
