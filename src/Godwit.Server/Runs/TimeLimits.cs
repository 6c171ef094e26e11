using Godwit.Server.Limits;
using Godwit.Server.Queue;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>Which transfers have waited for a turn, or moved files in one go, for too long. What is paused, waits at a place that is, or found no service running, uses nothing up. For the
/// dispatcher's loop alone.</summary>
/// <param name="submissions">The record of transfers.</param>
/// <param name="limits">Which places are paused.</param>
/// <param name="options">The limits.</param>
/// <param name="time">The clock.</param>
internal sealed class TimeLimits(ISubmissions submissions, LiveLimits limits, DispatchOptions options, TimeProvider time)
{
    private readonly PriorityQueue<(string Id, TransferState State), DateTimeOffset> _due = new();
    private readonly HashSet<(string Id, TransferState State)> _watched = [];
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Watches a transfer from now on, where there is a limit for what it does.</summary>
    /// <param name="transfer">Which.</param>
    /// <param name="moved">Since when its files are moved; null where they are not.</param>
    public async ValueTask WatchAsync(Submission transfer, DateTimeOffset? moved)
    {
        if (transfer.State is { } state && !_watched.Contains((transfer.Id, state)) && await EndAsync(transfer, moved).ConfigureAwait(false) is { } end)
        {
            Watch(transfer.Id, state, end);
        }
    }

    /// <summary>What is to be asked of, because it may be too long by now; it is watched no more.</summary>
    public IEnumerable<string> Due()
    {
        DateTimeOffset now = time.GetUtcNow();
        while (_due.TryPeek(out _, out DateTimeOffset end) && end <= now)
        {
            (string Id, TransferState State) due = _due.Dequeue();
            _watched.Remove(due);
            yield return due.Id;
        }
    }

    /// <summary>The transfer and why it ends, where its time is used up; otherwise null, and it is watched on where it has a limit still.</summary>
    /// <param name="id">Which.</param>
    /// <param name="moved">Since when its files are moved; null where they are not.</param>
    public async ValueTask<(Submission Transfer, string Why)?> WhyNotAsync(string id, DateTimeOffset? moved)
    {
        Submission? found = await submissions.FindAsync(id, CancellationToken.None).ConfigureAwait(false);
        if (found is not { State: { } state, Pause: null, CancelAsked: null } || await EndAsync(found, moved).ConfigureAwait(false) is not { } end)
        {
            return null;
        }

        DateTimeOffset now = time.GetUtcNow();
        if (end > now)
        {
            Watch(id, state, end);
            return null;
        }

        if (state == TransferState.Transferring)
        {
            return (found, Sentence("moved files", options.TransferLimit!.Value, "transfer-limit", id));
        }

        if (await IsHeldAsync(found).ConfigureAwait(false))
        {
            // It has the whole time again when it goes on.
            Watch(id, state, now + options.WaitLimit!.Value);
            return null;
        }

        return (found, Sentence("waited for its turn", options.WaitLimit!.Value, "wait-limit", id));
    }

    private static string Sentence(string doing, TimeSpan limit, string setting, string id) =>
        $"It has {doing} for {SpanText.Of(limit)}, which is all the time that the service gives it ({setting} below server:). What was delivered stays; then: godwit retry {id}";

    private void Watch(string id, TransferState state, DateTimeOffset end)
    {
        if (_watched.Add((id, state)))
        {
            _due.Enqueue((id, state), end);
        }
    }

    private async ValueTask<bool> IsHeldAsync(Submission transfer)
    {
        (string source, string destination) = (await StagedOrder.OfAsync(options.Staging.Calls, transfer, CancellationToken.None).ConfigureAwait(false)).Endpoints;
        return limits.PauseOf(new EndpointPair(source, destination)) is not null;
    }

    /// <summary>When its time is used up; null where it has no limit.</summary>
    private async ValueTask<DateTimeOffset?> EndAsync(Submission transfer, DateTimeOffset? moved)
    {
        if (transfer.State == TransferState.Transferring)
        {
            return moved + options.TransferLimit;
        }

        if (options.WaitLimit is not { } limit || transfer.State is not { } state || !TransferSteps.IsWaiting(state))
        {
            return null;
        }

        IReadOnlyList<SubmissionStep> steps = await submissions.ListStepsAsync(transfer.Id, CancellationToken.None).ConfigureAwait(false);
        Timestamp? entered = steps.LastOrDefault(step => step.Round == transfer.Round && step.State == state)?.Entered;
        DateTimeOffset?[] since = [entered?.ToDateTimeOffset(), transfer.WaitingSince?.ToDateTimeOffset(), _started];
        return since.Max() + limit;
    }
}
