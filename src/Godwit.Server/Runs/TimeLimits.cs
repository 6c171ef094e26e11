using Godwit.Server.Limits;
using Godwit.Server.Queue;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>Which transfers have waited for their turns, or moved files, for too long. For the dispatcher's loop alone.</summary>
/// <param name="submissions">The record of transfers.</param>
/// <param name="limits">Which places are paused.</param>
/// <param name="options">The limits.</param>
/// <param name="time">The clock.</param>
internal sealed class TimeLimits(ISubmissions submissions, LiveLimits limits, DispatchOptions options, TimeProvider time)
{
    private readonly PriorityQueue<(string Id, TransferState State), DateTimeOffset> _due = new();
    private readonly HashSet<(string Id, TransferState State)> _watched = [];

    /// <summary>Watches a transfer from now on, where there is a limit for its state.</summary>
    public async ValueTask WatchAsync(Submission transfer)
    {
        if (transfer.State is { } state && LimitOf(state) is not null && !_watched.Contains((transfer.Id, state)) && await EndAsync(transfer).ConfigureAwait(false) is { } end)
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
    public async ValueTask<(Submission Transfer, string Why)?> WhyNotAsync(string id)
    {
        Submission? found = await submissions.FindAsync(id, CancellationToken.None).ConfigureAwait(false);
        if (found is not { State: { } state, Pause: null, CancelAsked: null } || LimitOf(state) is not { } limit || await EndAsync(found).ConfigureAwait(false) is not { } end)
        {
            return null;
        }

        DateTimeOffset now = time.GetUtcNow();
        if (end > now || await IsHeldAsync(found).ConfigureAwait(false))
        {
            // What waits at a place that an operator has paused has the whole time again when it goes on.
            Watch(id, state, end > now ? end : now + limit);
            return null;
        }

        string doing = state == TransferState.Transferring ? "moved files" : "waited for its turn";
        string setting = state == TransferState.Transferring ? "transfer-limit" : "wait-limit";
        return (found, $"It has {doing} for {limit:g}, which is all the time that the service gives it ({setting} below server:). What was delivered stays; then: godwit retry {id}");
    }

    private void Watch(string id, TransferState state, DateTimeOffset end)
    {
        if (_watched.Add((id, state)))
        {
            _due.Enqueue((id, state), end);
        }
    }

    private TimeSpan? LimitOf(TransferState? state) => state switch
    {
        TransferState.Transferring => options.TransferLimit,
        { } other when TransferSteps.IsWaiting(other) => options.WaitLimit,
        _ => null,
    };

    private async ValueTask<bool> IsHeldAsync(Submission transfer)
    {
        (string source, string destination) = (await StagedOrder.OfAsync(options.Staging.Calls, transfer, CancellationToken.None).ConfigureAwait(false)).Endpoints;
        return limits.PauseOf(new EndpointPair(source, destination)) is not null;
    }

    /// <summary>When its time is used up: counted from the moment at which it entered its state, or went on after a pause.</summary>
    private async ValueTask<DateTimeOffset?> EndAsync(Submission transfer)
    {
        IReadOnlyList<SubmissionStep> steps = await submissions.ListStepsAsync(transfer.Id, CancellationToken.None).ConfigureAwait(false);
        Timestamp? entered = steps.LastOrDefault(step => step.Round == transfer.Round && step.State == transfer.State)?.Entered;
        Timestamp? since = transfer.WaitingSince is { } resumed && resumed > entered ? resumed : entered;
        return since?.ToDateTimeOffset() + LimitOf(transfer.State);
    }
}
