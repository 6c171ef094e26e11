using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Counts what a move would delete at the source, before the first file of it goes. All or nothing: a limit that is passed keeps every file there.
/// </summary>
/// <param name="request">What is to be moved.</param>
/// <param name="lacksReceipt">Whether a line that is there already came from a run that was killed before its receipt.</param>
/// <param name="openScratch">Room for a listing.</param>
internal sealed class SourceGuard(TransferRequest request, Func<PlanItem, bool> lacksReceipt, OpenScratch openScratch)
{
    private long _going;
    private long _listed;

    /// <summary>Files at the source that the plan or <see cref="CountAllAsync"/> saw, those among them that stay included. A saved plan knows how many
    /// there were.</summary>
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
        bool isNotThere = item.Failure == FileFailure.NotThere;
        if (isNotThere || item.Source.Kind == EntryKind.Directory || item.Decision is PlanDecision.Extra or PlanDecision.Emptied)
        {
            return;
        }

        _listed++;
        bool isThere = item.Decision == PlanDecision.Unchanged && (lacksReceipt(item) || MayLeave(item, request.Policy));
        _going += isThere || item.Decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink ? 1 : 0;
    }

    /// <summary>Why nothing may be deleted; null when it may.</summary>
    /// <exception cref="StoreException">The source cannot be listed.</exception>
    public async Task<string?> RefusalAsync(CancellationToken ct)
    {
        if (!IsNeeded(request.Policy) || Refusal() is null)
        {
            return null;
        }

        // The plan may have seen too few for a share, never too many.
        await CountAllAsync(ct).ConfigureAwait(false);
        return Refusal();
    }

    /// <summary>Counts also what filters and lists keep the plan from looking at: a share is one of all files, whichever way they are left
    /// out.</summary>
    /// <exception cref="StoreException">The source cannot be listed.</exception>
    public async Task CountAllAsync(CancellationToken ct)
    {
        bool sawAll = request.Listed is null && request.Filter == EntryFilter.All;
        if (sawAll || request is { Single: not null } or { Saved: not null } || request.Policy.SourceRemoval is { MaxFiles: not null })
        {
            return;
        }

        long all = 0;
        var options = new TreeListingOptions { OpenScratch = openScratch, AbsentIsEmpty = true };
        await foreach (ListingChunk chunk in TreeListing.ReadAsync(request.Source, options, ct).ConfigureAwait(false))
        {
            all += chunk.Entries.Count(entry => entry.Kind != EntryKind.Directory);
        }

        _listed = Math.Max(_listed, all);
    }

    private string? Refusal() => request.Policy.SourceRemoval!.RefusesMove(_going, Listed);
}
