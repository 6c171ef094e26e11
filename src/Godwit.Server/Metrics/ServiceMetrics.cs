using System.Diagnostics;
using System.Diagnostics.Metrics;
using Godwit.Server.Queue;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Metrics;

/// <summary>What a service measures of itself: for <c>/metrics</c>, and for OpenTelemetry where that is wanted.</summary>
public sealed class ServiceMetrics : IDisposable
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "Godwit";

    // Sorts before every id.
    private const string NoId = "0";

    private static readonly ActivitySource s_traces = new(Name);

    private readonly Meter _meter;
    private readonly SeriesBook _book;
    private readonly ServiceGauges _gauges;
    private readonly LookedUpGauges _lookedUp;
    private readonly LinkLabels _links = new();
    private readonly AnswerLabels _hosts = new();
    private readonly Dictionary<Metric, Counter<long>> _counters = [];
    private readonly Dictionary<Metric, Histogram<double>> _histograms = [];
    private readonly TimeProvider _time;
    private LedgerProbe? _ledger;

    /// <param name="version">The program's version.</param>
    /// <param name="time">The clock.</param>
    public ServiceMetrics(string version, TimeProvider time)
    {
        _time = time;
        _meter = new Meter(Name, version);
        _gauges = new ServiceGauges(version, _links, time);
        _gauges.AddTo(_meter);
        _lookedUp = new LookedUpGauges(time);
        _lookedUp.AddTo(_meter);
        foreach (Metric metric in MetricTable.All.Where(metric => metric.Kind == MetricKind.Counter && metric != MetricTable.ProcessCpu))
        {
            _counters.Add(metric, _meter.CreateCounter<long>(metric.Name, metric.Unit, metric.Help));
        }

        foreach (Metric metric in MetricTable.All.Where(metric => metric.Kind == MetricKind.Histogram))
        {
            var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = metric.Bounds };
            _histograms.Add(metric, _meter.CreateHistogram(metric.Name, metric.Unit, metric.Help, null, advice));
        }

        _book = new SeriesBook(_meter);
        Count(MetricTable.LeasesLost, 0);
    }

    /// <summary>Whether spans of files name their paths, which whoever reads traces then sees.</summary>
    public bool TellsPaths { get; init; }

    /// <summary>All numbers as they are now, in the text format of Prometheus.</summary>
    internal async Task<string> TextAsync()
    {
        await Task.WhenAll(_ledger?.LookAsync() ?? Task.CompletedTask, _lookedUp.LookAsync()).ConfigureAwait(false);
        return _book.Text();
    }

    /// <summary>Where it is asked when credentials end, by endpoint: when somebody scrapes, and at most once a minute.</summary>
    public void WatchCredentials(Func<Task<IReadOnlyDictionary<string, DateTimeOffset>>> endsAsync) => _lookedUp.Watch(endsAsync);

    /// <summary>Where it is asked how many bytes the ledger has, null where nobody knows: when somebody scrapes, and at most once a minute.</summary>
    public void WatchLedger(Func<Task<long?>> bytesAsync) => _lookedUp.Watch(bytesAsync);

    /// <summary>Where what waits is asked for.</summary>
    internal void Watch(Func<QueueState> queue) => _gauges.Watch(queue);

    /// <summary>Where what stagers and preparers have is asked for.</summary>
    internal void Watch(Func<IReadOnlyList<StagingState>> staging) => _gauges.Watch(staging);

    /// <summary>Where it is asked whether the service can do anything.</summary>
    internal void Watch(ISubmissions submissions, Func<CancellationToken, ValueTask<string?>> whyNotWrittenAsync, Func<string?> notReady)
    {
        _ledger = new LedgerProbe(AskAsync, _time);
        _gauges.Watch(_ledger, notReady);

        async Task AskAsync()
        {
            await submissions.FindAsync(NoId, CancellationToken.None).ConfigureAwait(false);
            if (await whyNotWrittenAsync(CancellationToken.None).ConfigureAwait(false) is { } why)
            {
                throw new LedgerException(why);
            }
        }
    }

    /// <summary>Measures a run that begins now. Traces name its transfer.</summary>
    internal RunMetrics Begin(string transfer, EndpointPair link) => new(this, transfer, _links.Of(link), s_traces, _time);

    /// <summary>Counts a request to a store that speaks HTTP. Called from many threads at once.</summary>
    /// <param name="host">The server as it was configured.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="status">The answer's status; 0 where none came.</param>
    public void Answered(string host, string method, int status) => Count(
        MetricTable.HttpStatus, 1, new("host", _hosts.Of(host)), new("method", AnswerLabels.MethodOf(method)), new("code", AnswerLabels.CodeOf(status)));

    /// <summary>Counts something whose labels have these values.</summary>
    internal void Count(Metric metric, long number, params ReadOnlySpan<KeyValuePair<string, object?>> labels) => _counters[metric].Add(number, labels);

    /// <summary>Measures how long something took.</summary>
    internal void Took(Metric metric, TimeSpan time, params ReadOnlySpan<KeyValuePair<string, object?>> labels) => _histograms[metric].Record(time.TotalSeconds, labels);

    /// <inheritdoc/>
    public void Dispose()
    {
        _book.Dispose();
        _meter.Dispose();
    }
}
