using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers;

/// <summary>The counts of a running transfer; kept from many threads, read at any time.</summary>
public sealed class TransferTally
{
    private readonly Lock _lock = new();
    private TransferTotals _totals = new();

    /// <summary>The counts so far.</summary>
    public TransferTotals Totals
    {
        get
        {
            lock (_lock)
            {
                return _totals;
            }
        }
    }

    /// <summary>Whether the plan is complete, so that the planned counts are final.</summary>
    public bool PlanIsComplete { get; private set; }

    /// <summary>Whether something could not be looked at.</summary>
    public bool ListingIncomplete { get; private set; }

    internal void Change(Func<TransferTotals, TransferTotals> change)
    {
        lock (_lock)
        {
            _totals = change(_totals);
        }
    }

    /// <param name="made">What was counted when the plan was made, where only what is to be done was taken from it.</param>
    /// <param name="tookUnchanged">Whether also what is there already was.</param>
    internal void CompletePlan(TransferTotals? made = null, bool tookUnchanged = false)
    {
        if (made is not null)
        {
            Change(t => t with
            {
                Unchanged = t.Unchanged + (tookUnchanged ? 0 : made.Unchanged),
                SkippedLinks = made.SkippedLinks,
                SkippedSpecial = made.SkippedSpecial,
                EmptyDirectories = made.EmptyDirectories,
                Filtered = made.Filtered,
                Unsettled = made.Unsettled,
                BeforeBaseline = made.BeforeBaseline,
            });
        }

        PlanIsComplete = true;
    }

    internal void MarkIncomplete() => ListingIncomplete = true;

    /// <summary>Counts a chunk of the plan in one step.</summary>
    internal void Count(IReadOnlyList<PlanItem> items)
    {
        long planned = 0, bytes = 0, unchanged = 0, links = 0, special = 0, empty = 0, filtered = 0, unsettled = 0, baseline = 0;
        foreach (PlanItem item in items)
        {
            switch (item.Decision)
            {
                case PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink or PlanDecision.Impossible:
                    planned++;
                    bytes += item.Source.Length;
                    break;
                case PlanDecision.Unchanged when item.Source.Kind != EntryKind.Directory:
                    unchanged++;
                    break;
                case PlanDecision.SkippedLink:
                    links++;
                    break;
                case PlanDecision.SkippedSpecial:
                    special++;
                    break;
                case PlanDecision.SkippedDirectory:
                    empty++;
                    break;
                case PlanDecision.Filtered:
                    filtered++;
                    break;
                case PlanDecision.BeforeBaseline:
                    baseline++;
                    break;
                case PlanDecision.Unsettled:
                    unsettled++;
                    break;
            }
        }

        Change(t => t with
        {
            Planned = t.Planned + planned,
            PlannedBytes = t.PlannedBytes + bytes,
            Unchanged = t.Unchanged + unchanged,
            SkippedLinks = t.SkippedLinks + links,
            SkippedSpecial = t.SkippedSpecial + special,
            EmptyDirectories = t.EmptyDirectories + empty,
            Filtered = t.Filtered + filtered,
            Unsettled = t.Unsettled + unsettled,
            BeforeBaseline = t.BeforeBaseline + baseline,
        });
    }
}
