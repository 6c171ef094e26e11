using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Files under way and their parts.</summary>
internal sealed class FileRows(Database database, Spaces spaces)
{
    public List<long> Start(long transfer, IReadOnlyList<FileIntent> files)
    {
        database.Sql("UPDATE file_number SET last = last + ?").Bind(files.Count).Later();
        long first = database.Sql("SELECT last FROM file_number").Find()!.Value - files.Count + 1;
        Statement replace = database.Sql("DELETE FROM file WHERE destination_space = ? AND destination = ?");
        Statement insert = database.Sql("""
            INSERT INTO file (number, transfer, source_space, source, source_version, destination_space, destination, length, tag)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        var numbers = new List<long>(files.Count);
        foreach (FileIntent file in files)
        {
            long number = first + numbers.Count;
            long source = spaces.Number(file.SourceSpace);
            long destination = spaces.Number(file.DestinationSpace);
            replace.Bind(destination).Bind(file.Destination).Later();
            insert.Bind(number).Bind(transfer).Bind(source).Bind(file.Source).Bind(file.SourceVersion)
                .Bind(destination).Bind(file.Destination).Bind(file.Length).Bind(file.Tag).Later();
            numbers.Add(number);
        }

        return numbers;
    }

    public void Adopt(long transfer, IReadOnlyList<long> files)
    {
        Statement adopt = database.Sql("UPDATE file SET transfer = ? WHERE number = ?");
        foreach (long file in files)
        {
            adopt.Bind(transfer).Bind(file).Later(changed => MustExist(file, changed));
        }
    }

    public void RecordUpload(long file, string uploadId, long partSize)
    {
        MustBeHeld(file);
        database.Sql("UPDATE file SET upload = ?, part_size = ?, completing = NULL WHERE number = ?").Bind(uploadId).Bind(partSize).Bind(file).Later();
        database.Sql("DELETE FROM part WHERE file = ?").Bind(file).Later();
    }

    public void RecordCompleting(long file, Timestamp when)
    {
        MustBeHeld(file);
        database.Sql("UPDATE file SET completing = ? WHERE number = ?").Bind(when).Bind(file).Run();
    }

    public void RecordParts(long file, IReadOnlyList<FilePart> parts)
    {
        MustBeHeld(file);
        Statement insert = database.Sql("""
            INSERT INTO part (file, number, start, length, checksum, token, proved) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (file, number) DO UPDATE SET start = excluded.start, length = excluded.length, checksum = excluded.checksum,
              token = excluded.token, proved = excluded.proved
            """);
        foreach (FilePart part in parts)
        {
            insert.Bind(file).Bind(part.Number).Bind(part.Offset).Bind(part.Length).Bind(part.Checksum.ToString()).Bind(part.Token)
                .Bind(part.IsProved).Later();
        }
    }

    /// <summary>Forgets files and, with them, their parts. One that is not there is forgotten already.</summary>
    public void Forget(IEnumerable<long> files)
    {
        Statement delete = database.Sql("DELETE FROM file WHERE number = ?");
        foreach (long file in files)
        {
            delete.Bind(file).Later();
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
            .Select(row => new FilePart((int)row.Long(), row.Long(), row.Long(), row.Checksum(), row.TextOrNull()) { IsProved = row.Bool() }),
    };

    /// <summary>The file is under way, and the run that is at work on it was not taken for dead.</summary>
    private void MustBeHeld(long file) => MustExist(
        file,
        database.Sql("SELECT f.number FROM file f JOIN claim c ON c.transfer = f.transfer WHERE f.number = ?").Bind(file).Find() is null ? 0 : 1);

    private static void MustExist(long file, int changed)
    {
        if (changed == 0)
        {
            throw new LedgerException($"File {file} is not under way any more: it was delivered or forgotten, or another run took it over.");
        }
    }
}
