using System.Runtime.CompilerServices;

namespace Godwit.Server.Metrics;

/// <summary>Tells an OpenTelemetry collector what the service measures, and a span for each run of a transfer, where the standard variables say so.</summary>
public static class Telemetry
{
    private static readonly string[] s_endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>Begins where a collector is named and nothing is switched off. Otherwise nothing is even loaded.</summary>
    /// <param name="environment">A variable by its name; null where it is not set.</param>
    /// <param name="version">The program's version.</param>
    /// <returns>Disposed, it tells what is left and ends; null where it was not wanted.</returns>
    public static IDisposable? Start(Func<string, string?> environment, string version)
    {
        ArgumentNullException.ThrowIfNull(environment);
        bool isOff = string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        return isOff || !s_endpoints.Any(name => !string.IsNullOrEmpty(environment(name))) ? null : Load(environment, version);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpExport Load(Func<string, string?> environment, string version) => new(environment, version);
}
