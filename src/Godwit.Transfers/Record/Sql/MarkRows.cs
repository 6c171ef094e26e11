using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>What people said of files.</summary>
internal sealed class MarkRows(Database database, Spaces spaces)
{
    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = """
        SELECT m.kind, s.name, m.source, d.name, m.destination, m.source_version, m.length, m.made
        FROM mark m JOIN space s ON s.number = m.source_space JOIN space d ON d.number = m.destination_space
        """;

    private const string Removal = "DELETE FROM mark WHERE source_space = ? AND destination_space = ? AND source = ? AND destination = ?";

    public void Record(IReadOnlyList<FileMark> marks)
    {
        Statement replace = database.Sql(Removal);
        Statement keep = database.Sql("""
            INSERT INTO mark (source_space, destination_space, source, destination, kind, source_version, length, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """);
        foreach (FileMark mark in marks)
        {
            long source = spaces.Number(mark.SourceSpace);
            long destination = spaces.Number(mark.DestinationSpace);
            replace.Bind(source).Bind(destination).Bind(mark.Source).Bind(mark.Destination).Later();
            keep.Bind(source).Bind(destination).Bind(mark.Source).Bind(mark.Destination).Bind((long)mark.Kind).Bind(mark.SourceVersion)
                .Bind(mark.Length).Bind(mark.Made).Later();
        }
    }

    /// <summary>Takes the marks of files away that are delivered now.</summary>
    public void Forget(IReadOnlyList<Receipt> delivered)
    {
        if (database.Sql("SELECT 1 FROM mark LIMIT 1").Find() is null)
        {
            return;
        }

        Statement forget = database.Sql(Removal);
        foreach (FileIntent file in delivered.Select(receipt => receipt.Intent))
        {
            long source = spaces.Number(file.SourceSpace);
            long destination = spaces.Number(file.DestinationSpace);
            forget.Bind(source).Bind(destination).Bind(file.Source).Bind(file.Destination).Later();
        }
    }

    public List<FileMark> List(ReceiptScope scope, StorePath? after, int limit)
    {
        var found = new List<FileMark>();
        if (spaces.Find(scope.SourceSpace) is not { } source || spaces.Find(scope.DestinationSpace) is not { } destination)
        {
            return found;
        }

        foreach (PathRange range in PathRange.AtOrBelow(scope.Source, after).TakeWhile(_ => found.Count < limit))
        {
            found.AddRange(Find(source, destination, range, scope.Destination, PathRange.After(null), limit - found.Count));
        }

        if (found.Count > 0 && found.Count == limit)
        {
            // The next page begins after this source path: all of its marks have to be on this one.
            FileMark last = found[^1];
            found.AddRange(Find(source, destination, PathRange.Exactly(last.Source), scope.Destination, PathRange.After(last.Destination), int.MaxValue));
        }

        return found;
    }

    private List<FileMark> Find(long source, long destination, PathRange sources, StorePath below, PathRange destinations, int limit)
    {
        PathRange[] within = [.. PathRange.AtOrBelow(below, null)];
        string condition = string.Join(" OR ", within.Select(range => $"({range.On("m.destination")})"));
        Statement statement = database.Sql($"""
            {Columns} WHERE m.source_space = ? AND m.destination_space = ? AND {sources.On("m.source")} AND {destinations.On("m.destination")}
              AND ({condition})
            ORDER BY m.source, m.destination LIMIT ?
            """).Bind(source).Bind(destination);
        sources.Bind(statement);
        destinations.Bind(statement);
        foreach (PathRange range in within)
        {
            range.Bind(statement);
        }

        return statement.Bind(limit).Select(Read);
    }

    public static FileMark Read(Statement row) => new(
        (MarkKind)row.Long(), row.Text(), row.Path(), row.Text(), row.Path(), row.Text(), row.Long(), row.Time());
}
