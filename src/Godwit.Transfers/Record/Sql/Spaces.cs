namespace Godwit.Transfers.Record.Sql;

/// <summary>The numbers of spaces. They are few and never change, so they are remembered.</summary>
internal sealed class Spaces(Database database)
{
    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);

    /// <summary>The number of a space; null when nothing was ever written down about it.</summary>
    public long? Find(string name)
    {
        if (_known.TryGetValue(name, out long number))
        {
            return number;
        }

        long? found = database.Sql("SELECT number FROM space WHERE name = ?").Bind(name).Find();
        if (found is { } existing)
        {
            _known[name] = existing;
        }

        return found;
    }

    /// <summary>The number of a space, given now if it has none. Only while writing.</summary>
    public long Number(string name)
    {
        if (Find(name) is { } number)
        {
            return number;
        }

        database.Sql("INSERT INTO space (name) VALUES (?)").Bind(name).Run();
        return Find(name)!.Value;
    }

    /// <summary>All of them.</summary>
    public List<(long Number, string Name)> All() => database.Sql("SELECT number, name FROM space ORDER BY number").Select(row => (row.Long(), row.Text()));

    /// <summary>Forgets what was learnt in a transaction that was undone.</summary>
    public void Forget() => _known.Clear();
}
