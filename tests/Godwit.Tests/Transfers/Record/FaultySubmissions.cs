using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>Submissions with one fault planted in them: what breaks each sentence of the kit.</summary>
internal sealed class FaultySubmissions(ISubmissions inner) : ISubmissions
{
    /// <summary>By the beginning of the sentence that has to notice.</summary>
    public static IReadOnlyDictionary<string, Func<ISubmissions, FaultySubmissions>> All { get; } = new Dictionary<string, Func<ISubmissions, FaultySubmissions>>
    {
        ["A transfer comes back"] = inner => new(inner) { Found = one => one with { Details = "" } },
        ["Of requests with one key"] = inner => new(inner) { Receiving = one => one with { RequestKey = null } },
        ["The same key of another"] = inner => new(inner) { Receiving = one => one with { Owner = "all" } },
        ["What is dropped"] = inner => new(inner) { Dropping = _ => null },
        ["Files come back"] = inner => new(inner) { Listed = files => [.. files.Select(file => file with { Expected = null })] },
        ["A destination that two"] = inner => new(inner) { Adding = files => [files[0]] },
        ["A file that is named again"] = inner => new(inner) { Accepted = one => one with { Files = one.Files + 1 } },
        ["Nothing is added"] = inner => new(inner) { IsQuiet = true },
        ["A step is taken from"] = inner => new(inner) { StepsAlways = true },
        ["Of two that take"] = inner => new(inner) { StepsAlways = true },
        ["A step that is not"] = inner => new(inner) { StepsAlways = true },
        ["Each state is stamped"] = inner => new(inner) { Steps = steps => [.. steps.Select(step => step with { Round = 1 })] },
        ["A retry forgets"] = inner => new(inner) { Found = one => one.Round > 1 ? one with { CancelAsked = new Timestamp(6_000_000_000) } : one },
        ["Transfers are listed"] = inner => new(inner) { Filter = filter => filter with { Project = null } },
        ["What has not ended"] = inner => new(inner) { Open = all => [.. all.Where(one => one.Pause is null)] },
        ["A pause, a priority"] = inner => new(inner) { Found = one => one with { Priority = 3 } },
        ["What is resumed"] = inner => new(inner) { Found = one => one with { WaitingSince = one.State == TransferState.Submitted ? one.WaitingSince : one.Made } },
        ["What has ended"] = inner => new(inner) { Found = one => one with { Pause = new SubmissionPause(default, "", "") } },
        ["A file that is named is found"] = inner => new(inner) { AskedFile = _ => StorePath.FromText("a") },
        ["A file and another one"] = inner => new(inner) { InTheWay = _ => null },
        ["Queued is what is named"] = inner => new(inner) { QueuedAreAll = true },
        ["What a run has under way"] = inner => new(inner) { AskedRun = _ => "run" },
        ["Every attempt at a file"] = inner => new(inner) { Attempts = attempts => [.. attempts.Where(one => one.Final)] },
        ["Runs belong"] = inner => new(inner) { Runs = runs => [.. runs.Select(run => run with { Round = 1 })] },
    };

    private Func<Submission, Submission> Receiving { get; init; } = one => one;

    private Func<Submission, Submission> Found { get; init; } = one => one;

    private Func<Submission, Submission> Accepted { get; init; } = one => one;

    private Func<string?, string?> Dropping { get; init; } = id => id;

    private Func<IReadOnlyList<ListedFile>, IReadOnlyList<ListedFile>> Adding { get; init; } = files => files;

    private Func<IReadOnlyList<ListedFile>, IReadOnlyList<ListedFile>> Listed { get; init; } = files => files;

    private Func<IReadOnlyList<SubmissionStep>, IReadOnlyList<SubmissionStep>> Steps { get; init; } = steps => steps;

    private Func<IReadOnlyList<SubmissionRun>, IReadOnlyList<SubmissionRun>> Runs { get; init; } = runs => runs;

    private Func<IReadOnlyList<Submission>, IReadOnlyList<Submission>> Open { get; init; } = all => all;

    private Func<SubmissionFilter, SubmissionFilter> Filter { get; init; } = filter => filter;

    private Func<StorePath, StorePath> AskedFile { get; init; } = path => path;

    private Func<FilesInTheWay, FilesInTheWay?> InTheWay { get; init; } = found => found;

