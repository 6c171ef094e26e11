using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Drill.Service;

/// <summary>Call-outs with a hook before and after each call that writes: the place to pull the plug.</summary>
/// <param name="inner">Where the calls go.</param>
/// <param name="hook">What happens at each moment: the call's name, and <c>Before</c> or <c>After</c>.</param>
internal sealed class HookedCallOuts(ICallOuts inner, Func<string, ValueTask> hook) : ICallOuts
{
    public ValueTask<CallOut> BeginAsync(NewCallOut wanted, CancellationToken ct) => AroundAsync("CallBegin", () => inner.BeginAsync(wanted, ct));

    public ValueTask<bool> AskAsync(string id, string codeHash, Timestamp when, CancellationToken ct) => AroundAsync("CallAsk", () => inner.AskAsync(id, codeHash, when, ct));

    public ValueTask<bool> RecordAskedAsync(string id, string? fault, Timestamp when, CancellationToken ct) =>
        AroundAsync("CallAsked", () => inner.RecordAskedAsync(id, fault, when, ct));

    public ValueTask<AnswerTaken> AnswerAsync(string id, string codeHash, CallAnswer answer, CancellationToken ct) =>
        AroundAsync("CallAnswer", () => inner.AnswerAsync(id, codeHash, answer, ct));

    public ValueTask AllowUntilAsync(Timestamp moment, CancellationToken ct) => inner.AllowUntilAsync(moment, ct);

    public ValueTask<CallOut?> FindAsync(string id, CancellationToken ct) => inner.FindAsync(id, ct);

    public ValueTask<IReadOnlyList<CallOut>> ListAsync(string submission, CancellationToken ct) => inner.ListAsync(submission, ct);

    public ValueTask<IReadOnlyList<CallOut>> ListToReleaseAsync(Timestamp due, int limit, CancellationToken ct) => inner.ListToReleaseAsync(due, limit, ct);

    public ValueTask<Timestamp?> NextReleaseAsync(CancellationToken ct) => inner.NextReleaseAsync(ct);

    public ValueTask<bool> RecordReleaseAsync(string id, ReleaseTry tried, CancellationToken ct) => AroundAsync("CallRelease", () => inner.RecordReleaseAsync(id, tried, ct));

    private async ValueTask<T> AroundAsync<T>(string step, Func<ValueTask<T>> call)
    {
        await hook($"Service.{step}.Before").ConfigureAwait(false);
        T answer = await call().ConfigureAwait(false);
        await hook($"Service.{step}.After").ConfigureAwait(false);
        return answer;
    }
}
