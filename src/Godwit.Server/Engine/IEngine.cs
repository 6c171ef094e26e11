using Godwit.Server.Limits;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;

namespace Godwit.Server.Engine;

/// <summary>What reads orders and carries them out: the addresses, options and configuration of the command line, and its flow.</summary>
public interface IEngine
{
    /// <summary>Reads an order without asking any server. Where its stager will say where the source is, that is <see cref="OrderPlace.None"/>.</summary>
    /// <returns>What it means, or every fault of it.</returns>
    ValueTask<CheckedOrder> CheckAsync(TransferOrder order, CancellationToken ct);

    /// <summary>Carries an order out once.</summary>
    /// <param name="run">Which run of what.</param>
    /// <param name="ct">A clean stop: what is under way is dropped, parts of large files stay for the next run.</param>
    /// <returns>How it ended; a stop is a result, too, and so is a configuration that has changed since the order was read.</returns>
    Task<RunOutcome> RunAsync(RunOrder run, CancellationToken ct);
}

/// <summary>What an order means.</summary>
/// <param name="Source">The source.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Faults">What is wrong with it; empty when it can be carried out. Then the rest counts.</param>
public sealed record CheckedOrder(OrderPlace Source, OrderPlace Destination, IReadOnlyList<OrderFault> Faults);

/// <summary>A source or a destination.</summary>
/// <param name="Text">As people read it; no secrets.</param>
/// <param name="Endpoint">The name of its endpoint; the server's where it names none.</param>
/// <param name="Name">The one name by which it is allowed or not: on this machine with links resolved, else <c>endpoint:path</c> or the address.</param>
public sealed record OrderPlace(string Text, string Endpoint, string Name)
{
    /// <summary>Nowhere.</summary>
    public static OrderPlace None { get; } = new("", "", "");

    /// <summary>The server that whoever gave the order chose; null where none is reached, or the one that the configuration names.</summary>
    public string? Host { get; init; }
}

/// <summary>Something that is wrong with an order.</summary>
/// <param name="Field">Which field of it, such as <c>options.verify</c>; empty where it is none alone.</param>
/// <param name="Sentence">What is wrong, and the remedy.</param>
public sealed record OrderFault(string Field, string Sentence);

/// <summary>One run of an order.</summary>
/// <param name="RunId">Its id in the ledger of runs, which is another one each time.</param>
/// <param name="Order">The order.</param>
/// <param name="Files">The files that it names; null for a whole tree.</param>
/// <param name="Observer">Hears of everything that happens.</param>
/// <param name="Tally">The counts, to be watched while it runs.</param>
public sealed record RunOrder(string RunId, TransferOrder Order, IFileList? Files, ITransferObserver Observer, TransferTally Tally)
{
    /// <summary>Why it may not go between two places, asked when they were found out; null where it may.</summary>
    public Func<OrderPlace, OrderPlace, CancellationToken, ValueTask<string?>> WhyNotAsync { get; init; } = (_, _, _) => ValueTask.FromResult<string?>(null);

    /// <summary>What it shares with other runs.</summary>
    public RunLimits Limits { get; init; } = RunLimits.None;
}

/// <summary>How a run ended.</summary>
/// <param name="Outcome">Its outcome.</param>
/// <param name="Why">What there is to say of it; null for nothing.</param>
public sealed record RunOutcome(TransferOutcome Outcome, string? Why)
{
    /// <summary>Nothing was done, because another run writes there: when that one has ended, this one can begin.</summary>
    public bool HasToWait { get; init; }
}
