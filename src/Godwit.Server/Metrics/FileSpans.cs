using System.Collections.Concurrent;
using System.Diagnostics;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Server.Metrics;

/// <summary>The spans of a run's files, and of each try at one. They are told when a file ends, so that what is told of it is decided once. A run of a million files
/// does not tell a million.</summary>
/// <param name="traces">Makes the spans.</param>
/// <param name="run">The run's span.</param>
/// <param name="tellsPaths">Whether paths are told.</param>
/// <param name="time">The clock.</param>
internal sealed class FileSpans(ActivitySource traces, Activity run, bool tellsPaths, TimeProvider time)
{
    /// <summary>How many spans a run has before it tells only what failed or is large.</summary>
    public const int Most = 10_000;

    /// <summary>How many it has at all.</summary>
    public const int End = 2 * Most;

    /// <summary>Files above this are large.</summary>
    public const long LargeBytes = 1L << 30;

    private readonly ConcurrentDictionary<StorePath, FileTries> _open = new();
    private int _told;

    /// <summary>Something happened to a file.</summary>
    public void On(TransferEvent happened)
    {
        switch (happened)
        {
            case FileStarted started:
                _open.GetOrAdd(started.Path, _ => new FileTries(started.Length)).Begin(time.GetUtcNow());
                break;
            case FileRetried retried:
                _open.GetOrAdd(retried.Path, _ => new FileTries(null)).Fail(retried.Failure, time.GetUtcNow());
                break;
            case FileFailed { Failure: var failure } failed:
                FileTries tries = Take(failed.Path);
                tries.FailAtLast(failure, time.GetUtcNow());
                Tell(failed.Path, tries, "failed", span => Mark(span, failure));
                break;
            case FileDelivered { Receipt: var receipt } delivered:
                Tell(delivered.Path, Take(delivered.Path), "delivered", span => span
                    .SetTag("godwit.file.size", receipt.Intent.Length).SetTag("godwit.file.route", receipt.Route).SetTag("godwit.file.verdict", Words.Of(receipt.Verdict)));
                break;
        }
    }

    /// <summary>The run has ended: what goes on was stopped.</summary>
    public void Stop()
    {
        foreach (StorePath path in _open.Keys)
        {
            Tell(path, Take(path), "stopped", _ => { });
        }
    }

    private FileTries Take(StorePath path) => _open.TryRemove(path, out FileTries? tries) ? tries : new FileTries(null);

    private void Tell(StorePath path, FileTries tries, string outcome, Action<Activity> add)
    {
        bool isWorthIt = outcome == "failed" || tries.Length > LargeBytes;
        int spans = tries.All.Count + 1;
        if (Volatile.Read(ref _told) + spans > (isWorthIt ? End : Most))
        {
            return;
        }

        Interlocked.Add(ref _told, spans);
        DateTimeOffset now = time.GetUtcNow();
        using Activity? span = traces.StartActivity("file", ActivityKind.Internal, run.Context, startTime: tries.All is [var first, ..] ? first.Began : now);
        if (span is null)
        {
            return;
        }

        span.SetTag("godwit.file.outcome", outcome).SetTag("godwit.file.attempts", tries.All.Count);
        if (tries.Length is { } length)
        {
            span.SetTag("godwit.file.size", length);
        }

        if (tellsPaths)
        {
            span.SetTag("godwit.file.path", path.ToString());
        }

        add(span);
        for (int number = 0; number < tries.All.Count; number++)
        {
            Tell(span, tries.All[number], number + 1, now);
        }

        span.SetEndTime(now.UtcDateTime);
    }

    private void Tell(Activity file, FileTry one, int number, DateTimeOffset now)
    {
        using Activity? span = traces.StartActivity("attempt", ActivityKind.Internal, file.Context, startTime: one.Began);
        span?.SetTag("godwit.attempt.number", number).SetEndTime((one.Ended ?? now).UtcDateTime);
        if (span is not null && one.Failure is { } failure)
        {
            Mark(span, failure);
        }
    }

    // Not the sentence: it may name the path.
    private static void Mark(Activity span, FileFailure failure) => span
        .SetTag("tr_error_category", failure.Kind).SetTag("is_recoverable", failure.MayPass).SetTag("godwit.side", Words.Of(failure.Side))
        .SetStatus(ActivityStatusCode.Error);
}

/// <summary>The tries at one file, one after the other.</summary>
/// <param name="length">Its length; null where it is not known.</param>
internal sealed class FileTries(long? length)
{
    private readonly List<FileTry> _all = [];

    /// <summary>Its length in bytes; null where it is not known.</summary>
    public long? Length => length;

    /// <summary>All so far.</summary>
    public IReadOnlyList<FileTry> All => _all;

    /// <summary>A try begins.</summary>
    public void Begin(DateTimeOffset now) => _all.Add(new FileTry(now, null, null));

    /// <summary>A try has failed; also one that failed before it began to move anything.</summary>
    public void Fail(FileFailure failure, DateTimeOffset now)
    {
        if (_all is not [.., { Ended: null }])
        {
            Begin(now);
        }

        _all[^1] = _all[^1] with { Ended = now, Failure = failure };
    }

    /// <summary>The file is given up. What was never tried has no try.</summary>
    public void FailAtLast(FileFailure failure, DateTimeOffset now)
    {
        if (_all.Count > 0)
        {
            Fail(failure, now);
        }
    }
}

/// <summary>A try at a file.</summary>
/// <param name="Began">When it began.</param>
/// <param name="Ended">When it failed; null while it has not.</param>
/// <param name="Failure">Why it failed; null while it has not.</param>
internal sealed record FileTry(DateTimeOffset Began, DateTimeOffset? Ended, FileFailure? Failure);
