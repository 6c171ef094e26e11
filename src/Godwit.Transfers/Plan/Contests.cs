using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Finds the places that both sides use for things of different kinds. In key order nothing stands between a file and what is in a directory
/// of its name but names that begin with it: the lines that are held back meanwhile are few, however many there are.
/// </summary>
internal sealed class Contests
{
    private readonly List<PlanItem> _held = [];
    private readonly Dictionary<StorePath, Contest> _found = [];

    /// <summary>Adds a line of the plan. What turns out to want a contested place, or to be in the way there, says so.</summary>
    /// <param name="item">The line.</param>
    /// <param name="items">Gets the lines that are settled.</param>
    public void Add(PlanItem item, List<PlanItem> items)
    {
        StorePath path = item.Source.Path;
        for (int i = 0; i < _held.Count; i++)
        {
            PlanItem held = _held[i];
            if (IsContested(held, item))
            {
                PlanItem there = held.Decision == PlanDecision.Extra ? held : item;
                var contest = new Contest(held.Source.Path, there.Source.Kind);
                _found[contest.Path] = contest;
                items.Add(held with { Contest = contest });
                _held[i] = null!;
            }
            else if (!MayFollow(held.Source.Path, path))
            {
                items.Add(held);
                _held[i] = null!;
            }
        }

        _held.RemoveAll(held => held is null);
        PlanItem settled = _found.Count > 0 && (item.Decision == PlanDecision.Extra || HasPlace(item)) && Find(path) is { } above
            ? item with { Contest = above }
            : item;
        if (settled.Contest is null && MayBeContested(settled))
        {
            _held.Add(settled);
        }
        else
        {
            items.Add(settled);
        }
    }

    /// <summary>The lines that were still held when nothing came any more.</summary>
    public IReadOnlyList<PlanItem> Rest() => _held;

    private Contest? Find(StorePath path)
    {
        for (StorePath at = path; !at.IsRoot; at = at.Parent)
        {
            if (_found.TryGetValue(at, out Contest? contest))
            {
                return contest;
            }
        }

        return null;
    }

    private static bool MayBeContested(PlanItem item) =>
        item.Source.Kind != EntryKind.Directory && (item.Decision == PlanDecision.Extra || (HasPlace(item) && item.Existing is null));

    private static bool IsContested(PlanItem held, PlanItem item)
    {
        StorePath place = held.Source.Path;
        return held.Decision == PlanDecision.Extra
            ? HasPlace(item) && (item.Source.Path.IsBelow(place) || (item.Source.Path == place && item.Source.Kind == EntryKind.Directory))
            : item.Decision == PlanDecision.Extra && item.Source.Path == place && item.Source.Kind == EntryKind.Directory;
    }

    /// <summary>Whether a line wants a place at the destination, or says what counts as delivered there.</summary>
    private static bool HasPlace(PlanItem item) => item.Decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink
        or PlanDecision.MakeDirectory or PlanDecision.BeforeBaseline;

    /// <summary>Whether what is below a path may still come after this one.</summary>
    private static bool MayFollow(StorePath held, StorePath now) =>
        now.Bytes.StartsWith(held.Bytes) && (now.Bytes.Length == held.Bytes.Length || now.Bytes[held.Bytes.Length] <= (byte)'/');
}
