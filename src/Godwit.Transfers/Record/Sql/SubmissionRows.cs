using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Transfers that were handed to a service, and the states that they entered.</summary>
internal sealed class SubmissionRows(Database database, EventRows events, CallOutRows callOuts, TimeProvider time)
{
    private const string Columns = """
        SELECT id, owner, project, verb, source, destination, details, made, priority, request_key, request_hash, state, round, files, why,
          paused, paused_by, pause_message, cancel_asked, waiting_since
        FROM submission
        """;

    /// <summary>What has not ended, as the index of the queue has it.</summary>
    private const string IsOpen = "state < 7";

    /// <summary>What an owner has handed over under some keys and has not ended.</summary>
    internal const string OpenByKey = $"{Columns} WHERE {IsOpen} AND owner = ? AND request_key > ? AND request_key < ? ORDER BY request_key LIMIT ?";

    public Submission? Receive(Submission submission)
    {
        if (submission.RequestKey is { } key
            && First(database.Sql(Columns + " WHERE owner = ? AND request_key = ?").Bind(submission.Owner).Bind(key)) is { } same)
        {
            return same;
        }

        if (database.Sql("SELECT number FROM submission WHERE id = ?").Bind(submission.Id).Find() is not null)
        {
            throw new LedgerException($"The ledger {database.Name} has a transfer {submission.Id} already.");
        }

        database.Sql("""
            INSERT INTO submission (id, owner, project, verb, source, destination, details, made, priority, request_key, round, files)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)
            """)
            .Bind(submission.Id).Bind(submission.Owner).Bind(submission.Project).Bind(submission.Verb).Bind(submission.Source)
            .Bind(submission.Destination).Bind(submission.Details).Bind(submission.Made).Bind(submission.Priority).Bind(submission.RequestKey).Run();
        return null;
    }

    public Submission Submit(string id, string requestHash, Timestamp when)
    {
        long number = NumberOfReceived(id);
        database.Sql("UPDATE submission SET state = ?, request_hash = ? WHERE number = ?")
            .Bind((long)TransferState.Submitted).Bind(requestHash).Bind(number).Run();
        Stamp(number, 1, TransferState.Submitted, when);
        WriteState(number, id, null, TransferState.Submitted, 1, null, when);
        return Find(id)!;
    }

    public int DropReceiving(string? id)
    {
        List<long> numbers = id is null
            ? database.Sql("SELECT number FROM submission WHERE state IS NULL").Select(row => row.Long())
            : database.Sql("SELECT number FROM submission WHERE id = ? AND state IS NULL").Bind(id).Select(row => row.Long());
        foreach (long number in numbers)
        {
            database.Sql("DELETE FROM submission_file WHERE submission = ?").Bind(number).Run();
            database.Sql("DELETE FROM submission WHERE number = ?").Bind(number).Run();
        }

        return numbers.Count;
    }

    public Submission? Find(string id) => First(database.Sql(Columns + " WHERE id = ? AND state IS NOT NULL").Bind(id));

    public List<Submission> List(SubmissionFilter filter, string? before, int limit)
    {
        // Without the conditions that do not matter, so that each kind of question has an index of its own.
        string of = (filter.Owner is null ? "" : " AND owner = ?") + (filter.Project is null ? "" : " AND project = ?") + (filter.State is null ? "" : " AND state = ?");
        Statement listing = database.Sql($"{Columns} WHERE number < ? AND state IS NOT NULL{of} ORDER BY number DESC LIMIT ?")
            .Bind(before is null ? long.MaxValue : NumberOrNull(before) ?? 0);
        listing = filter.Owner is { } owner ? listing.Bind(owner) : listing;
        listing = filter.Project is { } project ? listing.Bind(project) : listing;
        listing = filter.State is { } state ? listing.Bind((long)state) : listing;
        return listing.Bind(limit).Select(Read);
    }

    public List<Submission> ListOpen(string? after, int limit) => database
        .Sql($"{Columns} WHERE {IsOpen} AND number > ? ORDER BY number LIMIT ?")
        .Bind(after is null ? 0 : NumberOrNull(after) ?? long.MaxValue).Bind(limit).Select(Read);

    /// <summary>What has not ended, of an owner's keys that begin with a text whose last character is not the last one there is.</summary>
    public List<Submission> ListOpen(string owner, string start, string? after, int limit) => database
        .Sql(OpenByKey).Bind(owner).Bind(after ?? start).Bind(start[..^1] + (char)(start[^1] + 1)).Bind(limit).Select(Read);

    public bool Step(string id, TransferState from, TransferState to, string? why, Timestamp when)
    {
        if (Find(id) is not { } found || found.State != from)
        {
            return false;
        }

        bool isNewRound = TransferSteps.IsEnd(from);
        int round = isNewRound ? found.Round + 1 : found.Round;
        long number = NumberOrNull(id)!.Value;
        database.Sql("UPDATE submission SET state = ?, round = ?, why = ?, waiting_since = NULL WHERE number = ?").Bind((long)to).Bind(round).Bind(why).Bind(number).Run();
        if (isNewRound)
        {
            database.Sql("UPDATE submission SET cancel_asked = NULL WHERE number = ?").Bind(number).Run();
        }

        if (TransferSteps.IsEnd(to))
        {
            Pause(number, null);
            callOuts.EndRound(number, round, when);
        }

        Stamp(number, round, to, when);
        WriteState(number, id, from, to, round, why, when);
        return true;
    }

