using Godwit.Transfers.Record;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Whether the service is there.</summary>
internal static class Health
{
    // Sorts before every id.
    private const string NoId = "0";

    public static Task AliveAsync(Call call) => call.AnswerAsync(StatusCodes.Status200OK, new HealthAnswer("ok", null), ApiJson.Default.HealthAnswer);

    public static async Task ReadyAsync(Call call)
    {
        string? reason = call.Parts.NotReady();
        try
        {
            await call.Parts.Submissions.FindAsync(NoId, call.Aborted).ConfigureAwait(false);
            reason ??= await call.Parts.WhyNotWrittenAsync(call.Aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LedgerException or ObjectDisposedException)
        {
            reason ??= "the ledger does not answer";
        }

        int status = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await call.AnswerAsync(status, new HealthAnswer(reason is null ? "ready" : "not ready", reason), ApiJson.Default.HealthAnswer).ConfigureAwait(false);
    }

    public static Task VersionAsync(Call call) =>
        call.AnswerAsync(StatusCodes.Status200OK, new VersionAnswer(call.Parts.Version, "v1"), ApiJson.Default.VersionAnswer);
}
