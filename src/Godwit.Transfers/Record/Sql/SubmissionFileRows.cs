using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The files that transfers name which were handed to a service.</summary>
internal sealed class SubmissionFileRows(Database database, SubmissionRows submissions)
{
    /// <summary>Adds files; the first one whose destination another one has already, or null. Where it is not null, all has to be undone.</summary>
    public ListedFile? Add(string id, IReadOnlyList<ListedFile> files)
    {
        long number = submissions.NumberOfReceived(id);
        Statement add = database.Sql("INSERT INTO submission_file (submission, source, destination, checksum) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
        var there = new List<ListedFile>();
        foreach (ListedFile file in files)
        {
            add.Bind(number).Bind(file.Source).Bind(file.Destination).Bind(file.Expected?.ToString()).Later(changed =>
            {
                if (changed == 0)
                {
                    there.Add(file);
                }
            });
        }

        database.Settle();
        if (there.Find(file => !IsSame(number, file)) is { } clash)
        {
            return clash;
        }

        database.Sql("UPDATE submission SET files = files + ? WHERE number = ?").Bind(files.Count - there.Count).Bind(number).Run();
        return null;
    }

    public ListedFile? Find(string id, StorePath destination) => database
        .Sql("SELECT source, destination, checksum FROM submission_file WHERE submission = ? AND destination = ?")
        .Bind(submissions.NumberOrNull(id) ?? 0).Bind(destination).Select(Read) is [{ } found, ..] ? found : null;

    public FilesInTheWay? FindInTheWay(string id) => database
        .Sql($"""
            SELECT a.source, a.destination, a.checksum, b.source, b.destination, b.checksum
            FROM submission_file a CROSS JOIN submission_file b
            WHERE b.submission = a.submission
              AND b.destination > {database.AsBytes("a.destination || '/'")} AND b.destination < {database.AsBytes("a.destination || '0'")}
              AND a.submission = ? ORDER BY a.destination, b.destination LIMIT 1
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
        database.Sql("SELECT 1 FROM submission_file WHERE submission = ? AND source = ? AND destination = ? AND coalesce(checksum, '') = ?")
            .Bind(number).Bind(file.Source).Bind(file.Destination).Bind(file.Expected?.ToString() ?? "").Find() is not null;
}
