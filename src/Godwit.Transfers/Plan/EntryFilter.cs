using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>Which entries a transfer takes.</summary>
/// <param name="Includes">Whether a file or link is taken. Directories are not asked: those that files need are made.</param>
/// <param name="Descends">Whether anything below a directory can be taken; false saves listing it.</param>
public sealed record EntryFilter(Func<StoreEntry, bool> Includes, Func<StoreEntry, bool> Descends)
{
    /// <summary>Takes everything.</summary>
    public static EntryFilter All { get; } = new(_ => true, _ => true);
}
