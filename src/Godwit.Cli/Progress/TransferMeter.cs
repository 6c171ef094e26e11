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
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<StorePath, long> _underWay = new();
    private readonly ConcurrentDictionary<Verdict, long> _verdicts = new();
    private readonly ConcurrentDictionary<SourceProof, long> _sourceProofs = new();
    private readonly Queue<(long At, long Bytes)> _samples = new([(time.GetTimestamp(), 0L)]);
    private readonly long _began = time.GetTimestamp();
    private long _bytes;

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
        long now = time.GetTimestamp();
        long bytes = Interlocked.Read(ref _bytes);
        _samples.Enqueue((now, bytes));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > Window)
        {
            _samples.Dequeue();
        }

        (long at, long before) = _samples.Peek();
        double seconds = time.GetElapsedTime(at, now).TotalSeconds;
        double rate = seconds > 0.2 ? (bytes - before) / seconds : 0;

        // Bytes on their way count as done for the bar; what was delivered without being sent (gone on with) counts as well.
        long done = Math.Min(totals.PlannedBytes, Math.Max(bytes, totals.DeliveredBytes));
        TimeSpan? left = tally.PlanIsComplete && rate > 1
            ? TimeSpan.FromSeconds(Math.Min((totals.PlannedBytes - done) / rate, 3.15e8))
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
