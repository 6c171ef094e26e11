using Godwit.Server.Api;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Metrics;

/// <summary>Measures the requests of the service's interface.</summary>
internal static class RequestMetrics
{
    // What nginx writes where nobody waited for the answer.
    private const int ClientClosed = 499;
    private const string EventStream = "text/event-stream";

    /// <summary>Has a request answered, and measures it.</summary>
    public static async Task MeasureAsync(ServiceParts parts, HttpContext context, RequestDelegate next)
    {
        long began = parts.Time.GetTimestamp();
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            ApiEndpoint? endpoint = context.GetEndpoint()?.Metadata.GetMetadata<ApiEndpoint>();
            var name = new KeyValuePair<string, object?>("endpoint", endpoint?.Name ?? "none");
            int status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? ClientClosed : context.Response.StatusCode;
            parts.Metrics.Count(MetricTable.ApiRequests, 1, name, new("code", status.ToString()));
            if (endpoint?.ContentType != EventStream)
            {
                parts.Metrics.Took(MetricTable.ApiDuration, parts.Time.GetElapsedTime(began), name);
            }
        }
    }
}
