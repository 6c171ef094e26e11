using System.Globalization;
using Godwit.Transfers.Record.Access;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Who changed what, and who was refused.</summary>
internal static class AuditCalls
{
    public static async Task ListAsync(Call call)
    {
        const string Question = "audit";
        int limit = Cursor.Limit(call.Http.Request);
        long? before = Cursor.Number(call.Http.Request, Question);
        IReadOnlyList<AuditEntry> found = await call.Parts.Audit.ListAsync(before, limit + 1, call.Aborted).ConfigureAwait(false);
        string? next = found.Count > limit ? Cursor.Write(Question, found[limit - 1].Number.ToString(CultureInfo.InvariantCulture)) : null;
        await call.AnswerAsync(StatusCodes.Status200OK, new AuditPage([.. found.Take(limit).Select(AnswerOf)], next), ApiJson.Default.AuditPage).ConfigureAwait(false);
    }

    private static AuditAnswer AnswerOf(AuditEntry entry) =>
        new(entry.Number, entry.At.ToString(), entry.Subject, entry.Credential, entry.Origin, entry.Action, entry.Target, entry.Status, entry.Detail);
}
