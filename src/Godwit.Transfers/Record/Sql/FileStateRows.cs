using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Record.Sql;

/// <summary>What became of the files of transfers that were handed to a service, as the records of their runs tell it.</summary>
internal sealed class FileStateRows(Database database, SubmissionRows submissions)
{
    // The runs tell paths within the destination's space, the files that are named are below the destination.
    private readonly string _place = database.AsBytes(
        "CASE length(t.destination_path) WHEN 0 THEN f.destination ELSE t.destination_path || '/' || f.destination END");

    public List<ListedFile> ListQueued(string id, ListedFile? after, int limit)
    {
        long number = submissions.NumberOrNull(id) ?? 0;
        Statement listing = database.Sql($"""
            SELECT f.source, f.destination, f.checksum FROM submission_file f
            WHERE f.submission = ? AND (f.source, f.destination) > (?, ?) AND NOT EXISTS (
              SELECT 1 FROM submission_run r JOIN transfer t ON t.id = r.run
              WHERE r.submission = f.submission AND (
                EXISTS (SELECT 1 FROM receipt c WHERE c.transfer = t.number AND c.destination = {_place})
                OR EXISTS (SELECT 1 FROM attempt a WHERE a.transfer = t.number AND a.destination = {_place})
                OR EXISTS (SELECT 1 FROM file u WHERE u.destination_space = t.destination_space AND u.destination = {_place} AND u.transfer = t.number)))
            ORDER BY f.source, f.destination LIMIT ?
            """).Bind(number);
        listing = after is { } last ? listing.Bind(last.Source).Bind(last.Destination) : listing.BindBytes([]).BindBytes([]);
        return listing.Bind(limit).Select(SubmissionFileRows.Read);
    }

    public List<FileIntent> ListUnderWay(string runId, StorePath? after, int limit)
    {
        var range = PathRange.After(after);
        return range.Bind(database
            .Sql($"""
                SELECT s.name, f.source, f.source_version, d.name, f.destination, f.length, f.tag
                FROM transfer t JOIN file f ON f.transfer = t.number AND f.destination_space = t.destination_space
                  JOIN space s ON s.number = f.source_space JOIN space d ON d.number = f.destination_space
                WHERE t.id = ? AND {range.On("f.destination")} ORDER BY f.destination LIMIT ?
                """)
            .Bind(runId)).Bind(limit)
            .Select(row => new FileIntent(row.Text(), row.Path(), row.Text(), row.Text(), row.Path(), row.Long(), row.Text()));
    }

    public List<FileAttempt> ListAttempts(string runId, StorePath destination, int after, int limit) => database
        .Sql("""
            SELECT a.file, a.source, a.destination, a.number, a.kind, a.side, a.message, a.may_pass, a.final, a.ended
            FROM transfer t JOIN attempt a ON a.transfer = t.number
            WHERE t.id = ? AND a.destination = ? AND a.number > ? ORDER BY a.number, a.source LIMIT ?
            """)
        .Bind(runId).Bind(destination).Bind(after).Bind(limit).Select(AttemptRows.Read);
}
