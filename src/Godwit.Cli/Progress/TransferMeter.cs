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
    // A percentage of what is there within seconds would only flicker.
    private const long LargeBytes = 16 << 20;

    private readonly Lock _looking = new();
    private readonly ConcurrentDictionary<StorePath, FileProgress> _underWay = new();
    private readonly ConcurrentDictionary<StorePath, FileProgress> _bySource = new();
    private readonly ConcurrentDictionary<Verdict, long> _verdicts = new();
    private readonly ConcurrentDictionary<SourceProof, long> _sourceProofs = new();
    private readonly RecentRate _rate = new();
    private readonly long _began = time.GetTimestamp();
    private long _bytes;
    private long _endedBytes;
    private long _highest;
    private long _firstStarted;

    /// <summary>Files by how they were verified.</summary>
    public IReadOnlyDictionary<Verdict, long> Verdicts => _verdicts;

    /// <summary>Files by what the reading of their source was held against.</summary>
    public IReadOnlyDictionary<SourceProof, long> SourceProofs => _sourceProofs;

    /// <summary>What a sync did not delete, and why; null where it was not kept from it.</summary>
    public ExtrasKept? Kept { get; private set; }

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    public void On(TransferEvent happened)
    {
        switch (happened)
        {
            case FileStarted started:
                FileProgress file = _underWay.GetOrAdd(started.Path, _ => new FileProgress(started.Source));
                _bySource[started.Source] = file;
                file.Begin(started.Length);
                Interlocked.CompareExchange(ref _firstStarted, Math.Max(1, Elapsed.Ticks), 0);
                break;
            case FileDelivered delivered:
                End(delivered.Path);
                Interlocked.Add(ref _endedBytes, delivered.Receipt.Intent.Length);
                _verdicts.AddOrUpdate(delivered.Receipt.Verdict, 1, (_, count) => count + 1);
                _sourceProofs.AddOrUpdate(delivered.Receipt.SourceProof, 1, (_, count) => count + 1);
                break;
            case ExtrasKept kept:
                Kept = kept;
                break;
            case FileFailed failed:
                Interlocked.Add(ref _endedBytes, End(failed.Path));
                break;
        }
    }

    public void OnBytes(StorePath path, long bytes) =>
        Interlocked.Add(ref _bytes, _underWay.TryGetValue(path, out FileProgress? file) ? file.Send(bytes) : bytes);

    /// <summary>Bytes of a file passed, long before they are known to be sent; or have to pass again, when the number is below zero. What was not
    /// begun yet is only compared, and does not count.</summary>
    /// <param name="side">Whose path it is.</param>
    /// <param name="path">The file.</param>
    /// <param name="bytes">How many.</param>
    public void OnPassing(StoreSide side, StorePath path, long bytes)
    {
        if ((side == StoreSide.Source ? _bySource : _underWay).TryGetValue(path, out FileProgress? file))
        {
            file.Pass(bytes);
            Interlocked.Add(ref _bytes, Math.Max(0, bytes));
        }
    }

    /// <summary>Where the transfer stands. For one caller at a time: each call is a sample of the rate.</summary>
    public Standing Look()
    {
        using Lock.Scope alone = _looking.EnterScope();
        TransferTotals totals = tally.Totals;
        TimeSpan now = Elapsed;
        if (Interlocked.Read(ref _firstStarted) is > 0 and var began)
        {
            // Listing takes its time before the first file, and is no silence between bytes.
            _rate.See(TimeSpan.FromTicks(began), now, Interlocked.Read(ref _bytes));
        }

        double rate = _rate.PerSecond(now);
        long done = DoneOf(totals);
        TimeSpan? left = tally.PlanIsComplete && rate > 1
            ? TimeSpan.FromSeconds(Math.Clamp(((totals.PlannedBytes - done) / rate) - _rate.OnTheWay(now).TotalSeconds, 0, 3.15e8))
            : null;
        return new Standing(totals, tally.PlanIsComplete, done, rate, left, [.. _underWay.Take(4).Select(file => Told(file.Key, file.Value))]);
    }

    private static string Told(StorePath path, FileProgress file) =>
        file.Length >= LargeBytes ? $"{100 * (Int128)file.Done / file.Length,3}% {path}" : path.ToString();

    /// <summary>Bytes that need not be waited for any more: delivered, given up, or on their way. A file that begins again lets them stand still, not
    /// fall back.</summary>
    private long DoneOf(TransferTotals totals)
    {
        long done = Interlocked.Read(ref _endedBytes) + _underWay.Sum(file => file.Value.Done);
        _highest = Math.Min(totals.PlannedBytes, Math.Max(_highest, done));
        return _highest;
    }

    /// <summary>A file is under way no more.</summary>
    /// <returns>Its bytes; none where it never was.</returns>
    private long End(StorePath path)
    {
        if (!_underWay.TryRemove(path, out FileProgress? file))
        {
            return 0;
        }

        _bySource.TryRemove(KeyValuePair.Create(file.Source, file));
        return file.Length;
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
