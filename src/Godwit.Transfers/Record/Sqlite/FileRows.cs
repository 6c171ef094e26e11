using Godwit.Storage;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>Files under way and their parts.</summary>
internal sealed class FileRows(Database database, Spaces spaces)
{
    public List<long> Start(long transfer, IReadOnlyList<FileIntent> files)
    {
        database.Sql("UPDATE file_number SET last = last + ?").Bind(files.Count).Run();
        long first = database.Sql("SELECT last FROM file_number").Find()!.Value - files.Count + 1;
        Statement insert = database.Sql("""
            INSERT OR REPLACE INTO file (number, transfer, source_space, source, source_version, destination_space, destination, length, tag)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        var numbers = new List<long>(files.Count);
        foreach (FileIntent file in files)
        {
            long number = first + numbers.Count;
            insert.Bind(number).Bind(transfer).Bind(spaces.Number(file.SourceSpace)).Bind(file.Source).Bind(file.SourceVersion)
                .Bind(spaces.Number(file.DestinationSpace)).Bind(file.Destination).Bind(file.Length).Bind(file.Tag).Run();
            numbers.Add(number);
        }

        return numbers;
    }

    public void Adopt(long transfer, IReadOnlyList<long> files)
    {
        foreach (long file in files)
        {
            MustExist(file, database.Sql("UPDATE file SET transfer = ? WHERE number = ?").Bind(transfer).Bind(file).Run());
        }
    }

    public void RecordUpload(long file, string uploadId, long partSize)
    {
        MustExist(
            file,
            database.Sql("UPDATE file SET upload = ?, part_size = ?, completing = NULL WHERE number = ?").Bind(uploadId).Bind(partSize).Bind(file).Run());
        database.Sql("DELETE FROM part WHERE file = ?").Bind(file).Run();
    }

    public void RecordCompleting(long file, Timestamp when) =>
        MustExist(file, database.Sql("UPDATE file SET completing = ? WHERE number = ?").Bind(when).Bind(file).Run());

    public void RecordParts(long file, IReadOnlyList<FilePart> parts)
    {
        MustExist(file, database.Sql("SELECT number FROM file WHERE number = ?").Bind(file).Find() is null ? 0 : 1);
        Statement insert = database.Sql(
            "INSERT OR REPLACE INTO part (file, number, start, length, checksum, token, proved) VALUES (?, ?, ?, ?, ?, ?, ?)");
        foreach (FilePart part in parts)
        {
            insert.Bind(file).Bind(part.Number).Bind(part.Offset).Bind(part.Length).Bind(part.Checksum.ToString()).Bind(part.Token)
                .Bind(part.IsProved).Run();
        }
    }

    /// <summary>Forgets files and, with them, their parts. One that is not there is forgotten already.</summary>
    public void Forget(IEnumerable<long> files)
    {
        Statement delete = database.Sql("DELETE FROM file WHERE number = ?");
        foreach (long file in files)
        {
            delete.Bind(file).Run();
        }
    }

    public List<UnfinishedFile> FindUnfinished(string space, StorePath below)
    {
        if (spaces.Find(space) is not { } number)
        {
            return [];
        }

        return
        [
            .. PathRange.AtOrBelow(below, null)
                .SelectMany(range => Find(number, range, "AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.transfer = f.transfer)"))
                .Select(row => WithParts(row.File)),
        ];
    }

    public List<FileUnderWay> ListUnderWay(string space, StorePath below, IReadOnlySet<long> held)
    {
        if (spaces.Find(space) is not { } number)
        {
            return [];
        }

        return
        [
            .. PathRange.AtOrBelow(below, null).SelectMany(range => Find(number, range, ""))
                .Select(row => new FileUnderWay(WithParts(row.File), row.Began, held.Contains(row.Transfer))),
        ];
    }

    private List<(UnfinishedFile File, long Transfer, Timestamp Began)> Find(long space, PathRange range, string only) => range.Bind(database
        .Sql($"""
            SELECT f.number, s.name, f.source, f.source_version, d.name, f.destination, f.length, f.tag, f.upload, f.part_size,
              f.completing, f.transfer, t.started
            FROM file f JOIN space s ON s.number = f.source_space JOIN space d ON d.number = f.destination_space
              JOIN transfer t ON t.number = f.transfer
            WHERE f.destination_space = ? AND {range.On("f.destination")} {only}
            ORDER BY f.destination
            """)
        .Bind(space))
        .Select(row => (new UnfinishedFile(
            row.Long(),
            new FileIntent(row.Text(), row.Path(), row.Text(), row.Text(), row.Path(), row.Long(), row.Text()),
            row.TextOrNull(),
            row.Long(),
            [])
        {
            Completing = row.LongOrNull() is { } begun ? new Timestamp(begun) : null,
        }, row.Long(), row.Time()));

    private UnfinishedFile WithParts(UnfinishedFile file) => file with
    {
        Parts = database.Sql("SELECT number, start, length, checksum, token, proved FROM part WHERE file = ? ORDER BY number")
            .Bind(file.File)
            .Select(row => new FilePart((int)row.Long(), row.Long(), row.Long(), row.Checksum(), row.TextOrNull()) { IsProved = row.Long() != 0 }),
    };

    private static void MustExist(long file, int changed)
    {
        if (changed == 0)
        {
            throw new LedgerException($"File {file} is not under way any more: it was delivered or forgotten, or another run replaced it.");
        }
    }
}