    public List<SubmissionStep> Steps(string id) => database
        .Sql("SELECT round, state, entered FROM submission_step WHERE submission = ? ORDER BY round, entered, state").Bind(NumberOrNull(id) ?? 0)
        .Select(row => new SubmissionStep((int)row.Long(), (TransferState)row.Long(), row.Time()));

    public void RecordRun(string id, string runId)
    {
        Submission of = Find(id) ?? throw Unknown(id);
        if (database.Sql("INSERT INTO submission_run (submission, round, run) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .Bind(NumberOrNull(id)!.Value).Bind(of.Round).Bind(runId).Run() == 0)
        {
            throw new LedgerException($"The run {runId} is in the ledger {database.Name} already.");
        }
    }

    public List<SubmissionRun> Runs(string id) => database
        .Sql("SELECT round, run FROM submission_run WHERE submission = ? ORDER BY round, run").Bind(NumberOrNull(id) ?? 0)
        .Select(row => new SubmissionRun((int)row.Long(), row.Text()));

    public bool Pause(string id, SubmissionPause? pause)
    {
        if (OpenNumber(id) is not { } number)
        {
            return false;
        }

        bool wasPaused = database.Sql("SELECT paused FROM submission WHERE number = ?").Bind(number).Find() is not null;
        Pause(number, pause);
        if (pause is { } wish)
        {
            events.Write(number, id, wish.Since, "transfer.paused", json =>
            {
                json.WriteString("by", wish.By);
                json.WriteString("message", wish.Message);
            });
        }
        else if (wasPaused)
        {
            Timestamp now = Now;
            database.Sql("UPDATE submission SET waiting_since = ? WHERE number = ?").Bind(now).Bind(number).Run();
            events.Write(number, id, now, "transfer.resumed");
        }

        return true;
    }

    public bool SetPriority(string id, int priority)
    {
        if (OpenNumber(id) is not { } number)
        {
            return false;
        }

        database.Sql("UPDATE submission SET priority = ? WHERE number = ?").Bind(priority).Bind(number).Run();
        events.Write(number, id, Now, "transfer.priority", json => json.WriteNumber("priority", priority));
        return true;
    }

    public bool AskCancel(string id, Timestamp when)
    {
        if (OpenNumber(id) is not { } number)
        {
            return false;
        }

        if (database.Sql("UPDATE submission SET cancel_asked = ? WHERE number = ? AND cancel_asked IS NULL").Bind(when).Bind(number).Run() > 0)
        {
            events.Write(number, id, when, "transfer.cancel-asked");
        }

        return true;
    }

    /// <summary>The number of one that is being received.</summary>
    public long NumberOfReceived(string id) =>
        database.Sql("SELECT number FROM submission WHERE id = ? AND state IS NULL").Bind(id).Find() ?? throw Unknown(id);

    /// <summary>The number of any; null where the id is none's.</summary>
    public long? NumberOrNull(string id) => database.Sql("SELECT number FROM submission WHERE id = ?").Bind(id).Find();

    private bool Pause(long number, SubmissionPause? pause) => database
        .Sql("UPDATE submission SET paused = ?, paused_by = ?, pause_message = ? WHERE number = ?")
        .Bind(pause?.Since.Nanoseconds).Bind(pause?.By).Bind(pause?.Message).Bind(number).Run() > 0;

    private long? OpenNumber(string id) => database.Sql($"SELECT number FROM submission WHERE id = ? AND {IsOpen}").Bind(id).Find();

    private void Stamp(long number, int round, TransferState state, Timestamp when) => database
        .Sql("INSERT INTO submission_step (submission, round, state, entered) VALUES (?, ?, ?, ?)").Bind(number).Bind(round).Bind((long)state).Bind(when).Later();

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    private void WriteState(long number, string id, TransferState? from, TransferState to, int round, string? why, Timestamp when) =>
        events.Write(number, id, when, "transfer.state", json =>
        {
            if (from is { } left)
            {
                json.WriteString("from", TransferSteps.NameOf(left));
            }

            json.WriteString("state", TransferSteps.NameOf(to));
            json.WriteNumber("round", round);
            if (why is not null)
            {
                json.WriteString("why", why);
            }
        });

    private LedgerException Unknown(string id) => new($"The ledger {database.Name} knows no such transfer {id}.");

    private static Submission? First(Statement found) => found.Select(Read) is [{ } first, ..] ? first : null;

    private static Submission Read(Statement row)
    {
        var found = new Submission(row.Text(), row.Text(), row.Text(), row.Text(), row.Text(), row.Text(), row.Text(), row.Time())
        {
            Priority = (int)row.Long(),
            RequestKey = row.TextOrNull(),
            RequestHash = row.TextOrNull(),
            State = (TransferState?)row.LongOrNull(),
            Round = (int)row.Long(),
            Files = row.Long(),
            Why = row.TextOrNull(),
        };
        (long? since, string? by, string? message) = (row.LongOrNull(), row.TextOrNull(), row.TextOrNull());
        (long? asked, long? waiting) = (row.LongOrNull(), row.LongOrNull());
        return found with
        {
            Pause = since is { } moment ? new SubmissionPause(new Timestamp(moment), by ?? "", message ?? "") : null,
            CancelAsked = asked is { } when ? new Timestamp(when) : null,
            WaitingSince = waiting is { } resumed ? new Timestamp(resumed) : null,
        };
    }
}
