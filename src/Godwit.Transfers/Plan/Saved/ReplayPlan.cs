using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan.Saved;

/// <summary>
/// Carries a saved plan out as it was shown: nothing is listed, each line is looked at once more on both sides, and what is no longer as the
/// plan saw it is a failure of that file, never another decision. What an earlier run of the same plan delivered is unchanged.
/// </summary>
internal sealed class ReplayPlan(TransferRequest request, SavedPlan saved, ILedger ledger)
{
    private const int Together = 256;

    private readonly DeliveredBefore _delivered = new(request, ledger);

    /// <summary>The plan's lines, as items to be carried out.</summary>
    public async IAsyncEnumerable<PlanChunk> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (PlannedLine[] lines in saved.Lines.Chunk(Together))
        {
            var looked = new Looked[lines.Length];
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
            await Parallel.ForEachAsync(
                Enumerable.Range(0, lines.Length), options, async (i, stop) => looked[i] = await LookAsync(lines[i], stop).ConfigureAwait(false))
                .ConfigureAwait(false);
            var items = new List<PlanItem>(lines.Length);
            for (int i = 0; i < lines.Length; i++)
            {
                if (lines[i].Decision is { } decision && looked[i].Failure is null && await ItemAsync(lines[i], decision, looked[i], ct).ConfigureAwait(false) is { } item)
                {
                    items.Add(item with { Expected = lines[i].Expected });
                }
            }

            yield return new PlanChunk(items, [.. looked.Where(one => one.Failure is not null).Select(one => one.Failure!)]);
        }
    }

    private int AtOnce => Math.Min(request.Source.Limits.DefaultConcurrency, request.Destination.Limits.DefaultConcurrency);

    /// <summary>Looks at both sides of a line.</summary>
    private async ValueTask<Looked> LookAsync(PlannedLine line, CancellationToken ct)
    {
        var side = StoreSide.Source;
        try
        {
            if (line.Decision is null)
            {
                FileFailure why = line.Failure!;
                return new Looked(null, null, new StoreException(KindOf(why.Kind), why.Message) { Side = why.Side, Path = line.Source });
            }

            bool isExtra = line.Decision == PlanDecision.Extra;
            StoreEntry? source = isExtra || line.Decision == PlanDecision.Impossible
                ? null
                : await request.Source.StatAsync(line.Source, ct).ConfigureAwait(false);
            side = StoreSide.Destination;
            return new Looked(source, await request.Destination.StatAsync(line.Destination, ct).ConfigureAwait(false), null);
        }
        catch (StoreException e)
        {
            e.Side = side;
            return new Looked(null, null, e);
        }
    }

    /// <summary>What is to be done now; null for nothing.</summary>
    private async ValueTask<PlanItem?> ItemAsync(PlannedLine line, PlanDecision decision, Looked looked, CancellationToken ct)
    {
        switch (decision)
        {
            case PlanDecision.Impossible:
                return new PlanItem(decision, line.Reason, AsSeen(line), line.Destination, looked.There) { Failure = line.Failure };
            case PlanDecision.Extra when looked.There is null:
                return null;
            case PlanDecision.Extra when !IsSame(line.Seen!, looked.There, looked.There.Version):
                return Changed(line, looked, StoreSide.Destination, "what would be deleted has changed");
            case PlanDecision.Extra:
                return new PlanItem(decision, line.Reason, looked.There, line.Destination, looked.There) { Contest = line.Contest };
        }

        if (looked.Here is not { } here || !IsSame(line.Seen!, here, here.ResumeVersion))
        {
            return Changed(line, looked, StoreSide.Source, looked.Here is null ? "it is no longer there" : "it has changed");
        }

        if (decision == PlanDecision.MakeDirectory && looked.There is { Kind: EntryKind.Directory })
        {
            return new PlanItem(PlanDecision.Unchanged, "directory", here, line.Destination, looked.There);
        }

        if (IsAsPlanned(line, looked.There))
        {
            return new PlanItem(decision, line.Reason, here, line.Destination, looked.There) { Contest = line.Contest };
        }

        return looked.There is { } other && await _delivered.IsStillThereAsync(here, other, ct).ConfigureAwait(false)
            ? new PlanItem(PlanDecision.Unchanged, "delivered before", here, line.Destination, other)
            : Changed(line, looked, StoreSide.Destination, looked.There is null ? "what was there is gone" : "what is there has changed");
    }

    /// <summary>Whether the destination is as the plan saw it. A plan by the ledger did not look there; what is in the way is looked at once it
    /// should be gone.</summary>
    private bool IsAsPlanned(PlannedLine line, StoreEntry? there) => request.Policy.Compare == CompareBy.Ledger || line.Contest is not null
        || (line.Existing is { } planned ? there is not null && IsSame(planned, there, there.Version) : there is null);

    private static bool IsSame(PlannedState planned, StoreEntry now, string? version) => planned == PlannedState.Of(now, version);

    private static PlanItem Changed(PlannedLine line, Looked looked, StoreSide side, string what) =>
        new(PlanDecision.Impossible, $"{what} since the plan was made", looked.Here ?? AsSeen(line), line.Destination, looked.There)
        {
            Failure = new FileFailure(
                "plan-outdated", side, $"Since the plan was made, {what} at the {(side == StoreSide.Source ? "source" : "destination")}: make a new plan.",
                false, NextStep.GiveUp),
        };

    private static StoreErrorKind KindOf(string word) => Enum.GetValues<StoreErrorKind>().FirstOrDefault(kind => FileFailure.KindWord(kind) == word);

    private static StoreEntry AsSeen(PlannedLine line) =>
        new() { Path = line.Source, Kind = line.Seen?.Kind ?? EntryKind.File, Length = line.Seen?.Length ?? 0 };

    private readonly record struct Looked(StoreEntry? Here, StoreEntry? There, StoreException? Failure);
}
