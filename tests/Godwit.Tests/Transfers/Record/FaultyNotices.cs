using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>Notices with one fault planted in them.</summary>
internal sealed class FaultyNotices(INotices inner) : INotices
{
    /// <summary>By the beginning of the sentence that has to notice.</summary>
    public static IReadOnlyDictionary<string, Func<OpenedSubmissions, OpenedSubmissions>> All { get; } =
        new Dictionary<string, Func<OpenedSubmissions, OpenedSubmissions>>
        {
            ["A notice is made once"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { IsDoubling = true } },
            ["Notices begin with"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { NeverStops = true } },
            ["The next notice"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { IsImpatient = true } },
            ["A try that failed"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { IsQuiet = true } },
            ["What was given up"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { IsInsistent = true } },
            ["What waits for a target"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { IsRash = true } },
            ["Notices are listed"] = opened => opened with { Notices = new FaultyNotices(opened.Notices) { IsWide = true } },
        };

    private bool IsDoubling { get; init; }

    private bool NeverStops { get; init; }

    private bool IsImpatient { get; init; }

    private bool IsQuiet { get; init; }

    private bool IsInsistent { get; init; }

    private bool IsRash { get; init; }

    private bool IsWide { get; init; }

    public ValueTask<long?> FollowedAsync(CancellationToken ct) => inner.FollowedAsync(ct);

    public ValueTask<long> SkipAsync(CancellationToken ct) => inner.SkipAsync(ct);

    public ValueTask StopFollowingAsync(CancellationToken ct) => NeverStops ? ValueTask.CompletedTask : inner.StopFollowingAsync(ct);

    public ValueTask FollowAsync(long upTo, IReadOnlyList<NewNotice> notices, CancellationToken ct) =>
        inner.FollowAsync(upTo, [.. notices.Select(one => IsDoubling && one.Id == "n3" ? one with { Target = "once more" } : one)], ct);

    public ValueTask<Notice?> NextAsync(string target, CancellationToken ct) => inner.NextAsync(target, ct);

    public ValueTask<bool> RecordAsync(string id, NoticeTry tried, CancellationToken ct) =>
        inner.RecordAsync(id, IsQuiet && tried.Fault is not null ? tried with { Fault = "" } : IsImpatient ? tried with { Next = new Timestamp(0) } : tried, ct);

    public ValueTask<int> GiveUpOthersAsync(IReadOnlyCollection<string> targets, string fault, Timestamp when, CancellationToken ct) =>
        inner.GiveUpOthersAsync(IsRash ? [] : targets, fault, when, ct);

    public async ValueTask<bool> RetryAsync(string id, Timestamp when, CancellationToken ct) => await inner.RetryAsync(id, when, ct) || IsInsistent;

    public ValueTask<Notice?> FindAsync(string id, CancellationToken ct) => inner.FindAsync(id, ct);

    public ValueTask<IReadOnlyList<Notice>> ListAsync(NoticeStatus? status, long? before, int limit, CancellationToken ct) =>
        inner.ListAsync(IsWide ? null : status, before, limit, ct);
}
