using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Schedules, and what became of their planned times.</summary>
internal sealed class ScheduleRows(Database database)
{
    private const string Columns = """
        SELECT id, name, owner, project, verb, source, destination, details, made, priority, cron, zone, day_window, skips_missed, enabled, done, last_transfer
        FROM schedule
        """;

    public bool Add(Schedule schedule)
    {
        if (Find(schedule.Id) is not null)
        {
            throw new LedgerException($"The ledger {database.Name} has a schedule {schedule.Id} already.");
        }

        return database.Sql("""
            INSERT INTO schedule (id, name, owner, project, verb, source, destination, details, made, priority, cron, zone, day_window, skips_missed, enabled, done)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, name) DO NOTHING
            """)
            .Bind(schedule.Id).Bind(schedule.Name).Bind(schedule.Owner).Bind(schedule.Project).Bind(schedule.Verb).Bind(schedule.Source)
            .Bind(schedule.Destination).Bind(schedule.Details).Bind(schedule.Made).Bind(schedule.Priority).Bind(schedule.Cron).Bind(schedule.Zone)
            .Bind(schedule.Window).Bind(schedule.SkipsMissed).Bind(schedule.IsEnabled).Bind(schedule.Done).Run() > 0;
    }

    public Schedule? Find(string id) => database.Sql(Columns + " WHERE id = ?").Bind(id).Select(Read) is [{ } found, ..] ? found : null;

    public List<Schedule> List(ScheduleFilter filter, string? after, int limit)
    {
        string of = (filter.Owner is null ? "" : " AND owner = ?") + (filter.Project is null ? "" : " AND project = ?") + (filter.Name is null ? "" : " AND name = ?");
        Statement listing = database.Sql($"{Columns} WHERE number > ?{of} ORDER BY number LIMIT ?").Bind(after is null ? 0 : NumberOrNull(after) ?? long.MaxValue);
        listing = filter.Owner is { } owner ? listing.Bind(owner) : listing;
        listing = filter.Project is { } project ? listing.Bind(project) : listing;
        listing = filter.Name is { } name ? listing.Bind(name) : listing;
        return listing.Bind(limit).Select(Read);
    }

    public bool Change(Schedule schedule) => database
        .Sql("""
            UPDATE schedule SET priority = ?, cron = ?, zone = ?, day_window = ?, skips_missed = ?, enabled = ?, done = CASE WHEN done < ? THEN ? ELSE done END
            WHERE id = ?
            """)
        .Bind(schedule.Priority).Bind(schedule.Cron).Bind(schedule.Zone).Bind(schedule.Window).Bind(schedule.SkipsMissed).Bind(schedule.IsEnabled)
        .Bind(schedule.Done).Bind(schedule.Done).Bind(schedule.Id).Run() > 0;

    public bool Remove(string id)
    {
        if (NumberOrNull(id) is not { } number)
        {
            return false;
        }

        database.Sql("DELETE FROM schedule_run WHERE schedule = ?").Bind(number).Run();
        return database.Sql("DELETE FROM schedule WHERE number = ?").Bind(number).Run() > 0;
    }

    /// <summary>Whether there is such a schedule, and nothing was written yet of that planned time.</summary>
    public bool IsDue(ScheduleRun run) => NumberOrNull(run.Schedule) is { } number
        && (run.IsByHand || database.Sql("SELECT 1 FROM schedule WHERE number = ? AND forgotten >= ?").Bind(number).Bind(run.Planned).Find() is null)
        && database.Sql("SELECT planned FROM schedule_run WHERE schedule = ? AND planned = ?").Bind(number).Bind(run.Planned).Find() is null;

    public bool Record(ScheduleRun run)
    {
        if (!IsDue(run))
        {
            return false;
        }

        long number = NumberOrNull(run.Schedule)!.Value;
        database.Sql("INSERT INTO schedule_run (schedule, planned, at, became, by_hand, transfer, why) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .Bind(number).Bind(run.Planned).Bind(run.At).Bind((long)run.End).Bind(run.IsByHand).Bind(run.Transfer).Bind(run.Why).Run();
        if (!run.IsByHand)
        {
            database.Sql("UPDATE schedule SET done = ? WHERE number = ? AND done < ?").Bind(run.Planned).Bind(number).Bind(run.Planned).Run();
        }

        if (run.Transfer is { } transfer)
        {
            database.Sql("UPDATE schedule SET last_transfer = ? WHERE number = ?").Bind(transfer).Bind(number).Run();
        }

        return true;
    }

    public List<ScheduleRun> Runs(string id, Timestamp? before, int limit) => database
        .Sql("SELECT planned, at, became, by_hand, transfer, why FROM schedule_run WHERE schedule = ? AND planned < ? ORDER BY planned DESC LIMIT ?")
        .Bind(NumberOrNull(id) ?? 0).Bind(before?.Nanoseconds ?? long.MaxValue).Bind(limit)
        .Select(row => new ScheduleRun(id, row.Time(), row.Time(), (ScheduleEnd)row.Long())
        {
            IsByHand = row.Bool(),
            Transfer = row.TextOrNull(),
            Why = row.TextOrNull(),
        });

    private long? NumberOrNull(string id) => database.Sql("SELECT number FROM schedule WHERE id = ?").Bind(id).Find();

    private static Schedule Read(Statement row)
    {
        (string id, string name, string owner, string project) = (row.Text(), row.Text(), row.Text(), row.Text());
        (string verb, string source, string destination, string details, Timestamp made) = (row.Text(), row.Text(), row.Text(), row.Text(), row.Time());
        int priority = (int)row.Long();
        return new Schedule(id, name, owner, project, verb, source, destination, details, made)
        {
            Priority = priority,
            Cron = row.Text(),
            Zone = row.Text(),
            Window = row.TextOrNull(),
            SkipsMissed = row.Bool(),
            IsEnabled = row.Bool(),
            Done = row.Time(),
            LastTransfer = row.TextOrNull(),
        };
    }
}
