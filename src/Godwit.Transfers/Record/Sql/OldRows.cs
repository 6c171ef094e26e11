using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>What grows for ever unless it is removed.</summary>
internal sealed class OldRows(Database database)
{
    /// <summary>What has numbers that grow with time.</summary>
    public static IReadOnlyList<OldKind> Kinds { get; } =
    [
        new("event", "id", "at", "at < ? AND id <= coalesce((SELECT event FROM notice_place), 9223372036854775807) AND " + IsOver("event"), 2),
        new("audit", "number", "at", "at < ?", 1),
        new("notice", "number", "made", "next_try IS NULL AND (delivered < ? OR dead < ?)", 2),
        new("call_out", "number", "made", "release_next IS NULL AND " + IsOver("call_out"), 1),
    ];

    /// <summary>Rows after a number, in order.</summary>
    public List<OldRow> List(OldKind kind, Timestamp before, long after, int limit)
    {
        Statement listing = database.Sql($"""
            SELECT {kind.Number}, CASE WHEN {kind.Time} < ? THEN 1 ELSE 0 END, CASE WHEN {kind.Removable} THEN 1 ELSE 0 END
            FROM {kind.Table} WHERE {kind.Number} > ? ORDER BY {kind.Number} LIMIT ?
            """);
        return Bind(listing.Bind(before), kind, before).Bind(after).Bind(limit).Select(row => new OldRow(row.Long(), row.Bool(), row.Bool()));
    }

    /// <summary>Removes rows, but for those that may not be removed any more.</summary>
    /// <returns>How many were removed.</returns>
    public int Remove(OldKind kind, IReadOnlyList<long> numbers, Timestamp before)
    {
        int removed = 0;
        foreach (long number in numbers)
        {
            Statement removing = database.Sql($"DELETE FROM {kind.Table} WHERE {kind.Number} = ? AND {kind.Removable}").Bind(number);
            Bind(removing, kind, before).Later(rows => removed += rows);
        }

        database.Settle();
        return removed;
    }

    /// <summary>Removes what became of planned times, and notes up to where it was removed.</summary>
    /// <returns>How many were removed.</returns>
    public int RemoveRuns(Timestamp before, int limit)
    {
        List<OldRun> old = database
            .Sql("""
                SELECT o.schedule, o.planned, o.by_hand FROM schedule_run o
                WHERE o.at < ? AND o.planned < ? AND o.planned < (SELECT max(n.planned) FROM schedule_run n WHERE n.schedule = o.schedule) ORDER BY o.at LIMIT ?
                """)
            .Bind(before).Bind(before).Bind(limit).Select(row => new OldRun(row.Long(), row.Time(), row.Bool()));
        foreach (OldRun run in old)
        {
            database.Sql("DELETE FROM schedule_run WHERE schedule = ? AND planned = ?").Bind(run.Schedule).Bind(run.Planned).Later();
        }

        foreach (IGrouping<long, OldRun> of in old.Where(run => !run.IsByHand).GroupBy(run => run.Schedule))
        {
            long last = of.Max(run => run.Planned.Nanoseconds);
            database.Sql("UPDATE schedule SET forgotten = ? WHERE number = ? AND coalesce(forgotten, ?) <= ?").Bind(last).Bind(of.Key).Bind(last).Bind(last).Later();
        }

        return old.Count;
    }

    private static Statement Bind(Statement statement, OldKind kind, Timestamp before)
    {
        for (int moment = 0; moment < kind.Moments; moment++)
        {
            statement = statement.Bind(before);
        }

        return statement;
    }

    /// <summary>Whether the transfer of a row ended before a moment and was not tried again.</summary>
    private static string IsOver(string table) => $"""
        EXISTS (SELECT 1 FROM submission s JOIN submission_step p ON p.submission = s.number AND p.round = s.round AND p.state = s.state
          WHERE s.number = {table}.submission AND s.state >= 7 AND p.entered < ?)
        """;

    private readonly record struct OldRun(long Schedule, Timestamp Planned, bool IsByHand);
}

/// <summary>Rows that are removed when they are old.</summary>
/// <param name="Table">Where they are.</param>
/// <param name="Number">What they are called there; it grows with time.</param>
/// <param name="Time">When they were written.</param>
/// <param name="Removable">Whether one is removed.</param>
/// <param name="Moments">How often the moment stands in that.</param>
internal sealed record OldKind(string Table, string Number, string Time, string Removable, int Moments);

/// <summary>A row that may be old.</summary>
/// <param name="Number">What it is called.</param>
/// <param name="IsOld">Whether it was written before the moment.</param>
/// <param name="IsRemovable">Whether it is removed.</param>
internal readonly record struct OldRow(long Number, bool IsOld, bool IsRemovable);
