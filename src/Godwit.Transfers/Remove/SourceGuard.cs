using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Counts what a move would delete at the source, before the first file of it goes. All or nothing: a limit that is passed keeps every file there.
/// </summary>
/// <param name="request">What is to be moved.</param>
/// <param name="lacksReceipt">Whether a line that is there already came from a run that was killed before its receipt.</param>
internal sealed class SourceGuard(TransferRequest request, Func<PlanItem, bool> lacksReceipt)
{
    private long _going;
    private long _listed;

    /// <summary>Files at the source, those among them that stay included. A saved plan knows how many there were.</summary>
    public long Listed => Math.Max(_listed, request.Saved?.Counts.SourceFiles ?? 0);

    /// <summary>Whether a policy makes a move wait with its first file until all of them are counted.</summary>
    public static bool IsNeeded(TransferPolicy policy) =>
        policy is { RemoveSource: true, SourceRemoval: { MaxFiles: not null } or { MaxShare: not null } };

    /// <summary>Whether a move has to make certain that what is there already has the same bytes, to delete it at the source. What must not be
    /// replaced stays on both sides.</summary>
    public static bool MayLeave(PlanItem item, TransferPolicy policy) =>
        policy is { RemoveSource: true, NoOverwrite: false, Compare: not CompareBy.Exists }
        && item is { Existing: not null, Source.Kind: EntryKind.File or EntryKind.Link };

    /// <summary>Takes a line of the plan.</summary>
    public void See(PlanItem item)
    {
        if (item.Source.Kind == EntryKind.Directory || item.Decision is PlanDecision.Extra or PlanDecision.Emptied)
        {
            return;
        }

        _listed++;
        bool isThere = item.Decision == PlanDecision.Unchanged && (lacksReceipt(item) || MayLeave(item, request.Policy));
        _going += isThere || item.Decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink ? 1 : 0;
    }

    /// <summary>Why nothing may be deleted; null when it may.</summary>
    public string? Refusal() => IsNeeded(request.Policy) ? request.Policy.SourceRemoval!.RefusesMove(_going, Listed) : null;
}
