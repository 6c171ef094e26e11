using Godwit.Server.Engine;
using Godwit.Server.Metrics;
using Godwit.Server.Staging;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>How much a dispatcher does at once, and who is told.</summary>
public sealed record DispatchOptions
{
    /// <summary>Transfers at once of one endpoint, unless something else is said of it.</summary>
    public int TransfersAtOnce { get; init; } = 8;

    /// <summary>Who hears of everything that happens in a transfer; null for nobody.</summary>
    public Func<string, ITransferObserver?> ObserverOf { get; init; } = _ => null;

    /// <summary>Why a transfer that is held to what its project may use may not go between two places; null where it may.</summary>
    public Func<Submission, OrderPlace, OrderPlace, CancellationToken, ValueTask<string?>> WhyNotAsync { get; init; } = (_, _, _, _) => ValueTask.FromResult<string?>(null);

    /// <summary>Called when a run has ended, before that is written down: done when everything that was observed can be read.</summary>
    public Func<Task> SettleAsync { get; init; } = () => Task.CompletedTask;

    /// <summary>Who is asked before files are moved.</summary>
    public required StagingParts Staging { get; init; }

    /// <summary>Called when a round of a transfer with call-outs is over. Must be quick and must not throw.</summary>
    public Action Released { get; init; } = () => { };

    /// <summary>How long a transfer may wait for a turn; null for ever. What is paused, or waits at a place that is, does not use it up.</summary>
    public TimeSpan? WaitLimit { get; init; }

    /// <summary>How long files of a transfer may be moved, from the first begin; null for ever.</summary>
    public TimeSpan? TransferLimit { get; init; }

    /// <summary>What is measured; null for nothing.</summary>
    public ServiceMetrics? Metrics { get; init; }

    /// <summary>Takes a sentence about a fault of the program itself.</summary>
    public required Action<string> Warn { get; init; }
}
