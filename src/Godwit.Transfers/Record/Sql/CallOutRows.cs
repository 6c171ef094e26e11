using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Who was asked to make transfers ready.</summary>
internal sealed class CallOutRows(Database database, EventRows events)
{
    private const string Columns = """
        SELECT c.number, c.submission, s.state, s.round, c.release_next, c.id, s.id, c.round, c.stage, c.asked_of, c.made, c.deadline, c.tries, c.code_hash,
          c.acknowledged, c.fault, c.answered, c.success, c.message, c.source, c.endpoint, c.released, c.release_fault
        FROM call_out c JOIN submission s ON s.number = c.submission
        """;

    public CallOut Begin(NewCallOut wanted)
    {
        long submission = database.Sql("SELECT number FROM submission WHERE id = ? AND state IS NOT NULL").Bind(wanted.Submission).Find()
            ?? throw new LedgerException($"The ledger {database.Name} knows no such transfer {wanted.Submission}.");
        Statement there = database.Sql(Columns + " WHERE c.submission = ? AND c.round = ? AND c.stage = ?").Bind(submission).Bind(wanted.Round).Bind((long)wanted.Stage);
        if (First(there) is { } same)
        {
            return same.Call;
        }

        if (Row(wanted.Id) is not null)
        {
            throw new LedgerException($"The ledger {database.Name} has a call-out {wanted.Id} already.");
        }

        database.Sql("INSERT INTO call_out (id, submission, round, stage, asked_of, made, deadline, tries) VALUES (?, ?, ?, ?, ?, ?, ?, 0)")
            .Bind(wanted.Id).Bind(submission).Bind(wanted.Round).Bind((long)wanted.Stage).Bind(wanted.Of).Bind(wanted.Made).Bind(wanted.Deadline).Run();
        CallOutRow begun = Row(wanted.Id)!;
        Tell(begun, "begun", wanted.Made);
        return begun.Call;
    }

    public bool Ask(string id, string codeHash, Timestamp when)
    {
        // Whoever is asked after the round is over might be told of its end before.
        if (Row(id) is not { Call.Answer: null, IsOver: false } found)
        {
            return false;
        }

        database.Sql("UPDATE call_out SET tries = tries + 1, code_hash = ? WHERE number = ?").Bind(codeHash).Bind(found.Number).Run();
        if (found.Call.Tries == 0)
        {
            Tell(found, "asked", when);
        }

        return true;
    }

    public bool RecordAsked(string id, string? fault, Timestamp when)
    {
        if (Row(id) is not { Call.Answer: null } found)
        {
            return false;
        }

        if (fault is null)
        {
            Acknowledge(found, when);
            return true;
        }

        database.Sql("UPDATE call_out SET fault = ? WHERE number = ?").Bind(fault).Bind(found.Number).Run();
        if (StoredText.Of(fault) != found.Call.Fault)
        {
            Tell(found, "fault", when, fault);
        }

        return true;
    }

    public AnswerTaken Answer(string id, string codeHash, CallAnswer answer)
    {
        if (Row(id) is not { Call.CodeHash: { } hash } found || hash != codeHash)
        {
            return AnswerTaken.Unknown;
        }

        if (found.Call.Answer is { } before)
        {
            bool isSame = before.IsSuccess == answer.IsSuccess && before.Source == (answer.Source is { } source ? StoredText.Of(source) : null);
            return isSame ? AnswerTaken.Repeated : AnswerTaken.Differs;
        }

        if (!found.IsAwaited || answer.At >= found.Call.What.Deadline)
        {
            return AnswerTaken.TooLate;
        }

        database.Sql("UPDATE call_out SET answered = ?, success = ?, message = ?, source = ?, endpoint = ? WHERE number = ?")
            .Bind(answer.At).Bind(answer.IsSuccess).Bind(answer.Message).Bind(answer.Source).Bind(answer.Endpoint).Bind(found.Number).Run();
        Tell(found, "answered", answer.At, answer.Message, answer.IsSuccess);
        return AnswerTaken.Taken;
    }

    public int AllowUntil(Timestamp moment) => database.Sql($"""
        UPDATE call_out SET deadline = ? WHERE answered IS NULL AND deadline < ? AND EXISTS (
          SELECT 1 FROM submission s WHERE s.number = call_out.submission AND s.round = call_out.round
            AND s.state IN ({(int)TransferState.Staging}, {(int)TransferState.Preparing}))
        """).Bind(moment).Bind(moment).Run();

    public CallOut? Find(string id) => Row(id)?.Call;

    public List<CallOut> List(string submission) => database
        .Sql(Columns + " WHERE c.submission = (SELECT number FROM submission WHERE id = ?) ORDER BY c.round, c.stage").Bind(submission)
        .Select(row => Read(row).Call);

