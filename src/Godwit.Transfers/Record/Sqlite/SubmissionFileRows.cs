using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>The files that transfers name which were handed to a service.</summary>
internal sealed class SubmissionFileRows(Database database, SubmissionRows submissions)
{
    /// <summary>Adds files; the first one whose destination another one has already, or null. Where it is not null, all has to be undone.</summary>
    public ListedFile? Add(string id, IReadOnlyList<ListedFile> files)
    {
        long number = submissions.NumberOfReceived(id);
        Statement add = database.Sql("INSERT OR IGNORE INTO submission_file VALUES (?, ?, ?, ?)");
        long added = 0;
        foreach (ListedFile file in files)
        {
            int changed = add.Bind(number).Bind(file.Source).Bind(file.Destination).Bind(file.Expected?.ToString()).Run();
            if (changed == 0 && !IsSame(number, file))
            {
                return file;
            }

            added += changed;
        }

        database.Sql("UPDATE submission SET files = files + ? WHERE number = ?").Bind(added).Bind(number).Run();
        return null;
    }

    public ListedFile? Find(string id, StorePath destination) => database
        .Sql("SELECT source, destination, checksum FROM submission_file WHERE submission = ? AND destination = ?")
        .Bind(submissions.NumberOrNull(id) ?? 0).Bind(destination).Select(Read) is [{ } found, ..] ? found : null;

    public FilesInTheWay? FindInTheWay(string id) => database
        .Sql("""
            SELECT a.source, a.destination, a.checksum, b.source, b.destination, b.checksum
            FROM submission_file a CROSS JOIN submission_file b ON b.submission = a.submission
              AND b.destination > CAST(a.destination || '/' AS BLOB) AND b.destination < CAST(a.destination || '0' AS BLOB)
            WHERE a.submission = ? ORDER BY a.destination, b.destination LIMIT 1
            """)
        .Bind(submissions.NumberOrNull(id) ?? 0).Select(row => new FilesInTheWay(Read(row), Read(row))) is [{ } found, ..] ? found : null;

    public List<ListedFile> List(string id, ListedFile? after, int limit)
    {
        long number = submissions.NumberOrNull(id) ?? 0;
        Statement listing = after is { } last
            ? database.Sql("""
                SELECT source, destination, checksum FROM submission_file
                WHERE submission = ? AND (source, destination) > (?, ?) ORDER BY source, destination LIMIT ?
                """).Bind(number).Bind(last.Source).Bind(last.Destination)
            : database.Sql("SELECT source, destination, checksum FROM submission_file WHERE submission = ? ORDER BY source, destination LIMIT ?").Bind(number);
        return listing.Bind(limit).Select(Read);
    }

    /// <summary>A row of source, destination, checksum.</summary>
    public static ListedFile Read(Statement row) => new(row.Path(), row.Path(), row.TextOrNull() is { } sum ? ChecksumText.ReadOne(sum) : null);

    /// <summary>Whether the file that is there already is the very same: then it is named once.</summary>
    private bool IsSame(long number, ListedFile file) =>
        database.Sql("SELECT 1 FROM submission_file WHERE submission = ? AND source = ? AND destination = ? AND checksum IS ?")
            .Bind(number).Bind(file.Source).Bind(file.Destination).Bind(file.Expected?.ToString()).Find() is not null;
}
