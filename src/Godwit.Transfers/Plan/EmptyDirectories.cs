using Godwit.Storage;
using Godwit.Transfers.Queue;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Finds which directories are empty, of those that the destination cannot keep: in key order whatever lies below a directory follows it at
/// once, but for paths that are listed last. The others are made by what is in them, and are no line of the plan.
/// </summary>
internal sealed class EmptyDirectories(OpenScratch openScratch) : IDisposable
{
    private readonly ExternalSort<PlanItem> _soFar = OrderFiles.ByPath(openScratch);
    private IEnumerator<PlanItem>? _left;
    private PlanItem? _next;
    private PlanItem? _held;

    /// <summary>Adds the next line of the plan, and before it the directories that turn out to be empty.</summary>
    public void Add(PlanItem item, List<PlanItem> items)
    {
        if (item.Decision != PlanDecision.Extra)
        {
            if (_held is { } held && !item.Source.Path.IsBelow(held.Source.Path))
            {
                Release(held, items);
            }

            if (item.Source.Path.MayBeEncoded)
            {
                items.AddRange(EmptyBefore(HomeOf(item.Source.Path)));
            }

            _held = item.Decision == PlanDecision.SkippedDirectory ? item : null;
        }

        if (item.Decision != PlanDecision.SkippedDirectory)
        {
            items.Add(item);
        }
    }

    /// <summary>Those that are left when nothing comes any more.</summary>
    public IEnumerable<PlanItem> Rest()
    {
        var last = new List<PlanItem>();
        if (_held is { } held)
        {
            Release(held, last);
        }

        return EmptyBefore(null).Concat(last);
    }

    public void Dispose()
    {
        _left?.Dispose();
        _soFar.Dispose();
    }

    /// <summary>A directory that has nothing in it so far may still have something among the paths that are listed last.</summary>
    private void Release(PlanItem directory, List<PlanItem> items)
    {
        if (directory.Source.Path.MayBeEncoded)
        {
            items.Add(directory);
        }
        else
        {
            _soFar.Add(directory);
        }
    }

    /// <summary>The directories before one that is not empty; null for all. That one is passed over.</summary>
    private IEnumerable<PlanItem> EmptyBefore(StorePath? full)
    {
        if (_left is null)
        {
            _left = _soFar.InOrder().GetEnumerator();
            Next();
        }

        while (_next is { } directory)
        {
            int order = full is { } path ? StoreEntry.CompareKeys(directory.Source.Path.Bytes, true, path.Bytes, true) : -1;
            if (order > 0)
            {
                yield break;
            }

            Next();
            if (order < 0)
            {
                yield return directory;
            }
        }
    }

    private void Next() => _next = _left!.MoveNext() ? _left.Current : null;

    /// <summary>The deepest directory above a path that is not itself among those that are listed last.</summary>
    private static StorePath HomeOf(StorePath path)
    {
        StorePath home = path;
        while (home.MayBeEncoded)
        {
            home = home.Parent;
        }

        return home;
    }
}
