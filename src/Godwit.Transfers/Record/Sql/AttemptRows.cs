using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Tries that were in vain.</summary>
internal sealed class AttemptRows(Database database)
{
    public void Record(long transfer, IReadOnlyList<FileAttempt> attempts)
    {
        Statement replace = database.Sql("DELETE FROM attempt WHERE transfer = ? AND destination = ? AND source = ? AND number = ?");
        Statement keep = database.Sql("""
            INSERT INTO attempt (transfer, destination, source, number, file, kind, side, message, may_pass, final, ended)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        foreach (FileAttempt attempt in attempts)
        {
            replace.Bind(transfer).Bind(attempt.Destination).Bind(attempt.Source).Bind(attempt.Number).Later();
            keep.Bind(transfer).Bind(attempt.Destination).Bind(attempt.Source).Bind(attempt.Number).Bind(attempt.File).Bind(attempt.Kind)
                .Bind((long)attempt.Side).Bind(attempt.Message).Bind(attempt.MayPass).Bind(attempt.Final).Bind(attempt.Ended).Later();
        }
    }

    public List<FileAttempt> ListFailed(long transfer, StorePath? after, int limit)
    {
        List<FileAttempt> found = Find(transfer, PathRange.After(after), limit);
        if (found.Count > 0 && found.Count == limit)
        {
            // The next page begins after this destination path: all of its files have to be on this one.
            StorePath last = found[^1].Destination;
            found.RemoveAll(attempt => attempt.Destination == last);
            found.AddRange(Find(transfer, PathRange.Exactly(last), int.MaxValue));
        }

        return found;
    }

    private List<FileAttempt> Find(long transfer, PathRange destinations, int limit) => destinations.Bind(database
        .Sql($"""
            SELECT a.file, a.source, a.destination, a.number, a.kind, a.side, a.message, a.may_pass, a.final, a.ended FROM attempt a
            WHERE a.transfer = ? AND {destinations.On("a.destination")} AND a.final <> 0
              AND NOT EXISTS (SELECT 1 FROM attempt b WHERE b.transfer = a.transfer AND b.destination = a.destination
                AND b.source = a.source AND b.number > a.number)
              AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.transfer = a.transfer AND r.destination = a.destination
                AND r.source = a.source AND r.delivered > a.ended)
            ORDER BY a.destination, a.source LIMIT ?
            """)
        .Bind(transfer))
        .Bind(limit)
        .Select(Read);

    /// <summary>A row of file, source, destination, number, kind, side, message, may_pass, final, ended.</summary>
    public static FileAttempt Read(Statement row) => new()
    {
        File = row.Long(),
        Source = row.Path(),
        Destination = row.Path(),
        Number = (int)row.Long(),
        Kind = row.Text(),
        Side = (StoreSide)row.Long(),
        Message = row.Text(),
        MayPass = row.Bool(),
        Final = row.Bool(),
        Ended = row.Time(),
    };
}
