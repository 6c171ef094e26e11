using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>
/// The paths at or below a directory as conditions on a column of paths in byte order. They are not one range: <c>a-b</c> stands between
/// <c>a</c> and <c>a/b</c>. So they are asked for in two, and neither has to step over strangers.
/// </summary>
internal readonly record struct PathRange
{
    private readonly byte[] _from;
    private readonly byte[]? _to;
    private readonly string _lower;

    private PathRange(byte[] from, string lower, byte[]? to)
    {
        _from = from;
        _lower = lower;
        _to = to;
    }

    /// <summary>The ranges, in order, without what is not after <paramref name="after"/>.</summary>
    public static IEnumerable<PathRange> AtOrBelow(StorePath directory, StorePath? after)
    {
        byte[] at = directory.Bytes.ToArray();
        if (directory.IsRoot)
        {
            yield return From(at, ">=", null, after);
            yield break;
        }

        if (after is not { } passed || passed < directory)
        {
            yield return new PathRange(at, "=", null);
        }

        // '0' comes right after '/'.
        yield return From([.. at, (byte)'/'], ">", [.. at, (byte)'0'], after);
    }

    /// <summary>One path alone.</summary>
    public static PathRange Exactly(StorePath path) => new(path.Bytes.ToArray(), "=", null);

    /// <summary>What stands after a path, whatever it lies below.</summary>
    public static PathRange After(StorePath? path) => From([], ">=", null, path);

    /// <summary>The condition on a column; its values are bound by <see cref="Bind"/>.</summary>
    public string On(string column) => _to is null ? $"{column} {_lower} ?" : $"{column} {_lower} ? AND {column} < ?";

    public Statement Bind(Statement statement)
    {
        statement.BindBytes(_from);
        return _to is null ? statement : statement.BindBytes(_to);
    }

    private static PathRange From(byte[] from, string lower, byte[]? to, StorePath? after) =>
        after is { } passed && passed.Bytes.SequenceCompareTo(from) >= 0
            ? new PathRange(passed.Bytes.ToArray(), ">", to)
            : new PathRange(from, lower, to);
}