    private Func<string, string> AskedRun { get; init; } = run => run;

    private Func<IReadOnlyList<FileAttempt>, IReadOnlyList<FileAttempt>> Attempts { get; init; } = attempts => attempts;

    private bool QueuedAreAll { get; init; }

    private bool IsQuiet { get; init; }

    private bool StepsAlways { get; init; }

    public ValueTask<Submission?> ReceiveAsync(Submission submission, CancellationToken ct) => inner.ReceiveAsync(Receiving(submission), ct);

    public async ValueTask<ListedFile?> AddFilesAsync(string id, IReadOnlyList<ListedFile> files, CancellationToken ct)
    {
        try
        {
            return await inner.AddFilesAsync(id, Adding(files), ct);
        }
        catch (LedgerException) when (IsQuiet)
        {
            return null;
        }
    }

    public async ValueTask<Submission> SubmitAsync(string id, string requestHash, Timestamp when, CancellationToken ct) =>
        Accepted(await inner.SubmitAsync(id, requestHash, when, ct));

    public ValueTask<int> DropReceivingAsync(string? id, CancellationToken ct) => inner.DropReceivingAsync(Dropping(id), ct);

    public async ValueTask<Submission?> FindAsync(string id, CancellationToken ct) => await inner.FindAsync(id, ct) is { } found ? Found(found) : null;

    public ValueTask<IReadOnlyList<Submission>> ListAsync(SubmissionFilter filter, string? before, int limit, CancellationToken ct) =>
        inner.ListAsync(Filter(filter), before, limit, ct);

    public async ValueTask<IReadOnlyList<Submission>> ListOpenAsync(string? after, int limit, CancellationToken ct) =>
        Open(await inner.ListOpenAsync(after, limit, ct));

    public async ValueTask<IReadOnlyList<ListedFile>> ListFilesAsync(string id, ListedFile? after, int limit, CancellationToken ct) =>
        Listed(await inner.ListFilesAsync(id, after, limit, ct));

    public ValueTask<ListedFile?> FindFileAsync(string id, StorePath destination, CancellationToken ct) => inner.FindFileAsync(id, AskedFile(destination), ct);

    public async ValueTask<FilesInTheWay?> FindInTheWayAsync(string id, CancellationToken ct) =>
        await inner.FindInTheWayAsync(id, ct) is { } found ? InTheWay(found) : null;

    public ValueTask<IReadOnlyList<ListedFile>> ListQueuedAsync(string id, ListedFile? after, int limit, CancellationToken ct) =>
        QueuedAreAll ? inner.ListFilesAsync(id, after, limit, ct) : inner.ListQueuedAsync(id, after, limit, ct);

    public ValueTask<IReadOnlyList<FileIntent>> ListUnderWayAsync(string runId, StorePath? after, int limit, CancellationToken ct) =>
        inner.ListUnderWayAsync(AskedRun(runId), after, limit, ct);

    public async ValueTask<IReadOnlyList<FileAttempt>> ListAttemptsAsync(string runId, StorePath destination, int after, int limit, CancellationToken ct) =>
        Attempts(await inner.ListAttemptsAsync(runId, destination, after, limit, ct));

    public async ValueTask<bool> StepAsync(string id, TransferState from, TransferState to, string? why, Timestamp when, CancellationToken ct) =>
        StepsAlways || await inner.StepAsync(id, from, to, why, when, ct);

    public async ValueTask<IReadOnlyList<SubmissionStep>> ListStepsAsync(string id, CancellationToken ct) => Steps(await inner.ListStepsAsync(id, ct));

    public ValueTask RecordRunAsync(string id, string runId, CancellationToken ct) => inner.RecordRunAsync(id, runId, ct);

    public async ValueTask<IReadOnlyList<SubmissionRun>> ListRunsAsync(string id, CancellationToken ct) => Runs(await inner.ListRunsAsync(id, ct));

    public ValueTask<bool> PauseAsync(string id, SubmissionPause? pause, CancellationToken ct) => inner.PauseAsync(id, pause, ct);

    public ValueTask<bool> SetPriorityAsync(string id, int priority, CancellationToken ct) => inner.SetPriorityAsync(id, priority, ct);

    public ValueTask<bool> AskCancelAsync(string id, Timestamp when, CancellationToken ct) => inner.AskCancelAsync(id, when, ct);
}
