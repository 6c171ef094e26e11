using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>What happened to transfers that were handed to a service.</summary>
internal sealed class EventRows(Database database)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public long Last() => database.Sql("SELECT max(id) FROM event").Find() ?? 0;

    public void Append(string id, IReadOnlyList<NewEvent> events)
    {
        long number = database.Sql("SELECT number FROM submission WHERE id = ? AND state IS NOT NULL").Bind(id).Find()
            ?? throw new LedgerException($"The ledger {database.Name} knows no such transfer {id}.");
        foreach (NewEvent happened in events)
        {
            Insert(number, happened.At, happened.Text);
        }
    }

    /// <summary>An event of the transfer itself, as docs/events.md has it.</summary>
    public void Write(long number, string id, Timestamp when, string name, Action<Utf8JsonWriter>? fields = null)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", 1);
            writer.WriteString("event", name);
            writer.WriteString("time", when.ToString());
            writer.WriteString("transfer", id);
            fields?.Invoke(writer);
            writer.WriteEndObject();
        }

        Insert(number, when, Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    public List<JournalEvent> Read(EventFilter filter, long after, int limit)
    {
        Statement reading = database.Sql(Question(filter)).Bind(after);
        reading = filter.Submission is { } submission ? reading.Bind(submission) : reading;
        reading = filter.Owner is { } owner ? reading.Bind(owner) : reading;
        reading = filter.Project is { } project ? reading.Bind(project) : reading;
        return reading.Bind(limit).Select(row => new JournalEvent(row.Long(), row.Text(), row.Time(), row.Text()));
    }

    /// <summary>Asks for events: after which, of what the filter names, how many.</summary>
    internal static string Question(EventFilter filter)
    {
        // One of the conditions is of the event itself, the narrowest: each has its index, which is read in order from the number on. The others are of its
        // transfer, so that no database takes a wider index. CROSS JOIN: the events in their order, and never all transfers of an owner first.
        string owner = filter.Submission is null ? "e.owner" : "s.owner";
        string project = filter.Submission is null && filter.Owner is null ? "e.project" : "s.project";
        string of = (filter.Submission is null ? "" : " AND e.submission = (SELECT number FROM submission WHERE id = ?)")
            + (filter.Owner is null ? "" : $" AND {owner} = ?") + (filter.Project is null ? "" : $" AND {project} = ?");
        return $"""
            SELECT e.id, s.id, e.at, e.text FROM event e CROSS JOIN submission s
            WHERE s.number = e.submission AND e.id > ?{of} ORDER BY e.id LIMIT ?
            """;
    }

    private void Insert(long number, Timestamp when, string text) => database
        .Sql("INSERT INTO event (submission, owner, project, at, text) SELECT number, owner, project, ?, ? FROM submission WHERE number = ?")
        .Bind(when).Bind(text).Bind(number).Later();
}
