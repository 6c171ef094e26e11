using System.Diagnostics;
using System.Diagnostics.Metrics;
using Godwit.Server.Queue;

namespace Godwit.Server.Metrics;

/// <summary>The instruments that are asked when somebody reads them.</summary>
/// <param name="version">The program's version.</param>
/// <param name="links">What links are called.</param>
/// <param name="time">The clock.</param>
internal sealed class ServiceGauges(string version, LinkLabels links, TimeProvider time)
{
    private static readonly QueueState s_nothing = new(new Dictionary<(EndpointPair, int), int>(), TimeSpan.Zero, 0, []);

    private readonly long _started = time.GetTimestamp();
    private Func<QueueState>? _queue;
    private Func<IReadOnlyList<StagingState>>? _staging;
    private LedgerProbe? _ledger;
    private Func<string?>? _notReady;

    /// <summary>Where what waits is asked for.</summary>
    public void Watch(Func<QueueState> queue) => Volatile.Write(ref _queue, queue);

    /// <summary>Where what stagers and preparers have is asked for.</summary>
    public void Watch(Func<IReadOnlyList<StagingState>> staging) => Volatile.Write(ref _staging, staging);

    /// <summary>Where the ledger, and why transfers are not taken, is asked for.</summary>
    public void Watch(LedgerProbe ledger, Func<string?> notReady)
    {
        Volatile.Write(ref _notReady, notReady);
        Volatile.Write(ref _ledger, ledger);
    }

    /// <summary>Makes the instruments.</summary>
    public void AddTo(Meter meter)
    {
        Gauge(meter, MetricTable.QueueDepth, QueueDepths);
        Gauge(meter, MetricTable.QueueAge, () => One(Queue.Oldest.TotalSeconds));
        Gauge(meter, MetricTable.QueueBlocked, () => One(Queue.Blocked));
        Gauge(meter, MetricTable.ActiveTransfers, Active);
        Gauge(meter, MetricTable.LinkPaused, Paused);
        Gauge(meter, MetricTable.StagingRequests, Staging);
        Gauge(meter, MetricTable.LedgerUp, () => One(LedgerIsUp ? 1 : 0));
        Gauge(meter, MetricTable.Ready, () => One(LedgerIsUp && Volatile.Read(ref _notReady)?.Invoke() is null ? 1 : 0));
        Gauge(meter, MetricTable.Uptime, () => One(time.GetElapsedTime(_started).TotalSeconds));
        Gauge(meter, MetricTable.BuildInfo, () => [new Measurement<double>(1, Tags(MetricTable.BuildInfo, version))]);
        double start = ProcessStart();
        Gauge(meter, MetricTable.ProcessStart, () => One(start));
        Gauge(meter, MetricTable.ProcessMemory, () => One(Environment.WorkingSet));
        Metric cpu = MetricTable.ProcessCpu;
        meter.CreateObservableCounter(cpu.Name, () => Environment.CpuUsage.TotalTime.TotalSeconds, cpu.Unit, cpu.Help);
    }

    private QueueState Queue => Volatile.Read(ref _queue)?.Invoke() ?? s_nothing;

    private bool LedgerIsUp => Volatile.Read(ref _ledger)?.IsUp ?? true;

    private static void Gauge(Meter meter, Metric metric, Func<IEnumerable<Measurement<double>>> read) =>
        meter.CreateObservableGauge(metric.Name, read, metric.Unit, metric.Help);

    private static Measurement<double>[] One(double value) => [new Measurement<double>(value)];

    private static KeyValuePair<string, object?>[] Tags(Metric metric, params string[] values) =>
        [.. values.Select((value, label) => new KeyValuePair<string, object?>(metric.Labels[label], value))];

    private IEnumerable<Measurement<double>> QueueDepths() => Queue.Waiting
        .GroupBy(waiting => (Link: links.Of(waiting.Key.Link), waiting.Key.Priority), waiting => waiting.Value)
        .Select(same => new Measurement<double>(
            same.Sum(),
            Tags(MetricTable.QueueDepth, same.Key.Link.Source, same.Key.Link.Destination, LinkLabels.TextOf(same.Key.Link), same.Key.Priority.ToString())));

    private IEnumerable<Measurement<double>> Staging() => (Volatile.Read(ref _staging)?.Invoke() ?? [])
        .GroupBy(one => one)
        .Select(same => new Measurement<double>(same.Count(), Tags(MetricTable.StagingRequests, same.Key.Stage, same.Key.By, same.Key.State)));

    private IEnumerable<Measurement<double>> Active()
    {
        QueueState queue = Queue;
        var counts = LinksOf(queue).ToDictionary(link => link, _ => 0);
        foreach (EndpointPair link in queue.Active)
        {
            counts[links.Of(link)]++;
        }

        return counts.Select(link => OfLink(MetricTable.ActiveTransfers, link.Key, link.Value));
    }

    /// <summary>All that are one link in labels are not paused by one of them.</summary>
    private IEnumerable<Measurement<double>> Paused()
    {
        QueueState queue = Queue;
        return LinksOf(queue).Select(link => OfLink(MetricTable.LinkPaused, link, queue.IsPaused(link) ? 1 : 0));
    }

    private IEnumerable<EndpointPair> LinksOf(QueueState queue) => queue.Waiting.Keys.Select(key => key.Link).Concat(queue.Active).Select(links.Of).Distinct();

    private static Measurement<double> OfLink(Metric metric, EndpointPair link, double value) =>
        new(value, Tags(metric, link.Source, link.Destination, LinkLabels.TextOf(link)));

    private static double ProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
    }
}
