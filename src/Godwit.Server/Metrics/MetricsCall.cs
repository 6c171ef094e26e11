using Godwit.Server.Api;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Metrics;

/// <summary>Tells Prometheus what there is to tell.</summary>
internal static class MetricsCall
{
    public static async Task AnswerAsync(Call call)
    {
        string text = await call.Parts.Metrics.TextAsync().ConfigureAwait(false);
        call.Http.Response.ContentType = PrometheusText.ContentType;
        await call.Http.Response.WriteAsync(text, call.Aborted).ConfigureAwait(false);
    }
}
