using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The call-outs in the ledger's own database.</summary>
internal sealed class SqlCallOuts(Connection writing, Connection reading, JournalSignal signal) : ICallOuts
{
    public ValueTask<CallOut> BeginAsync(NewCallOut wanted, CancellationToken ct) => WriteAsync(rows => rows.CallOuts.Begin(wanted), ct);

    public ValueTask<bool> AskAsync(string id, string codeHash, Timestamp when, CancellationToken ct) => WriteAsync(rows => rows.CallOuts.Ask(id, codeHash, when), ct);

    public ValueTask<bool> RecordAskedAsync(string id, string? fault, Timestamp when, CancellationToken ct) =>
        WriteAsync(rows => rows.CallOuts.RecordAsked(id, fault, when), ct);

    public ValueTask<AnswerTaken> AnswerAsync(string id, string codeHash, CallAnswer answer, CancellationToken ct) =>
        WriteAsync(rows => rows.CallOuts.Answer(id, codeHash, answer), ct);

    public async ValueTask AllowUntilAsync(Timestamp moment, CancellationToken ct) => await WriteAsync(rows => rows.CallOuts.AllowUntil(moment), ct).ConfigureAwait(false);

    public ValueTask<CallOut?> FindAsync(string id, CancellationToken ct) => reading.ReadAsync(rows => rows.CallOuts.Find(id), ct);

    public async ValueTask<IReadOnlyList<CallOut>> ListAsync(string submission, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.CallOuts.List(submission), ct).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<CallOut>> ListToReleaseAsync(Timestamp due, int limit, CancellationToken ct) =>
        await reading.ReadAsync(rows => rows.CallOuts.ListToRelease(due, limit), ct).ConfigureAwait(false);

    public ValueTask<Timestamp?> NextReleaseAsync(CancellationToken ct) => reading.ReadAsync(rows => rows.CallOuts.NextRelease(), ct);

    public ValueTask<bool> RecordReleaseAsync(string id, ReleaseTry tried, CancellationToken ct) => WriteAsync(rows => rows.CallOuts.RecordRelease(id, tried), ct);

    /// <summary>An answer that is taken into a file that nobody will open again would be lost.</summary>
    private async ValueTask<T> WriteAsync<T>(Func<Connection, T> work, CancellationToken ct)
    {
        writing.RequireThere();
        T written = await writing.WriteAsync(Survives.PowerFailure, work, ct).ConfigureAwait(false);
        signal.Raise();
        return written;
    }
}
