using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>Files at the source that an upload has not finished: of another run that fills the place this one takes from.</summary>
/// <remarks>What this ledger knows as an upload is never sent. A name alone proves nothing, so that a copy sends what only looks like one; a move,
/// which would delete it under the hands of a run on another machine, leaves it where it is, but for one out of a drop box, which shows nothing that is not
/// finished.</remarks>
internal sealed class PartialFiles(TransferRequest request, ILedger? ledger, RunHolder holder)
{
    /// <summary>The plan's line, or that the file is left for later.</summary>
    public async ValueTask<PlanItem> ApplyAsync(PlanItem item, CancellationToken ct)
    {
        bool isTaken = item.Source.Kind == EntryKind.File
            && item.Decision is PlanDecision.Move or PlanDecision.Compare or PlanDecision.Unchanged or PlanDecision.Impossible;
        if (!isTaken || OwnNames.TagOf(item.Source.Path) is not { } tag)
        {
            return item;
        }

        if (await IsUnderWayAsync(item.Source.Path, tag, ct).ConfigureAwait(false))
        {
            return Left(item, "an upload that is not finished");
        }

        if (request is { Policy: { RemoveSource: true, SharesSource: false }, Single: null })
        {
            return Left(item, "it looks like an upload that another run has not finished");
        }

        // Finished between the listing and the question.
        return item.Decision != PlanDecision.Unchanged && await request.Source.StatAsync(item.Source.Path, ct).ConfigureAwait(false) is null
            ? Left(item, "an upload that was finished meanwhile")
            : item;
    }

    private static PlanItem Left(PlanItem item, string reason) =>
        item with { Decision = PlanDecision.Unsettled, Reason = reason, Failure = null };

    private async ValueTask<bool> IsUnderWayAsync(StorePath path, string tag, CancellationToken ct)
    {
        if (ledger is null)
        {
            return false;
        }

        StoreIdentity source = request.Source.Identity;
        IReadOnlyList<FileUnderWay> files = await ledger.ListUnderWayAsync(source.Space, source.Absolute(path.Parent), holder, ct).ConfigureAwait(false);
        return files.Any(file => file.File.Intent.Tag == tag);
    }
}
