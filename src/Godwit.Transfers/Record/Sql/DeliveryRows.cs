using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Receipts by their place, over all transfers: the database looks for the transfers that have some, a step or two down a tree for each, and
/// these are asked in turn.</summary>
internal sealed class DeliveryRows(Database database, Spaces spaces, TransferRows transfers)
{
    private const int Batch = 1000;

    private readonly string _joined = database.AsBytes("CASE length(t.destination_path) WHEN 0 THEN '' ELSE t.destination_path || '/' END || ?");

    public List<Delivery> Find(PlaceSearch search, Delivery? after, int limit)
    {
        var found = new List<Delivery>();
        long? space = search.Space is { } name ? spaces.Find(name) : null;
        if (search.Space is not null && space is null)
        {
            return found;
        }

        long next = long.MaxValue;
        if (after is not null)
        {
            next = transfers.NumberOf(after.Transfer.Id);
            Run last = Runs(search, space, next, 1)[0];
            found.AddRange(Of(last, Rest(last, search, space, after.Receipt.Intent), limit));
            next--;
        }

        while (found.Count < limit && Runs(search, space, next, Batch) is [.., var oldest] runs)
        {
            foreach (Run run in runs.TakeWhile(_ => found.Count < limit))
            {
                found.AddRange(Of(run, All(run, search, space), limit - found.Count));
            }

            next = oldest.Number - 1;
        }

        return found;
    }

    /// <summary>Transfers that made receipts of the place, newest first.</summary>
    private List<Run> Runs(PlaceSearch search, long? space, long first, int limit)
    {
        PathRange[] ranges = [.. PathRange.AtOrBelow(search.Path, null)];
        string condition = search.Path.IsRoot ? Has("")
            : space is null ? $"({Has($"AND r.destination IN (t.destination_path, {_joined})")} OR {Has($"AND r.destination > {_joined} AND r.destination < {_joined}")})"
            : $"((t.destination_space = ? AND ({Any("r.destination")})) OR {Any("r.source")})";
        Statement statement = database
            .Sql($"SELECT t.number, t.destination_space, t.destination_path FROM transfer t WHERE t.number <= ? AND {condition} ORDER BY t.number DESC LIMIT ?")
            .Bind(first);
        if (!search.Path.IsRoot && space is { } known)
        {
            statement.Bind(known);
            Array.ForEach(ranges, range => range.Bind(statement));
            Array.ForEach(ranges, range => range.Bind(statement));
        }
        else if (!search.Path.IsRoot)
        {
            // '0' comes right after '/'.
            ReadOnlySpan<byte> path = search.Path.Bytes;
            statement.BindBytes(path).BindBytes([.. path, (byte)'/']).BindBytes([.. path, (byte)'0']);
        }

        return statement.Bind(limit).Select(row => new Run(row.Long(), row.Long(), row.Path()));

        string Any(string column) => string.Join(" OR ", ranges.Select(range => Has($"AND {range.On(column)}")));
    }

    private static string Has(string condition) => $"EXISTS (SELECT 1 FROM receipt r WHERE r.transfer = t.number {condition})";

    private List<Delivery> Of(Run run, IEnumerable<Stretch> stretches, int limit)
    {
        var receipts = new List<(Receipt Receipt, bool IsNewest)>();
        foreach (Stretch stretch in stretches.TakeWhile(_ => receipts.Count < limit))
        {
            receipts.AddRange(Read(run, stretch, limit - receipts.Count));
        }

        if (receipts.Count == 0)
        {
            return [];
        }

        TransferRecord transfer = transfers.Get(run.Number);
        return [.. receipts.Select(one => new Delivery(transfer, one.Receipt, one.IsNewest))];
    }

    private static IEnumerable<Stretch> All(Run run, PlaceSearch search, long? space) =>
        [.. ByDestination(run, search, space, null), .. BySource(run, search, space, null)];

    private static IEnumerable<Stretch> Rest(Run run, PlaceSearch search, long? space, FileIntent last) =>
        search.Space is null || search.Takes(last.DestinationSpace, last.Destination)
            ? [.. ByDestination(run, search, space, last.Destination), .. BySource(run, search, space, null)]
            : BySource(run, search, space, last);

    private static IEnumerable<Stretch> ByDestination(Run run, PlaceSearch search, long? space, StorePath? after)
    {
        if (space is null)
        {
            // The destination of a transfer of one file is that file.
            bool one = !search.Path.IsRoot && run.Claim.Name.SequenceEqual(search.Path.Bytes);
            return [.. one && after is null ? [Stretch.Of(PathRange.Exactly(run.Claim))] : Array.Empty<Stretch>(), .. At(run.Claim.Join(search.Path))];
        }

        return run.Space != space ? [] : At(search.Path);

        IEnumerable<Stretch> At(StorePath path) => PathRange.AtOrBelow(path, after).Select(Stretch.Of);
    }

    /// <summary>What is meant by its source alone.</summary>
    private static IEnumerable<Stretch> BySource(Run run, PlaceSearch search, long? space, FileIntent? after)
    {
        if (space is not { } from)
        {
            return [];
        }

        StorePath? not = run.Space == from ? search.Path : null;
        Stretch[] others = after is null ? [] : [new Stretch(PathRange.Exactly(after.Source), PathRange.After(after.Destination), from, not)];
        return [.. others, .. PathRange.AtOrBelow(search.Path, after?.Source).Select(range => new Stretch(range, PathRange.After(null), from, not))];
    }

    private List<(Receipt Receipt, bool IsNewest)> Read(Run run, Stretch stretch, int limit)
    {
        PathRange[] not = stretch.Not is { } path ? [.. PathRange.AtOrBelow(path, null)] : [];
        string where = stretch.Source is null
            ? $"{stretch.Range.On("r.destination")} ORDER BY r.destination"
            : $"{stretch.Range.On("r.source")} AND {stretch.Destinations.On("r.destination")} AND r.source_space = ? "
                + string.Concat(not.Select(range => $"AND NOT ({range.On("r.destination")}) ")) + "ORDER BY r.source, r.destination";
        Statement statement = database.Sql($"""
            {ReceiptRows.Columns}, n.transfer IS NOT NULL FROM receipt r {ReceiptRows.Names} LEFT JOIN newest n
              ON n.source_space = r.source_space AND n.destination_space = r.destination_space AND n.source = r.source
              AND n.destination = r.destination AND n.transfer = r.transfer
            WHERE r.transfer = ? AND {where} LIMIT ?
            """).Bind(run.Number);
        stretch.Range.Bind(statement);
        if (stretch.Source is { } source)
        {
            stretch.Destinations.Bind(statement).Bind(source);
        }

        foreach (PathRange range in not)
        {
            range.Bind(statement);
        }

        return statement.Bind(limit).Select(row => (ReceiptRows.Read(row), row.Bool()));
    }

    private readonly record struct Run(long Number, long Space, StorePath Claim);

    /// <summary>Receipts of one transfer that stand side by side.</summary>
    /// <param name="Range">Their destinations, or sources.</param>
    /// <param name="Destinations">The destinations of such sources.</param>
    /// <param name="Source">The space of the sources; null where the range is of destinations.</param>
    /// <param name="Not">Destinations at or below it were told already.</param>
    private readonly record struct Stretch(PathRange Range, PathRange Destinations, long? Source, StorePath? Not)
    {
        public static Stretch Of(PathRange destinations) => new(destinations, PathRange.After(null), null, null);
    }
}
