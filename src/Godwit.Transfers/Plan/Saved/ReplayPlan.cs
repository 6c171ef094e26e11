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
            if (line.Decision == PlanDecision.Emptied)
            {
                return default;
            }

            if (line.Decision is null)
            {
                FileFailure why = line.Failure!;
                return new Looked(null, null, new StoreException(KindOf(why.Kind), why.Message) { Side = why.Side, Path = line.Source });
            }

            StoreEntry? source = line.Decision == PlanDecision.Impossible
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
            case PlanDecision.Emptied:
                return new PlanItem(decision, line.Reason, AsSeen(line), line.Destination, null);
            case PlanDecision.Impossible:
                return new PlanItem(decision, line.Reason, AsSeen(line), line.Destination, looked.There) { Failure = line.Failure };
            case PlanDecision.Extra:
                return ExtraItem(line, looked);
        }

        if (looked.Here is not { } here || !IsSame(line.Seen!, here, here.ResumeVersion))
        {
            return Changed(line, looked, StoreSide.Source, looked.Here is null ? "it is no longer there" : "it has changed");
        }

        if (decision == PlanDecision.MakeDirectory && looked.There is { Kind: EntryKind.Directory })
        {
            return new PlanItem(PlanDecision.Unchanged, "directory", here, line.Destination, looked.There);
        }

        if (await IsAsPlannedAsync(line, here, looked.There, ct).ConfigureAwait(false))
        {
            // What is in the way is deleted first: the line itself only ever creates.
            return new PlanItem(decision, line.Reason, here, line.Destination, line.Contest is null ? looked.There : null) { Contest = line.Contest };
        }

        return looked.There is { } other && await _delivered.IsStillThereAsync(here, other, ct).ConfigureAwait(false)
            ? new PlanItem(PlanDecision.Unchanged, "delivered before", here, line.Destination, other)
            : Changed(line, looked, StoreSide.Destination, looked.There is null ? "what was there is gone" : "what is there has changed");
    }

    /// <summary>A deletion at the destination; null where there is nothing to delete any more.</summary>
    private PlanItem? ExtraItem(PlannedLine line, Looked looked) => looked.There is not { } there || HasMadeWay(line, there) ? null
        : IsBack(line, looked.Here) ? Changed(line, looked, StoreSide.Source, "what would be deleted came back")
        : !IsSame(line.Seen!, there, there.Version) ? Changed(line, looked, StoreSide.Destination, "what would be deleted has changed")
        : new PlanItem(PlanDecision.Extra, line.Reason, there, line.Destination, there) { Contest = line.Contest };

    /// <summary>Whether what was in the way has gone already; what came instead is for the line that wants the place to judge.</summary>
    private static bool HasMadeWay(PlannedLine line, StoreEntry there) => line.Contest?.Path == line.Destination
        && (there.Kind == EntryKind.Directory) != (line.Seen!.Kind == EntryKind.Directory);

    /// <summary>Whether the source has again what only the destination had. In a contested place it has something of another kind, as it may
    /// have beside any name that is kept without directories.</summary>
    private bool IsBack(PlannedLine line, StoreEntry? here) => here is not null
        && ((here.Kind == EntryKind.Directory) == (line.Seen!.Kind == EntryKind.Directory)
            || (line.Contest?.Path != line.Destination && request.Destination.Directories is not null));

    /// <summary>Whether the destination is as the plan saw it. A plan by the ledger did not look there: what a receipt tells of may be there or
    /// taken away, and nothing else may be there.</summary>
    private async ValueTask<bool> IsAsPlannedAsync(PlannedLine line, StoreEntry here, StoreEntry? there, CancellationToken ct) => (line, there) switch
    {
        ({ Contest: { } contest }, { } found) => contest.Path == line.Destination && found.Kind == contest.There,
        ({ Contest: not null } or { Existing: null }, null) => true,
        ({ Existing: null }, _) => false,
        _ when request.Policy.Compare == CompareBy.Ledger => there is null || await _delivered.IsDeliveredAsync(here, there, ct).ConfigureAwait(false)
            || await IsTakenBackAsync(line, ct).ConfigureAwait(false),
        ({ Existing: { } planned }, { } found) => IsSame(planned, found, found.Version),
        _ => false,
    };

    /// <summary>Whether the file is to be sent again, over whatever stands there.</summary>
    private async ValueTask<bool> IsTakenBackAsync(PlannedLine line, CancellationToken ct)
    {
        (StoreIdentity from, StoreIdentity to) = (request.Source.Identity, request.Destination.Identity);
        var exact = new ReceiptScope(from.Space, from.Absolute(line.Source), to.Space, to.Absolute(line.Destination));
        IReadOnlyList<FileMark> marks = await ledger.ListMarksAsync(exact, null, 1, ct).ConfigureAwait(false);
        return marks.Any(mark => mark.Kind == MarkKind.Resend && mark.Source == exact.Source && mark.Destination == exact.Destination);
    }

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
