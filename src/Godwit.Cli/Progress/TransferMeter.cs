using System.Collections.Concurrent;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Progress;

/// <summary>What a running transfer shows: its rate, the files under way, and how files were verified.</summary>
/// <param name="tally">The transfer's counts.</param>
/// <param name="time">The clock.</param>
internal sealed class TransferMeter(TransferTally tally, TimeProvider time) : ITransferObserver
{
    private readonly ConcurrentDictionary<StorePath, long> _underWay = new();
    private readonly ConcurrentDictionary<Verdict, long> _verdicts = new();
    private readonly ConcurrentDictionary<SourceProof, long> _sourceProofs = new();
    private readonly RecentRate _rate = new();
    private readonly long _began = time.GetTimestamp();
    private long _bytes;
    private long _firstStarted;

    /// <summary>Files by how they were verified.</summary>
    public IReadOnlyDictionary<Verdict, long> Verdicts => _verdicts;

    /// <summary>Files by what the reading of their source was held against.</summary>
    public IReadOnlyDictionary<SourceProof, long> SourceProofs => _sourceProofs;

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    public void On(TransferEvent happened)
    {
        switch (happened)
        {
            case FileStarted started:
                _underWay[started.Path] = started.Length;
                Interlocked.CompareExchange(ref _firstStarted, Math.Max(1, Elapsed.Ticks), 0);
                break;
            case FileDelivered delivered:
                _underWay.TryRemove(delivered.Path, out _);
                _verdicts.AddOrUpdate(delivered.Receipt.Verdict, 1, (_, count) => count + 1);
                _sourceProofs.AddOrUpdate(delivered.Receipt.SourceProof, 1, (_, count) => count + 1);
                break;
            case FileFailed failed:
                _underWay.TryRemove(failed.Path, out _);
                break;
        }
    }

    public void OnBytes(StorePath path, long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Where the transfer stands. For one caller at a time: each call is a sample of the rate.</summary>
    public Standing Look()
    {
        TransferTotals totals = tally.Totals;
        TimeSpan now = Elapsed;
        long bytes = Interlocked.Read(ref _bytes);
        if (Interlocked.Read(ref _firstStarted) is > 0 and var began)
        {
            // Listing takes its time before the first file, and is no silence between bytes.
            _rate.See(TimeSpan.FromTicks(began), now, bytes);
        }

        double rate = _rate.PerSecond(now);

        // Bytes on their way count as done for the bar; what was delivered without being sent (gone on with) counts as well.
        long done = Math.Min(totals.PlannedBytes, Math.Max(bytes, totals.DeliveredBytes));
        TimeSpan? left = tally.PlanIsComplete && rate > 1
            ? TimeSpan.FromSeconds(Math.Clamp(((totals.PlannedBytes - done) / rate) - _rate.OnTheWay(now).TotalSeconds, 0, 3.15e8))
            : null;
        return new Standing(totals, tally.PlanIsComplete, done, rate, left, [.. _underWay.Keys.Take(4).Select(path => path.ToString())]);
    }
}

/// <summary>Where a transfer stands.</summary>
/// <param name="Totals">The counts.</param>
/// <param name="PlanIsComplete">Whether the planned counts are final.</param>
/// <param name="DoneBytes">Bytes of the planned ones that are there or on their way.</param>
/// <param name="Rate">Bytes a second, lately.</param>
/// <param name="Left">Time left; null where nobody can know.</param>
/// <param name="UnderWay">Some of the files under way, escaped.</param>
internal sealed record Standing(
    TransferTotals Totals, bool PlanIsComplete, long DoneBytes, double Rate, TimeSpan? Left, IReadOnlyList<string> UnderWay);
