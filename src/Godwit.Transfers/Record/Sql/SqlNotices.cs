using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The notices in the ledger's own database.</summary>
internal sealed class SqlNotices(Connection writing, Connection reading) : INotices
{
    public ValueTask<long?> FollowedAsync(CancellationToken ct) => reading.ReadAsync(rows => rows.Notices.Followed(), ct);

    public ValueTask<long> SkipAsync(CancellationToken ct) => writing.WriteAsync(Survives.PowerFailure, rows => rows.Notices.Skip(), ct);

    public async ValueTask StopFollowingAsync(CancellationToken ct) =>
        await writing.WriteAsync(Survives.PowerFailure, rows => rows.Notices.StopFollowing(), ct).ConfigureAwait(false);

    public async ValueTask FollowAsync(long upTo, IReadOnlyList<NewNotice> notices, CancellationToken ct) =>
        await writing.WriteAsync(Survives.PowerFailure, rows => rows.Notices.Follow(upTo, notices), ct).ConfigureAwait(false);

    public ValueTask<Notice?> NextAsync(string target, CancellationToken ct) => reading.ReadAsync(rows => rows.Notices.Next(target), ct);

    public ValueTask<bool> RecordAsync(string id, NoticeTry tried, CancellationToken ct) =>
        writing.WriteAsync(Survives.PowerFailure, rows => rows.Notices.Record(id, tried), ct);

    public ValueTask<int> GiveUpOthersAsync(IReadOnlyCollection<string> targets, string fault, Timestamp when, CancellationToken ct) =>
        writing.WriteAsync(Survives.PowerFailure, rows => rows.Notices.GiveUpOthers(targets, fault, when), ct);

    public ValueTask<bool> RetryAsync(string id, Timestamp when, CancellationToken ct) =>
        writing.WriteAsync(Survives.PowerFailure, rows => rows.Notices.Retry(id, when), ct);

    public ValueTask<Notice?> FindAsync(string id, CancellationToken ct) => reading.ReadAsync(rows => rows.Notices.Find(id), ct);

    public async ValueTask<IReadOnlyList<Notice>> ListAsync(NoticeStatus? status, long? before, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Notices.List(status, before, limit), ct).ConfigureAwait(false);
}
