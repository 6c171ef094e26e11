using Godwit.Server.Limits;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;

namespace Godwit.Server.Engine;

/// <summary>What reads orders and carries them out: the addresses, options and configuration of the command line, and its flow.</summary>
public interface IEngine
{
    /// <summary>Reads an order without asking any server.</summary>
    /// <returns>What it means, or every fault of it.</returns>
    ValueTask<CheckedOrder> CheckAsync(TransferOrder order, CancellationToken ct);

    /// <summary>Carries an order out once.</summary>
    /// <param name="run">Which run of what.</param>
    /// <param name="ct">A clean stop: what is under way is dropped, parts of large files stay for the next run.</param>
    /// <returns>How it ended; a stop is a result, too, and so is a configuration that has changed since the order was read.</returns>
    Task<RunOutcome> RunAsync(RunOrder run, CancellationToken ct);
}

/// <summary>What an order means.</summary>
/// <param name="Source">The source as people read it; no secrets.</param>
/// <param name="Destination">The destination, likewise.</param>
/// <param name="SourceEndpoint">The name of the source's endpoint; the server's where it names none.</param>
/// <param name="DestinationEndpoint">The destination's, likewise.</param>
/// <param name="Faults">What is wrong with it; empty when it can be carried out. Then the rest counts.</param>
public sealed record CheckedOrder(
    string Source, string Destination, string SourceEndpoint, string DestinationEndpoint, IReadOnlyList<OrderFault> Faults);

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
