using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The transfers that were handed to a service, in the ledger's own database.</summary>
internal sealed class SqlSubmissions(Connection writing, Connection reading, JournalSignal signal) : ISubmissions
{
    public ValueTask<Submission?> ReceiveAsync(Submission submission, CancellationToken ct) => WriteAsync(rows => rows.Submissions.Receive(submission), ct);

    public async ValueTask<ListedFile?> AddFilesAsync(string id, IReadOnlyList<ListedFile> files, CancellationToken ct)
    {
        try
        {
            await WriteAsync<ListedFile?>(rows => rows.SubmissionFiles.Add(id, files) is { } clash ? throw new ClashException(clash) : null, ct).ConfigureAwait(false);
            return null;
        }
        catch (ClashException e)
        {
            return e.File;
        }
    }

    public ValueTask<Submission> SubmitAsync(string id, string requestHash, Timestamp when, CancellationToken ct) =>
        WriteAsync(rows => rows.Submissions.Submit(id, requestHash, when), ct);

    public ValueTask<int> DropReceivingAsync(string? id, CancellationToken ct) => WriteAsync(rows => rows.Submissions.DropReceiving(id), ct);

    public ValueTask<Submission?> FindAsync(string id, CancellationToken ct)
    {
        writing.RequireThere();
        return reading.ReadAsync(rows => rows.Submissions.Find(id), ct);
    }

    public async ValueTask<IReadOnlyList<Submission>> ListAsync(SubmissionFilter filter, string? before, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Submissions.List(filter, before, limit), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Submission>> ListOpenAsync(string? after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Submissions.ListOpen(after, limit), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ListedFile>> ListFilesAsync(string id, ListedFile? after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.SubmissionFiles.List(id, after, limit), ct).ConfigureAwait(false);

    public ValueTask<ListedFile?> FindFileAsync(string id, StorePath destination, CancellationToken ct) =>
        reading.ReadAsync(rows => rows.SubmissionFiles.Find(id, destination), ct);

    public ValueTask<FilesInTheWay?> FindInTheWayAsync(string id, CancellationToken ct) =>
        reading.ReadAsync(rows => rows.SubmissionFiles.FindInTheWay(id), ct);

    public async ValueTask<IReadOnlyList<ListedFile>> ListQueuedAsync(string id, ListedFile? after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.FileStates.ListQueued(id, after, limit), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<FileIntent>> ListUnderWayAsync(string runId, StorePath? after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.FileStates.ListUnderWay(runId, after, limit), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<FileAttempt>> ListAttemptsAsync(string runId, StorePath destination, int after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.FileStates.ListAttempts(runId, destination, after, limit), ct).ConfigureAwait(false);

    public ValueTask<bool> StepAsync(string id, TransferState from, TransferState to, string? why, Timestamp when, CancellationToken ct) =>
        TransferSteps.Allows(from, to)
            ? WriteAsync(rows => rows.Submissions.Step(id, from, to, why, when), ct)
            : throw new ArgumentException($"No transfer goes from {TransferSteps.NameOf(from)} to {TransferSteps.NameOf(to)}.", nameof(to));

    public async ValueTask<IReadOnlyList<SubmissionStep>> ListStepsAsync(string id, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Submissions.Steps(id), ct).ConfigureAwait(false);

    public async ValueTask RecordRunAsync(string id, string runId, CancellationToken ct) => await WriteAsync(
        rows =>
        {
            rows.Submissions.RecordRun(id, runId);
            return true;
        },
        ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<SubmissionRun>> ListRunsAsync(string id, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Submissions.Runs(id), ct).ConfigureAwait(false);

    public ValueTask<bool> PauseAsync(string id, SubmissionPause? pause, CancellationToken ct) => WriteAsync(rows => rows.Submissions.Pause(id, pause), ct);

    public ValueTask<bool> SetPriorityAsync(string id, int priority, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(priority, Submission.Priorities.Lowest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, Submission.Priorities.Highest);
        return WriteAsync(rows => rows.Submissions.SetPriority(id, priority), ct);
    }

    public ValueTask<bool> AskCancelAsync(string id, Timestamp when, CancellationToken ct) => WriteAsync(rows => rows.Submissions.AskCancel(id, when), ct);

    /// <summary>What is accepted into a file that nobody will open again would be lost.</summary>
    private async ValueTask<T> WriteAsync<T>(Func<Connection, T> work, CancellationToken ct)
    {
        writing.RequireThere();
        T written = await writing.WriteAsync(Survives.PowerFailure, work, ct).ConfigureAwait(false);
        signal.Raise();
        return written;
    }

    /// <summary>Undoes the transaction.</summary>
    private sealed class ClashException(ListedFile file) : Exception
    {
        public ListedFile File => file;
    }
}
