using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>Who was asked to make transfers ready, and what became of it: at most one call-out for each stage of a round. What is asked, answered and released is
/// in the ledger, so that a service that starts knows whom it waits for.</summary>
/// <remarks>As in <see cref="ILedger"/>, a call that returns is durable and is one transaction; failures are <see cref="LedgerException"/>. Each change writes its event
/// of the journal in its own transaction. Codes are never kept, only their hashes.</remarks>
public interface ICallOuts
{
    /// <summary>Writes down that somebody is to be asked. Where the transfer has a call-out of that round and stage already, it stays as it is.</summary>
    /// <returns>The one that is in force.</returns>
    /// <exception cref="LedgerException">Also: no such transfer was accepted.</exception>
    ValueTask<CallOut> BeginAsync(NewCallOut wanted, CancellationToken ct);

    /// <summary>Writes down a try before it is sent; from now on only the code of this hash counts.</summary>
    /// <param name="id">Which call-out.</param>
    /// <param name="codeHash">What its code is known by: SHA-256, hexadecimal.</param>
    /// <param name="when">The moment.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>False where there is none of that id, it was answered, or its round is over; then nothing was written.</returns>
    ValueTask<bool> AskAsync(string id, string codeHash, Timestamp when, CancellationToken ct);

    /// <summary>Writes down what became of a try: it was acknowledged, or what was wrong.</summary>
    /// <param name="id">Which call-out.</param>
    /// <param name="fault">What was wrong; null where it was acknowledged.</param>
    /// <param name="when">The moment.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>False where there is none of that id, or it was answered; then nothing was written.</returns>
    ValueTask<bool> RecordAskedAsync(string id, string? fault, Timestamp when, CancellationToken ct);

    /// <summary>Takes the answer of whoever was asked, once: while the transfer is in the stage and round of the call-out, before its deadline. The step that
    /// follows is for whoever looks at the transfer.</summary>
    /// <param name="id">Which call-out.</param>
    /// <param name="codeHash">The hash of the code that came with the answer.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<AnswerTaken> AnswerAsync(string id, string codeHash, CallAnswer answer, CancellationToken ct);

    /// <summary>Lets answers count until a moment at least, of all transfers that wait for one: nobody can answer while no service runs.</summary>
    ValueTask AllowUntilAsync(Timestamp moment, CancellationToken ct);

    /// <summary>The call-out of an id; null where there is none.</summary>
    ValueTask<CallOut?> FindAsync(string id, CancellationToken ct);

    /// <summary>The call-outs of a transfer: by round, and stage before prepare; nothing where there are none.</summary>
    ValueTask<IReadOnlyList<CallOut>> ListAsync(string submission, CancellationToken ct);

    /// <summary>Call-outs that may have been heard (<see cref="CallOut.Tries"/> above 0), whose round is over and whose release is due: the longest due first.</summary>
    /// <param name="due">Up to which moment; one that was never tried is due since the moment at which its round was over.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<CallOut>> ListToReleaseAsync(Timestamp due, int limit, CancellationToken ct);

    /// <summary>When the next release is due of those whose round is over; null where none waits.</summary>
    ValueTask<Timestamp?> NextReleaseAsync(CancellationToken ct);

    /// <summary>Writes down what became of telling somebody that what he made ready is needed no more.</summary>
    /// <param name="id">Which call-out.</param>
    /// <param name="tried">When, and with what result.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>False where there is none of that id, or it waits for no release any more; then nothing was written.</returns>
    ValueTask<bool> RecordReleaseAsync(string id, ReleaseTry tried, CancellationToken ct);
}
