using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The journal in the ledger's own database.</summary>
internal sealed class SqlEventJournal(Connection writing, Connection reading, JournalSignal signal) : IEventJournal
{
    public Task Changed => signal.Changed;

    public async ValueTask AppendAsync(string id, IReadOnlyList<NewEvent> events, CancellationToken ct)
    {
        await writing.WriteAsync(
            Survives.PowerFailure,
            rows =>
            {
                rows.Events.Append(id, events);
                return true;
            },
            ct).ConfigureAwait(false);
        signal.Raise();
    }

    public ValueTask<long> LastAsync(CancellationToken ct) => reading.ReadAsync(rows => rows.Events.Last(), ct);

    public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(EventFilter filter, long after, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.Events.Read(filter, after, limit), ct).ConfigureAwait(false);
}
