using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Marks by their place: at their destination, and at their source towards each space in turn.</summary>
internal sealed class MarkPlaces(Database database, Spaces spaces)
{
    public List<FileMark> Find(PlaceSearch search, FileMark? after, int limit)
    {
        var found = new List<FileMark>();
        Stretch[] stretches = search.Space is null ? BelowTransfers(search.Path) : At(search, search.Space);
        int first = after is null ? 0 : Math.Max(0, Array.FindIndex(stretches, stretch => stretch.Holds(after)));
        foreach (Stretch stretch in stretches.Skip(first).TakeWhile(_ => found.Count < limit))
        {
            Read(stretch, after, limit, found);
            after = null;
        }

        return found;
    }

    private void Read(Stretch stretch, FileMark? after, int limit, List<FileMark> found)
    {
        foreach (PathRange range in PathRange.AtOrBelow(stretch.Path, after is null ? null : stretch.KeyOf(after)).TakeWhile(_ => found.Count < limit))
        {
            found.AddRange(Select(stretch, range, null, limit - found.Count));
        }

        if (found.Count > 0 && found.Count == limit)
        {
            // The next page begins after this path: all of its marks have to be on this one.
            found.AddRange(Select(stretch, PathRange.Exactly(stretch.KeyOf(found[^1])), found[^1], int.MaxValue));
        }
    }

    private List<FileMark> Select(Stretch stretch, PathRange range, FileMark? last, int limit)
    {
        (string key, string rest) = stretch.To is null ? ("m.destination", "m.source_space, m.source") : ("m.source", "m.destination_space, m.destination");
        PathRange[] not = stretch.Not is { } path ? [.. PathRange.AtOrBelow(path, null)] : [];
        Statement statement = database.Sql($"""
            {MarkRows.Columns} WHERE {(stretch.To is null ? "" : "m.source_space = ? AND ")}m.destination_space = ? AND {range.On(key)}
              {string.Concat(not.Select(one => $"AND NOT ({one.On("m.destination")}) "))} {(last is null ? "" : $"AND ({rest}) > (?, ?)")}
            ORDER BY {key}, {rest} LIMIT ?
            """).Bind(stretch.Space);
        range.Bind(stretch.To is { } to ? statement.Bind(to) : statement);
        foreach (PathRange one in not)
        {
            one.Bind(statement);
        }

        if (last is not null)
        {
            (string space, StorePath other) = stretch.To is null ? (last.SourceSpace, last.Source) : (last.DestinationSpace, last.Destination);
            statement.Bind(spaces.Find(space)).Bind(other);
        }

        return statement.Bind(limit).Select(MarkRows.Read);
    }

    private Stretch[] At(PlaceSearch search, string name)
    {
        if (spaces.Find(name) is not { } space)
        {
            return [];
        }

        IEnumerable<Stretch> sources = spaces.All().Select(
            to => new Stretch(space, to.Number, search.Path, to.Number == space ? search.Path : null, mark => mark.SourceSpace == name && mark.DestinationSpace == to.Name));
        return [new Stretch(space, null, search.Path, null, mark => mark.DestinationSpace == name), .. sources];
    }

    /// <summary>The path below each destination of a transfer; none that lies below another, so that no mark comes twice.</summary>
    private Stretch[] BelowTransfers(StorePath path)
    {
        (long Space, string Name, StorePath Path)[] places = [.. database
            .Sql("SELECT DISTINCT s.number, s.name, t.destination_path FROM transfer t JOIN space s ON s.number = t.destination_space")
            .Select(row => (row.Long(), row.Text(), row.Path()))
            .SelectMany(claim => PlacesIn(claim.Item3, path).Select(place => (claim.Item1, claim.Item2, place)))
            .Distinct()];
        return [.. places.Where(one => !Array.Exists(places, other => other.Space == one.Space && one.Path.IsBelow(other.Path)))
            .Select(one => new Stretch(one.Space, null, one.Path, null, mark => mark.DestinationSpace == one.Name))];
    }

    /// <summary>The destination of a transfer of one file is that file.</summary>
    private static IEnumerable<StorePath> PlacesIn(StorePath claim, StorePath path) =>
        !path.IsRoot && claim.Name.SequenceEqual(path.Bytes) ? [claim.Join(path), claim] : [claim.Join(path)];

    /// <summary>Marks that stand side by side.</summary>
    /// <param name="Space">The space of their destinations; of their sources where there is <paramref name="To"/>.</param>
    /// <param name="To">The space of the destinations of such sources.</param>
    /// <param name="Path">At or below it.</param>
    /// <param name="Not">Destinations at or below it were told already.</param>
    /// <param name="IsThere">Whether a mark is of these spaces.</param>
    private sealed record Stretch(long Space, long? To, StorePath Path, StorePath? Not, Func<FileMark, bool> IsThere)
    {
        public StorePath KeyOf(FileMark mark) => To is null ? mark.Destination : mark.Source;

        public bool Holds(FileMark mark) => IsThere(mark) && (KeyOf(mark) == Path || KeyOf(mark).IsBelow(Path));
    }
}
