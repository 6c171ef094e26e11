using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>What is told of transfers that ended.</summary>
internal sealed class NoticeRows(Database database)
{
    private const string Columns = """
        SELECT n.number, n.id, s.id, n.round, n.state, n.ended, n.why, n.target, n.made, n.tries, n.next_try, n.fault, n.delivered, n.dead
        FROM notice n JOIN submission s ON s.number = n.submission
        """;

    public long? Followed() => database.Sql("SELECT event FROM notice_place").Find();

    public long Skip()
    {
        long last = database.Sql("SELECT max(id) FROM event").Find() ?? 0;
        Place(last);
        return last;
    }

    public bool StopFollowing() => database.Sql("DELETE FROM notice_place").Run() > 0;

    public bool Follow(long upTo, IReadOnlyList<NewNotice> notices)
    {
        foreach (NewNotice made in notices)
        {
            long submission = database.Sql("SELECT number FROM submission WHERE id = ? AND state IS NOT NULL").Bind(made.Submission).Find()
                ?? throw new LedgerException($"The ledger {database.Name} knows no such transfer {made.Submission}.");
            database
                .Sql("""
                    INSERT INTO notice (id, submission, round, state, ended, why, target, made, tries, next_try) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
                    ON CONFLICT (submission, round, target) DO NOTHING
                    """)
                .Bind(made.Id).Bind(submission).Bind(made.Round).Bind((long)made.State).Bind(made.Ended).Bind(made.Why).Bind(made.Target).Bind(made.Made).Bind(made.Made)
                .Run();
        }

        return Place(upTo);
    }

    public Notice? Next(string target) =>
        First(database.Sql(Columns + " WHERE n.target = ? AND n.next_try IS NOT NULL ORDER BY n.next_try, n.number LIMIT 1").Bind(target));

    public bool Record(string id, NoticeTry tried) => database
        .Sql("UPDATE notice SET tries = tries + 1, next_try = ?, fault = ?, delivered = ?, dead = ? WHERE id = ? AND next_try IS NOT NULL")
        .Bind(tried.Fault is null ? null : tried.Next?.Nanoseconds).Bind(tried.Fault).Bind(tried.Fault is null ? tried.At.Nanoseconds : (long?)null)
        .Bind(tried.Fault is not null && tried.Next is null ? tried.At.Nanoseconds : (long?)null).Bind(id).Run() > 0;

    public int GiveUpOthers(IReadOnlyCollection<string> targets, string fault, Timestamp when) => database
        .Sql("SELECT DISTINCT target FROM notice WHERE next_try IS NOT NULL").Select(row => row.Text()).Where(target => !targets.Contains(target))
        .Sum(target => database.Sql("UPDATE notice SET next_try = NULL, fault = ?, dead = ? WHERE target = ? AND next_try IS NOT NULL")
            .Bind(fault).Bind(when).Bind(target).Run());

    public bool Retry(string id, Timestamp when) => database
        .Sql("UPDATE notice SET tries = 0, next_try = ?, dead = NULL WHERE id = ? AND delivered IS NULL").Bind(when).Bind(id).Run() > 0;

    public Notice? Find(string id) => First(database.Sql(Columns + " WHERE n.id = ?").Bind(id));

    public List<Notice> List(NoticeStatus? status, long? before, int limit)
    {
        string which = status switch
        {
            NoticeStatus.Waiting => " AND n.next_try IS NOT NULL",
            NoticeStatus.Delivered => " AND n.delivered IS NOT NULL",
            NoticeStatus.Dead => " AND n.dead IS NOT NULL",
            _ => "",
        };
        return database.Sql($"{Columns} WHERE n.number < ?{which} ORDER BY n.number DESC LIMIT ?").Bind(before ?? long.MaxValue).Bind(limit).Select(Read);
    }

    private bool Place(long upTo) => database
        .Sql("INSERT INTO notice_place (one, event) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET event = excluded.event").Bind(upTo).Run() > 0;

    private static Notice? First(Statement found) => found.Select(Read) is [{ } first, ..] ? first : null;

    private static Notice Read(Statement row)
    {
        long number = row.Long();
        var what = new NewNotice(row.Text(), row.Text(), (int)row.Long(), (TransferState)row.Long(), row.Time(), row.TextOrNull(), row.Text(), row.Time());
        return new Notice(number, what)
        {
            Tries = (int)row.Long(),
            Next = Moment(row),
            Fault = row.TextOrNull(),
            Delivered = Moment(row),
            Dead = Moment(row),
        };
    }

    private static Timestamp? Moment(Statement row) => row.LongOrNull() is { } moment ? new Timestamp(moment) : null;
}
