using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Receipts: all that a transfer made, and the newest one of each destination.</summary>
internal sealed class ReceiptRows(Database database, Spaces spaces)
{
    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = """
        SELECT r.file, s.name, r.source, r.source_version, d.name, r.destination, r.length, r.tag, r.destination_version, r.checksums,
          r.verdict, r.route, r.sent_bytes, r.delivered, r.source_proof, r.backup, r.route_reason
        """;

    /// <summary>What the columns need beside <c>receipt r</c>.</summary>
    public const string Names = "JOIN space s ON s.number = r.source_space JOIN space d ON d.number = r.destination_space";

    public void Record(long transfer, IReadOnlyList<Receipt> receipts)
    {
        Statement keep = database.Sql("""
            INSERT INTO receipt (transfer, destination, destination_space, source_space, source, source_version, length, tag, file, destination_version,
              checksums, verdict, route, sent_bytes, delivered, source_proof, backup, route_reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (transfer, destination) DO UPDATE SET destination_space = excluded.destination_space, source_space = excluded.source_space,
              source = excluded.source, source_version = excluded.source_version, length = excluded.length, tag = excluded.tag, file = excluded.file,
              destination_version = excluded.destination_version, checksums = excluded.checksums, verdict = excluded.verdict, route = excluded.route,
              sent_bytes = excluded.sent_bytes, delivered = excluded.delivered, source_proof = excluded.source_proof, backup = excluded.backup,
              route_reason = excluded.route_reason
            """);

        // Whatever row stands in the way, of this source or of another one, has this destination.
        Statement point = database.Sql("""
            INSERT INTO newest (source_space, destination_space, source, destination, transfer) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (destination_space, destination) DO UPDATE SET source_space = excluded.source_space, source = excluded.source,
              transfer = excluded.transfer
            """);
        foreach (Receipt receipt in receipts)
        {
            FileIntent file = receipt.Intent;
            long source = spaces.Number(file.SourceSpace);
            long destination = spaces.Number(file.DestinationSpace);
            keep.Bind(transfer).Bind(file.Destination).Bind(destination).Bind(source).Bind(file.Source).Bind(file.SourceVersion)
                .Bind(file.Length).Bind(file.Tag).Bind(receipt.File).Bind(receipt.DestinationVersion)
                .Bind(ChecksumText.Write(receipt.Checksums)).Bind((long)receipt.Verdict).Bind(receipt.Route).Bind(receipt.SentBytes)
                .Bind(receipt.Delivered).Bind((long)receipt.SourceProof).Bind(receipt.Backup).Bind((long)receipt.RouteReason).Later();
            point.Bind(source).Bind(destination).Bind(file.Source).Bind(file.Destination).Bind(transfer).Later();
        }
    }

    public List<Receipt> ListMadeBy(long transfer, StorePath? after, int limit)
    {
        var range = PathRange.After(after);
        return range.Bind(database
            .Sql($"{Columns} FROM receipt r {Names} WHERE r.transfer = ? AND {range.On("r.destination")} ORDER BY r.destination LIMIT ?")
            .Bind(transfer)).Bind(limit).Select(Read);
    }

    public List<Receipt> ListNewest(ReceiptScope scope, StorePath? after, int limit)
    {
        var found = new List<Receipt>();
        if (spaces.Find(scope.SourceSpace) is not { } source || spaces.Find(scope.DestinationSpace) is not { } destination)
        {
            return found;
        }

        var pair = new SpacePair(source, destination);
        foreach (PathRange range in PathRange.AtOrBelow(scope.Source, after).TakeWhile(_ => found.Count < limit))
        {
            found.AddRange(Find(pair, range, scope.Destination, PathRange.After(null), limit - found.Count));
        }

        if (found.Count > 0 && found.Count == limit)
        {
            // The next page begins after this source path: all of its receipts have to be on this one.
            FileIntent last = found[^1].Intent;
            found.AddRange(Find(pair, PathRange.Exactly(last.Source), scope.Destination, PathRange.After(last.Destination), int.MaxValue));
        }

        return found;
    }

    public void ForgetNewest(string destinationSpace, IReadOnlyList<StorePath> paths)
    {
        if (spaces.Find(destinationSpace) is not { } destination)
        {
            return;
        }

        Statement forget = database.Sql("DELETE FROM newest WHERE destination_space = ? AND destination = ?");
        foreach (StorePath path in paths)
        {
            forget.Bind(destination).Bind(path).Later();
        }
    }

    private List<Receipt> Find(SpacePair pair, PathRange sources, StorePath below, PathRange destinations, int limit)
    {
        PathRange[] within = [.. PathRange.AtOrBelow(below, null)];
        string condition = string.Join(" OR ", within.Select(range => $"({range.On("n.destination")})"));

        // CROSS JOIN: this order of the tables, which gives the order of the sources, and no sorting.
        Statement statement = database.Sql($"""
            {Columns} FROM newest n CROSS JOIN receipt r {Names}
            WHERE r.transfer = n.transfer AND r.destination = n.destination
              AND r.source = n.source AND r.source_space = n.source_space AND r.destination_space = n.destination_space
              AND n.source_space = ? AND n.destination_space = ? AND {sources.On("n.source")} AND {destinations.On("n.destination")}
              AND ({condition})
            ORDER BY n.source, n.destination LIMIT ?
            """).Bind(pair.Source).Bind(pair.Destination);
        sources.Bind(statement);
        destinations.Bind(statement);
        foreach (PathRange range in within)
        {
            range.Bind(statement);
        }

        return statement.Bind(limit).Select(Read);
    }

    public static Receipt Read(Statement row) => new()
    {
        File = row.Long(),
        Intent = new FileIntent(row.Text(), row.Path(), row.Text(), row.Text(), row.Path(), row.Long(), row.Text()),
        DestinationVersion = row.TextOrNull(),
        Checksums = row.Checksums(),
        Verdict = (Verdict)row.Long(),
        Route = row.Text(),
        SentBytes = row.Long(),
        Delivered = row.Time(),
        SourceProof = (SourceProof)row.Long(),
        Backup = row.PathOrNull(),
        RouteReason = (RouteReason)row.Long(),
    };

    private readonly record struct SpacePair(long Source, long Destination);
}
