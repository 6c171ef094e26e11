using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>The transfers that were handed to a service: who asked for what, where each stands, and which runs carried it out. What becomes of single files
/// is told by the runs' own records and is not kept twice.</summary>
/// <remarks>As in <see cref="ILedger"/>, a call that returns is durable and is one transaction; failures are <see cref="LedgerException"/>, and the
/// caller's cancellation leaves nothing of the call.</remarks>
public interface ISubmissions
{
    /// <summary>Begins to receive a transfer. It waits for nothing and is not listed until <see cref="SubmitAsync"/>.</summary>
    /// <returns>Null: its files may come. Otherwise the transfer of the same owner and request key, received or still coming; then nothing was
    /// written.</returns>
    /// <exception cref="LedgerException">Also: the id is known already.</exception>
    ValueTask<Submission?> ReceiveAsync(Submission submission, CancellationToken ct);

    /// <summary>Adds files to a transfer that is being received. Any number of calls, in any order.</summary>
    /// <returns>Null, or a file of these whose destination another one has already; then nothing of the call was written.</returns>
    /// <exception cref="LedgerException">Also: no such transfer is being received.</exception>
    ValueTask<ListedFile?> AddFilesAsync(string id, IReadOnlyList<ListedFile> files, CancellationToken ct);

    /// <summary>Accepts a transfer that was received: it enters <see cref="TransferState.Submitted"/>.</summary>
    /// <param name="id">Which.</param>
    /// <param name="requestHash">What tells its request from another one of the same key.</param>
    /// <param name="when">The moment.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="LedgerException">Also: no such transfer is being received.</exception>
    ValueTask<Submission> SubmitAsync(string id, string requestHash, Timestamp when, CancellationToken ct);

    /// <summary>Forgets a transfer that is being received, so that its request key is free again; what was accepted stays.</summary>
    /// <param name="id">Which; null for all, when a service starts.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>How many were forgotten.</returns>
    ValueTask<int> DropReceivingAsync(string? id, CancellationToken ct);

    /// <summary>An accepted transfer; null where the id is not one's.</summary>
    ValueTask<Submission?> FindAsync(string id, CancellationToken ct);

    /// <summary>Accepted transfers, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="before">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Submission>> ListAsync(SubmissionFilter filter, string? before, int limit, CancellationToken ct);

    /// <summary>Transfers that have not ended, in the order in which they were accepted; paused ones, too.</summary>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Submission>> ListOpenAsync(string? after, int limit, CancellationToken ct);

    /// <summary>The files that a transfer names, in the order of their sources.</summary>
    /// <param name="id">Which.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<ListedFile>> ListFilesAsync(string id, ListedFile? after, int limit, CancellationToken ct);

    /// <summary>The file that a transfer names, received or accepted, for a destination; null where it names none.</summary>
    ValueTask<ListedFile?> FindFileAsync(string id, StorePath destination, CancellationToken ct);

    /// <summary>A file that a transfer names, received or accepted, and another one that needs it as a directory; null where no two are like that.</summary>
    ValueTask<FilesInTheWay?> FindInTheWayAsync(string id, CancellationToken ct);

    /// <summary>The files that a transfer names of which its runs tell nothing yet: neither receipt nor attempt, and none is under way; in the order of
    /// their sources.</summary>
    /// <param name="id">Which.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<ListedFile>> ListQueuedAsync(string id, ListedFile? after, int limit, CancellationToken ct);

    /// <summary>The files that a run began and that are not finished, in order of the destination path within its space.</summary>
    /// <param name="runId">The run; nothing where the ledger knows none.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<FileIntent>> ListUnderWayAsync(string runId, StorePath? after, int limit, CancellationToken ct);

    /// <summary>Every try of a run at a file that was in vain, final or not, oldest first.</summary>
    /// <param name="runId">The run; nothing where the ledger knows none.</param>
    /// <param name="destination">The file's destination path within its space.</param>
    /// <param name="after">The number of the last one of the page before; 0 for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<FileAttempt>> ListAttemptsAsync(string runId, StorePath destination, int after, int limit, CancellationToken ct);

    /// <summary>Takes a step of <see cref="TransferSteps"/>. From a state that is an end, the next round begins.</summary>
    /// <param name="id">Which.</param>
    /// <param name="from">The state that it must be in.</param>
    /// <param name="to">The state that it enters.</param>
    /// <param name="why">What there is to say of it; null for nothing.</param>
    /// <param name="when">The moment.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>False where it is in another state, or is none; then nothing was written.</returns>
    /// <exception cref="ArgumentException">There is no such step.</exception>
    ValueTask<bool> StepAsync(string id, TransferState from, TransferState to, string? why, Timestamp when, CancellationToken ct);

    /// <summary>The states that a transfer entered, in order.</summary>
    ValueTask<IReadOnlyList<SubmissionStep>> ListStepsAsync(string id, CancellationToken ct);

    /// <summary>Writes down that a run carries out a transfer, in its present round.</summary>
    /// <exception cref="LedgerException">Also: no such transfer was accepted, or the run is another's.</exception>
    ValueTask RecordRunAsync(string id, string runId, CancellationToken ct);

    /// <summary>The runs of a transfer, oldest first.</summary>
    ValueTask<IReadOnlyList<SubmissionRun>> ListRunsAsync(string id, CancellationToken ct);

    /// <summary>Pauses a transfer, or resumes it.</summary>
    /// <param name="id">Which.</param>
    /// <param name="pause">Who wants it; null to go on.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>False where it has ended, or is none; then nothing was written.</returns>
    ValueTask<bool> PauseAsync(string id, SubmissionPause? pause, CancellationToken ct);

    /// <summary>Gives a transfer another priority.</summary>
    /// <returns>False where it has ended, or is none; then nothing was written.</returns>
    ValueTask<bool> SetPriorityAsync(string id, int priority, CancellationToken ct);

    /// <summary>Writes down that somebody asked to cancel a transfer, so that it happens even if the service dies now. The first moment stays.</summary>
    /// <returns>False where it has ended, or is none; then nothing was written.</returns>
    ValueTask<bool> AskCancelAsync(string id, Timestamp when, CancellationToken ct);
}
