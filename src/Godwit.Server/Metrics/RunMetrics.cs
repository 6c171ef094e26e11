using System.Diagnostics;
using Godwit.Server.Queue;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Server.Metrics;

/// <summary>Measures one run of a transfer, and is its span.</summary>
/// <param name="metrics">What counts.</param>
/// <param name="transfer">The transfer's id, for the span alone.</param>
/// <param name="link">The endpoints as labels have them.</param>
/// <param name="traces">Makes the span.</param>
/// <param name="time">The clock.</param>
internal sealed class RunMetrics(ServiceMetrics metrics, string transfer, EndpointPair link, ActivitySource traces, TimeProvider time) : ITransferObserver
{
    private const string Integrity = "integrity";

    private readonly KeyValuePair<string, object?> _source = new("src", link.Source);
    private readonly KeyValuePair<string, object?> _destination = new("dst", link.Destination);
    private readonly long _began = time.GetTimestamp();
    private KeyValuePair<string, object?> _protocol = new("protocol", Protocol.Unknown);
    private Activity? _span;
    private FileSpans? _files;
    private volatile FileFailure? _failure;

    /// <summary>Whether its files have spans: somebody listens.</summary>
    internal bool TellsFiles => _files is not null;

    /// <summary>Begins the span. It belongs to what the caller does from now on.</summary>
    public void Start()
    {
        _span = traces.StartActivity("transfer")
            ?.SetTag("godwit.transfer.id", transfer).SetTag("godwit.source", link.Source).SetTag("godwit.destination", link.Destination);
        _files = _span is { IsAllDataRequested: true } span ? new FileSpans(traces, span, metrics.TellsPaths, time) : null;
    }

    /// <inheritdoc/>
    public void On(TransferEvent happened)
    {
        _files?.On(happened);
        switch (happened)
        {
            case TransferStarted started:
                _protocol = new("protocol", Protocol.Of(started.Source, started.Destination));
                break;
            case FileDelivered { Receipt.Verdict: var verdict }:
                metrics.Count(MetricTable.FilesTransferred, 1, _source, _destination, _protocol);
                metrics.Count(MetricTable.Verdicts, 1, new KeyValuePair<string, object?>("verdict", Words.Of(verdict)));
                break;
            case FileRetried { Failure: var failure }:
                metrics.Count(MetricTable.Retries, 1, _source, _destination, new("cause", failure.Kind));
                Failed(failure);
                break;
            case FileFailed { Failure: var failure }:
                metrics.Count(MetricTable.FilesFailed, 1, _source, _destination, new("phase", Phase(failure)), new("cause", failure.Kind));
                Failed(failure);
                break;
            case TransferStopping { Reason: StopReason.ClaimLost }:
                metrics.Count(MetricTable.LeasesLost, 1);
                break;
            case TransferEnded { Totals: var totals }:
                metrics.Count(MetricTable.FilesUnchanged, totals.Unchanged, _source, _destination);
                metrics.Count(MetricTable.EntriesListed, ListedOf(totals), _source, _destination);
                break;
            default:
                Changed(happened);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnBytes(StorePath path, long bytes) => metrics.Count(MetricTable.BytesTransferred, bytes, _source, _destination, _protocol);

    /// <summary>The run has ended, whether or not it began to move anything.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="totals">Its counts.</param>
    public void End(TransferOutcome outcome, TransferTotals totals)
    {
        _files?.Stop();
        metrics.Count(MetricTable.RunsEnded, 1, _source, _destination, new("outcome", Words.Of(outcome)));
        metrics.Took(MetricTable.TransferDuration, time.GetElapsedTime(_began), _source, _destination);
        _span?.SetTag("godwit.outcome", Words.Of(outcome)).SetTag("godwit.files.delivered", totals.Delivered).SetTag("godwit.files.failed", totals.Failed)
            .SetTag("godwit.bytes.sent", totals.SentBytes);
        if (_failure is { } failure)
        {
            _span?.SetTag("tr_error_category", failure.Kind).SetTag("is_recoverable", failure.MayPass);
        }

        if (outcome is TransferOutcome.Error or TransferOutcome.Partial)
        {
            _span?.SetStatus(ActivityStatusCode.Error);
        }

        _span?.Dispose();
    }

    /// <summary>It was no run: it has to wait.</summary>
    public void Drop()
    {
        if (_span is not null)
        {
            _span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            _span.Dispose();
        }
    }

    private void Failed(FileFailure failure)
    {
        _failure = failure;
        if (failure.Kind == Integrity)
        {
            metrics.Count(MetricTable.ChecksumMismatches, 1, _source, _destination);
        }
    }

    private void Changed(TransferEvent happened)
    {
        Metric? metric = happened switch
        {
            EntryDeleted { Kind: EntryKind.Directory } or SourceDeleted { Kind: EntryKind.Directory } => MetricTable.DirectoriesDeleted,
            EntryDeleted or SourceDeleted => MetricTable.FilesDeleted,
            FileBackedUp => MetricTable.FilesBackedUp,
            _ => null,
        };
        if (metric is not null)
        {
            metrics.Count(metric, 1, _source, _destination);
        }
    }

    private static string Phase(FileFailure failure) => failure switch
    {
        { Kind: Integrity } => "verify",
        { Kind: "name-not-representable" or "too-large" or "plan-outdated" } => "plan",
        { Side: StoreSide.Source } => "read",
        { Side: StoreSide.Destination } => "write",
        _ => "unknown",
    };

    private static long ListedOf(TransferTotals totals) =>
        totals.Planned + totals.Unchanged + totals.SkippedLinks + totals.SkippedSpecial + totals.Filtered + totals.Unsettled + totals.BeforeBaseline + totals.EmptyDirectories;
}
