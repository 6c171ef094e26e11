using System.Runtime.CompilerServices;

namespace Godwit.Server.Metrics;

/// <summary>Tells an OpenTelemetry collector what the service measures, and a span for each run of a transfer, where the standard variables say so.</summary>
public sealed class Telemetry : IAsyncDisposable
{
    // A collector that does not answer must not keep the service from its end.
    private static readonly TimeSpan s_last = TimeSpan.FromSeconds(3);

    private static readonly string[] s_endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    private readonly Func<Task>? _endAsync;
    private readonly TimeProvider _time;

    private Telemetry(Func<Task>? endAsync, TimeProvider time) => (_endAsync, _time) = (endAsync, time);

    /// <summary>Whether anybody is told anything.</summary>
    public bool IsOn => _endAsync is not null;

    /// <summary>Begins where a collector is named and nothing is switched off. Otherwise nothing is even loaded.</summary>
    /// <param name="environment">A variable by its name; null where it is not set.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="time">The clock.</param>
    public static Telemetry Start(Func<string, string?> environment, string version, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(environment);
        bool isOff = string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        return new Telemetry(isOff || !s_endpoints.Any(name => !string.IsNullOrEmpty(environment(name))) ? null : Load(environment, version), time);
    }

    /// <summary>Tells what is left, and ends; after three seconds also where nobody takes it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_endAsync?.Invoke() ?? Task.CompletedTask).WaitAsync(s_last, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is left is lost, as it is whenever the collector is away.
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Func<Task> Load(Func<string, string?> environment, string version) => new OtlpExport(environment, version).EndAsync;
}
