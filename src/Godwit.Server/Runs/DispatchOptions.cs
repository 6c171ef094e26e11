using Godwit.Server.Engine;
using Godwit.Server.Metrics;
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

    /// <summary>What is measured; null for nothing.</summary>
    public ServiceMetrics? Metrics { get; init; }

    /// <summary>Takes a sentence about a fault of the program itself.</summary>
    public required Action<string> Warn { get; init; }
}
