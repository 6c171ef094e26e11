using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Drill.Service;

/// <summary>Submissions with a hook before and after each call that writes: the place to pull the plug.</summary>
/// <param name="inner">Where the calls go.</param>
/// <param name="hook">What happens at each moment: the call's name, and <c>Before</c> or <c>After</c>.</param>
internal sealed class HookedSubmissions(ISubmissions inner, Func<string, ValueTask> hook) : ISubmissions
{
    public ValueTask<Submission?> ReceiveAsync(Submission submission, CancellationToken ct) => AroundAsync("Receive", () => inner.ReceiveAsync(submission, ct));

    public ValueTask<ListedFile?> AddFilesAsync(string id, IReadOnlyList<ListedFile> files, CancellationToken ct) =>
        AroundAsync("AddFiles", () => inner.AddFilesAsync(id, files, ct));

    public ValueTask<Submission> SubmitAsync(string id, string requestHash, Timestamp when, CancellationToken ct) =>
        AroundAsync("Submit", () => inner.SubmitAsync(id, requestHash, when, ct));

    public ValueTask<int> DropReceivingAsync(string? id, CancellationToken ct) => AroundAsync("DropReceiving", () => inner.DropReceivingAsync(id, ct));

    public ValueTask<Submission?> FindAsync(string id, CancellationToken ct) => inner.FindAsync(id, ct);

    public ValueTask<IReadOnlyList<Submission>> ListAsync(SubmissionFilter filter, string? before, int limit, CancellationToken ct) =>
        inner.ListAsync(filter, before, limit, ct);

    public ValueTask<IReadOnlyList<Submission>> ListOpenAsync(string? after, int limit, CancellationToken ct) => inner.ListOpenAsync(after, limit, ct);

    public ValueTask<IReadOnlyList<ListedFile>> ListFilesAsync(string id, ListedFile? after, int limit, CancellationToken ct) => inner.ListFilesAsync(id, after, limit, ct);

    public ValueTask<ListedFile?> FindFileAsync(string id, StorePath destination, CancellationToken ct) => inner.FindFileAsync(id, destination, ct);

    public ValueTask<FilesInTheWay?> FindInTheWayAsync(string id, CancellationToken ct) => inner.FindInTheWayAsync(id, ct);

    public ValueTask<IReadOnlyList<ListedFile>> ListQueuedAsync(string id, ListedFile? after, int limit, CancellationToken ct) => inner.ListQueuedAsync(id, after, limit, ct);

    public ValueTask<IReadOnlyList<FileIntent>> ListUnderWayAsync(string runId, StorePath? after, int limit, CancellationToken ct) =>
        inner.ListUnderWayAsync(runId, after, limit, ct);

    public ValueTask<IReadOnlyList<FileAttempt>> ListAttemptsAsync(string runId, StorePath destination, int after, int limit, CancellationToken ct) =>
        inner.ListAttemptsAsync(runId, destination, after, limit, ct);

    public ValueTask<bool> StepAsync(string id, TransferState from, TransferState to, string? why, Timestamp when, CancellationToken ct) =>
        AroundAsync($"Step{to}", () => inner.StepAsync(id, from, to, why, when, ct));

    public ValueTask<IReadOnlyList<SubmissionStep>> ListStepsAsync(string id, CancellationToken ct) => inner.ListStepsAsync(id, ct);

    public async ValueTask RecordRunAsync(string id, string runId, CancellationToken ct) => await AroundAsync(
        "RecordRun",
        async () =>
        {
            await inner.RecordRunAsync(id, runId, ct).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<SubmissionRun>> ListRunsAsync(string id, CancellationToken ct) => inner.ListRunsAsync(id, ct);

    public ValueTask<bool> PauseAsync(string id, SubmissionPause? pause, CancellationToken ct) =>
        AroundAsync(pause is null ? "Resume" : "Pause", () => inner.PauseAsync(id, pause, ct));

    public ValueTask<bool> SetPriorityAsync(string id, int priority, CancellationToken ct) => AroundAsync("SetPriority", () => inner.SetPriorityAsync(id, priority, ct));

    public ValueTask<bool> AskCancelAsync(string id, Timestamp when, CancellationToken ct) => AroundAsync("AskCancel", () => inner.AskCancelAsync(id, when, ct));

    private async ValueTask<T> AroundAsync<T>(string step, Func<ValueTask<T>> call)
    {
        await hook($"Service.{step}.Before").ConfigureAwait(false);
        T answer = await call().ConfigureAwait(false);
        await hook($"Service.{step}.After").ConfigureAwait(false);
        return answer;
    }
}
