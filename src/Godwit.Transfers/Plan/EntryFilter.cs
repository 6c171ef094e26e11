using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Transfers.Plan;

/// <summary>Which entries a transfer takes.</summary>
/// <param name="Includes">Whether a file or link is taken. Directories are not asked: those that files need are made.</param>
/// <param name="Descends">Whether anything below a directory can be taken; false saves listing it.</param>
public sealed record EntryFilter(Func<StoreEntry, bool> Includes, Func<StoreEntry, bool> Descends)
{
    /// <summary>Whether <see cref="Includes"/> goes by the time of an entry. One whose time is not known is taken then: whoever lists looks
    /// at it first.</summary>
    public bool ByTime { get; init; }

    /// <summary>Whether an entry of the destination is one that <see cref="Includes"/> would take. Unlike that it says nothing about what was met:
    /// a file that only the destination has was not found at the source.</summary>
    public Func<StoreEntry, bool> Covers
    {
        get => field ?? Includes;
        init;
    }

    /// <summary>Whether anything below a directory of the destination can be taken. Unlike <see cref="Descends"/> it says nothing about what was
    /// met.</summary>
    public Func<StoreEntry, bool> CoversBelow
    {
        get => field ?? Descends;
        init;
    }

    /// <summary>What the patterns took of what was met; null without patterns.</summary>
    public PatternsMet? Patterns { get; init; }

    /// <summary>Names that leave a whole directory out: one of the source that has an entry of such a name is not listed, and the
    /// destination's entries at and below its path are left alone.</summary>
    public NameSet Marks { get; init; } = NameSet.None;

    /// <summary>Hears of each directory that was left out for one of <see cref="Marks"/>.</summary>
    public Action<StorePath> LeftOutBelow { get; init; } = _ => { };

    /// <summary>Whether files were asked for by their names: then one that only the destination has is missing at the source, and is never deleted.</summary>
    public bool IsByName { get; init; }

    /// <summary>What was asked for by name and was not met; asked once everything was listed. Each is a failure, not a silence.</summary>
    public Func<IEnumerable<StorePath>> Missing { get; init; } = NothingMissing;

    /// <summary>Takes everything.</summary>
    public static EntryFilter All { get; } = new(_ => true, _ => true);

    private static IEnumerable<StorePath> NothingMissing() => [];
}
