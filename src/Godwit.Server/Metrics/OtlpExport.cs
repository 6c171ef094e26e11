using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Godwit.Server.Metrics;

/// <summary>OpenTelemetry's own exporters of metrics and spans, with its own variables.</summary>
internal sealed class OtlpExport
{
    private const string Service = "OTEL_SERVICE_NAME";

    // What OpenTelemetry's library reads. It is handed over name by name, because a service takes its variables from whoever starts it.
    private static readonly string[] s_variables =
    [
        Service, "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        .. (string[])[.. from signal in (string[])["", "_METRICS", "_TRACES"]
                        from setting in (string[])["ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"]
                        select $"OTEL_EXPORTER_OTLP{signal}_{setting}"],
    ];

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    /// <param name="environment">A variable by its name; null where it is not set.</param>
    /// <param name="version">The program's version.</param>
    public OtlpExport(Func<string, string?> environment, string version)
    {
        var values = s_variables.Select(name => KeyValuePair.Create(name, environment(name))).Where(variable => !string.IsNullOrEmpty(variable.Value)).ToDictionary();
        IConfiguration variables = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        void Resource(ResourceBuilder resource) => resource.AddService(values.GetValueOrDefault(Service) ?? "godwit", serviceVersion: version);
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(services => services.AddSingleton(variables))
            .ConfigureResource(Resource).AddSource(ServiceMetrics.Name).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(services => services.AddSingleton(variables))
            .ConfigureResource(Resource).AddMeter(ServiceMetrics.Name).AddOtlpExporter().Build();
    }

    /// <summary>Tells what is left, and ends.</summary>
    public Task EndAsync() => Task.WhenAll(Task.Run(_traces.Dispose), Task.Run(_metrics.Dispose));
}
