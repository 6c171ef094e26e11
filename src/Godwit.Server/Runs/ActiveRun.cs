using System.Diagnostics.CodeAnalysis;
using Godwit.Server.Engine;
using Godwit.Server.Metrics;
using Godwit.Server.Queue;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Server.Runs;

/// <summary>A transfer that is being carried out.</summary>
/// <param name="link">Between which endpoints.</param>
/// <param name="metrics">Measures it; null for nothing.</param>
/// <param name="others">Who else hears what happens; null for nobody.</param>
[SuppressMessage("Design", "CA1001", Justification = "A source of cancellation without a timer holds nothing, and whoever stops a run may come after its end.")]
internal sealed class ActiveRun(EndpointPair link, RunMetrics? metrics, ITransferObserver? others) : ITransferObserver
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _moving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Between which endpoints it goes.</summary>
    public EndpointPair Link => link;

    /// <summary>The counts so far.</summary>
    public TransferTally Tally { get; } = new();

    /// <summary>Done when the destination is claimed and files are looked for; never where it comes to nothing before.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Done when it is written down that files are moved.</summary>
    public Task Moving => _moving.Task;

    /// <summary>Why it has to end although nobody asked for that; null where it need not.</summary>
    public string? Expired { get; private set; }

    /// <summary>A clean stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Asks it to stop.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    /// <summary>Its time is used up: it stops, and that is its end.</summary>
    public Task ExpireAsync(string why)
    {
        Expired ??= why;
        return _stop.CancelAsync();
    }

    /// <summary>When it was written down that files are moved; null where it was not.</summary>
    public DateTimeOffset? MovedSince { get; private set; }

    /// <summary>It is written down that files are moved.</summary>
    /// <param name="now">The moment.</param>
    public void Move(DateTimeOffset now)
    {
        MovedSince = now;
        _moving.TrySetResult();
    }

    /// <summary>It runs from now on, in what the caller does.</summary>
    public void Start() => metrics?.Start();

    /// <summary>It has ended, or has to wait.</summary>
    public void End(RunOutcome ended)
    {
        if (ended.HasToWait)
        {
            metrics?.Drop();
        }
        else
        {
            metrics?.End(ended.Outcome, Tally.Totals);
        }
    }

    /// <inheritdoc/>
    public void On(TransferEvent happened)
    {
        if (happened is TransferStarted)
        {
            _begun.TrySetResult();
        }

        metrics?.On(happened);
        others?.On(happened);
    }

    /// <inheritdoc/>
    public void OnBytes(StorePath path, long bytes)
    {
        metrics?.OnBytes(path, bytes);
        others?.OnBytes(path, bytes);
    }
}
