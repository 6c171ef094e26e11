using System.Collections.Concurrent;
using Godwit.Server.Engine;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Server.Runs;

/// <summary>An engine that does what a test says, in place of moving files.</summary>
internal sealed class TestEngine : IEngine
{
    private readonly ConcurrentQueue<string> _runs = new();

    /// <summary>The sources of the runs so far, in order.</summary>
    public IReadOnlyList<string> Runs => [.. _runs];

    /// <summary>What a run does. Unless something else is said it begins and succeeds.</summary>
    public Func<RunOrder, CancellationToken, Task<RunOutcome>> Run { get; set; } = (run, _) => Task.FromResult(Begun(run));

    /// <summary>What is wrong with every order.</summary>
    public IReadOnlyList<OrderFault> Faults { get; set; } = [];

    /// <summary>The run claims its destination.</summary>
    public static RunOutcome Begun(RunOrder run, TransferOutcome outcome = TransferOutcome.Success)
    {
        run.Observer.On(new TransferStarted(run.RunId, run.Order.Verb, run.Order.Source, run.Order.Destination));
        return new RunOutcome(outcome, null);
    }

    /// <summary>A run that goes on until it is stopped.</summary>
    public static async Task<RunOutcome> UntilStoppedAsync(RunOrder run, CancellationToken ct)
    {
        Begun(run);
        var stopped = new TaskCompletionSource();
        await using CancellationTokenRegistration _ = ct.Register(stopped.SetResult);
        await stopped.Task;
        return new RunOutcome(TransferOutcome.Canceled, null);
    }

    /// <summary>Sources that cannot be looked at until this is done.</summary>
    public Dictionary<string, Task> Hung { get; } = [];

    public async ValueTask<CheckedOrder> CheckAsync(TransferOrder order, CancellationToken ct)
    {
        await (Hung.GetValueOrDefault(order.Source) ?? Task.CompletedTask);
        return Checked(order);
    }

    private CheckedOrder Checked(TransferOrder order) =>
        new(new OrderPlace(order.Source, "from", ""), new OrderPlace(order.Destination, "to", ""), Faults);

    public Task<RunOutcome> RunAsync(RunOrder run, CancellationToken ct)
    {
        _runs.Enqueue(run.Order.Source);
        return Run(run, ct);
    }
}