    /// <summary>Whoever may have heard of a round is to be told, from now on, that it is over.</summary>
    public void EndRound(long submission, int round, Timestamp when) => database
        .Sql("UPDATE call_out SET release_next = ? WHERE submission = ? AND round = ? AND tries > 0").Bind(when).Bind(submission).Bind(round).Later();

    public List<CallOut> ListToRelease(Timestamp due, int limit) => database
        .Sql(Columns + " WHERE c.release_next <= ? ORDER BY c.release_next, c.number LIMIT ?").Bind(due).Bind(limit).Select(row => Read(row).Call);

    public Timestamp? NextRelease() =>
        database.Sql("SELECT min(release_next) FROM call_out WHERE release_next IS NOT NULL").Find() is { } next ? new Timestamp(next) : null;

    public bool RecordRelease(string id, ReleaseTry tried)
    {
        if (Row(id) is not { IsToRelease: true } found)
        {
            return false;
        }

        database.Sql("UPDATE call_out SET release_next = ?, released = ?, release_fault = ? WHERE number = ?")
            .Bind(tried.Fault is null ? null : tried.Next?.Nanoseconds).Bind(tried.Fault is null ? tried.At.Nanoseconds : (long?)null).Bind(tried.Fault)
            .Bind(found.Number).Run();
        if (tried.Fault is null)
        {
            Tell(found, "released", tried.At);
        }
        else if (StoredText.Of(tried.Fault) != found.Call.ReleaseFault)
        {
            Tell(found, "release-failed", tried.At, tried.Fault);
        }

        return true;
    }

    private void Acknowledge(CallOutRow found, Timestamp when)
    {
        database.Sql("UPDATE call_out SET fault = NULL, acknowledged = coalesce(acknowledged, ?) WHERE number = ?").Bind(when).Bind(found.Number).Run();
        if (found.Call.Acknowledged is null)
        {
            Tell(found, "acknowledged", when);
        }
    }

    private void Tell(CallOutRow of, string what, Timestamp when, string? message = null, bool? success = null) =>
        events.Write(of.Submission, of.Call.What.Submission, when, "transfer.call-out", json =>
        {
            json.WriteString("stage", of.Call.What.Stage == CallStage.Stage ? "stage" : "prepare");
            json.WriteString("by", of.Call.What.Of);
            json.WriteString("what", what);
            if (success is { } known)
            {
                json.WriteBoolean("success", known);
            }

            if (!string.IsNullOrEmpty(message))
            {
                json.WriteString("message", StoredText.Of(message));
            }
        });

    private CallOutRow? Row(string id) => First(database.Sql(Columns + " WHERE c.id = ?").Bind(id));

    private static CallOutRow? First(Statement found) => found.Select(Read) is [{ } first, ..] ? first : null;

    private static CallOutRow Read(Statement row)
    {
        (long number, long submission, var state, int round) = (row.Long(), row.Long(), (TransferState)row.Long(), (int)row.Long());
        bool isToRelease = row.LongOrNull() is not null;
        var what = new NewCallOut(row.Text(), row.Text(), (int)row.Long(), (CallStage)row.Long(), row.Text(), row.Time(), row.Time());
        var call = new CallOut(what)
        {
            Tries = (int)row.Long(),
            CodeHash = row.TextOrNull(),
            Acknowledged = Moment(row),
            Fault = row.TextOrNull(),
            Answer = ReadAnswer(row),
            Released = Moment(row),
            ReleaseFault = row.TextOrNull(),
        };
        return new CallOutRow(number, submission, state, round, isToRelease, call);
    }

    private static CallAnswer? ReadAnswer(Statement row)
    {
        (Timestamp? at, long? success, string? message) = (Moment(row), row.LongOrNull(), row.TextOrNull());
        (string? source, string? endpoint) = (row.TextOrNull(), row.TextOrNull());
        return at is { } moment ? new CallAnswer(moment, success > 0, message ?? "") { Source = source, Endpoint = endpoint } : null;
    }

    private static Timestamp? Moment(Statement row) => row.LongOrNull() is { } moment ? new Timestamp(moment) : null;

    /// <summary>A call-out, and where its transfer stands.</summary>
    private sealed record CallOutRow(long Number, long Submission, TransferState State, int Round, bool IsToRelease, CallOut Call)
    {
        public bool IsOver => Round != Call.What.Round || TransferSteps.IsEnd(State);

        public bool IsAwaited => Round == Call.What.Round && State == (Call.What.Stage == CallStage.Stage ? TransferState.Staging : TransferState.Preparing);
    }
}
