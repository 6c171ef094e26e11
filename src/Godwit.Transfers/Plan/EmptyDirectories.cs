namespace Godwit.Transfers.Plan;

/// <summary>
/// Finds which directories are empty, of those that the destination cannot keep: in key order whatever lies below a directory follows it at
/// once. The others are made by what is in them, and are no line of the plan.
/// </summary>
internal sealed class EmptyDirectories
{
    private PlanItem? _held;

    /// <summary>Adds the next line of the plan, and before it the directory that turns out to be empty.</summary>
    public void Add(PlanItem item, List<PlanItem> items)
    {
        if (item.Decision != PlanDecision.Extra)
        {
            if (_held is { } held && !item.Source.Path.IsBelow(held.Source.Path))
            {
                items.Add(held);
            }

            _held = item.Decision == PlanDecision.SkippedDirectory ? item : null;
        }

        if (item.Decision != PlanDecision.SkippedDirectory)
        {
            items.Add(item);
        }
    }

    /// <summary>The last directory, when nothing came after it.</summary>
    public PlanItem? Rest() => _held;
}
