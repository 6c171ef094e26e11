using System.Diagnostics.Metrics;

namespace Godwit.Server.Metrics;

/// <summary>The gauges of what has to be looked up in files or in the ledger.</summary>
/// <param name="time">The clock.</param>
internal sealed class LookedUpGauges(TimeProvider time)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private LookedUp<IReadOnlyDictionary<string, DateTimeOffset>>? _credentials;
    private LookedUp<object>? _ledger;

    /// <summary>Where it is asked when credentials end, by endpoint.</summary>
    public void Watch(Func<Task<IReadOnlyDictionary<string, DateTimeOffset>>> endsAsync) => Volatile.Write(
        ref _credentials, new LookedUp<IReadOnlyDictionary<string, DateTimeOffset>>(async () => await endsAsync().ConfigureAwait(false), s_minute, time));

    /// <summary>Where it is asked how large the ledger is; null where nobody knows.</summary>
    public void Watch(Func<Task<long?>> bytesAsync) => Volatile.Write(
        ref _ledger, new LookedUp<object>(async () => await bytesAsync().ConfigureAwait(false), s_minute, time));

    /// <summary>Makes the instruments.</summary>
    public void AddTo(Meter meter)
    {
        Metric expiry = MetricTable.CredentialExpiry;
        meter.CreateObservableGauge(expiry.Name, Expiries, expiry.Unit, expiry.Help);
        Metric bytes = MetricTable.LedgerBytes;
        meter.CreateObservableGauge(bytes.Name, Bytes, bytes.Unit, bytes.Help);
    }

    /// <summary>Looks up what is too old, and waits a little.</summary>
    public Task LookAsync() => Task.WhenAll(
        Volatile.Read(ref _credentials)?.LookAsync() ?? Task.CompletedTask, Volatile.Read(ref _ledger)?.LookAsync() ?? Task.CompletedTask);

    private IEnumerable<Measurement<double>> Expiries()
    {
        DateTimeOffset now = time.GetUtcNow();
        return (Volatile.Read(ref _credentials)?.Last ?? new Dictionary<string, DateTimeOffset>()).Select(
            end => new Measurement<double>((end.Value - now).TotalSeconds, new KeyValuePair<string, object?>(MetricTable.CredentialExpiry.Labels[0], end.Key)));
    }

    private IEnumerable<Measurement<double>> Bytes() => Volatile.Read(ref _ledger)?.Last is long bytes ? [new Measurement<double>(bytes)] : [];
}
