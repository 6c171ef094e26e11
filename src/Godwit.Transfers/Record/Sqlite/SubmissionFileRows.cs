using Godwit.Transfers.Plan.Listed;

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

    public List<ListedFile> List(string id, ListedFile? after, int limit)
    {
        long number = submissions.NumberOrNull(id) ?? 0;
        Statement listing = after is { } last
            ? database.Sql("""
                SELECT source, destination, checksum FROM submission_file
                WHERE submission = ? AND (source, destination) > (?, ?) ORDER BY source, destination LIMIT ?
                """).Bind(number).Bind(last.Source).Bind(last.Destination)
            : database.Sql("SELECT source, destination, checksum FROM submission_file WHERE submission = ? ORDER BY source, destination LIMIT ?").Bind(number);
        return listing.Bind(limit).Select(row => new ListedFile(row.Path(), row.Path(), row.TextOrNull() is { } sum ? ChecksumText.ReadOne(sum) : null));
    }

    /// <summary>Whether the file that is there already is the very same: then it is named once.</summary>
    private bool IsSame(long number, ListedFile file) =>
        database.Sql("SELECT 1 FROM submission_file WHERE submission = ? AND source = ? AND destination = ? AND checksum IS ?")
            .Bind(number).Bind(file.Source).Bind(file.Destination).Bind(file.Expected?.ToString()).Find() is not null;
}
