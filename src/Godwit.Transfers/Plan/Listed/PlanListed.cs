using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan.Listed;

/// <summary>Makes the plan of a list: each file is looked at on both sides, under the name that it has there. No tree is listed.</summary>
/// <param name="request">The transfer.</param>
/// <param name="files">The list.</param>
/// <param name="ledger">What was delivered before; null where that is not known.</param>
/// <param name="decide">Decides on a file by what is on both sides.</param>
internal sealed class PlanListed(
    TransferRequest request, IFileList files, ILedger? ledger, Func<StoreEntry, StoreEntry?, StorePath, PlanItem> decide)
{
    private const int Together = 256;

    /// <summary>The plan, in order of the paths at the source.</summary>
    public async IAsyncEnumerable<PlanChunk> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        int atOnce = Math.Min(request.Source.Limits.DefaultConcurrency, request.Destination.Limits.DefaultConcurrency);
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct };
        await foreach (ListedFile[] some in files.BySourceAsync(ct).Chunk(Together).ConfigureAwait(false))
        {
            var items = new PlanItem[some.Length];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, some.Length), options, async (i, stop) => items[i] = await PlanAsync(some[i], stop).ConfigureAwait(false))
                .ConfigureAwait(false);
            yield return new PlanChunk(items, []);
        }
    }

    private async ValueTask<PlanItem> PlanAsync(ListedFile file, CancellationToken ct)
    {
        var side = StoreSide.Source;
        try
        {
            StoreEntry? source = await request.Source.StatAsync(file.Source, ct).ConfigureAwait(false);
            if (WhyNot(file, source) is { } failure)
            {
                return Impossible(file, source, failure);
            }

            side = StoreSide.Destination;
            Receipt? receipt = await ReceiptOfAsync(file, ct).ConfigureAwait(false);
            bool byLedger = request.Policy.Compare == CompareBy.Ledger && ledger is not null;
            StoreEntry? existing = byLedger ? EntryOf(file, receipt) : await request.Destination.StatAsync(file.Destination, ct).ConfigureAwait(false);
            PlanItem item = decide(source!, existing, file.Destination) with { Expected = file.Expected };
            return await HeldAsync(item, receipt, byLedger, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            return Impossible(file, null, FileFailure.From(e, side));
        }
    }

    private FileFailure? WhyNot(ListedFile file, StoreEntry? source) => source switch
    {
        null => FileFailure.NotThere,
        { Kind: EntryKind.Directory } => Refused("A list names files, and this is a directory: name the files in it."),
        { Kind: EntryKind.Link } when file.Expected is not null && request.Policy.Links == LinkPolicy.Keep =>
            Refused("It is a link, which has no checksum: leave the checksum out."),
        _ => null,
    };

    private static FileFailure Refused(string why) => new("invalid-request", StoreSide.Source, why, false, NextStep.GiveUp);

    private static PlanItem Impossible(ListedFile file, StoreEntry? source, FileFailure failure) => new(
        PlanDecision.Impossible, failure.Kind, source ?? new StoreEntry { Path = file.Source, Kind = EntryKind.File }, file.Destination, null)
    {
        Failure = failure,
        Expected = file.Expected,
    };

    /// <summary>Holds what is there already against the list's checksum: by its receipt, or else by its bytes.</summary>
    private async ValueTask<PlanItem> HeldAsync(PlanItem item, Receipt? receipt, bool byLedger, CancellationToken ct)
    {
        bool isLeft = request.Policy.NoOverwrite || request.Policy.Compare == CompareBy.Exists;
        if (item is not { Decision: PlanDecision.Unchanged, Expected: { } expected, Source.Kind: EntryKind.File } || isLeft)
        {
            return item;
        }

        if (receipt is not null && IsStill(receipt, item, byLedger))
        {
            foreach (Checksum known in receipt.Checksums)
            {
                if (known.Kind == expected.Kind)
                {
                    return known == expected ? item with { Reason = "delivered before" } : item with
                    {
                        Decision = PlanDecision.Impossible,
                        Reason = "integrity",
                        Failure = Verify.ExpectedBytes.Refuted(known, expected),
                    };
                }
            }
        }

        StoreEntry? there = byLedger ? await request.Destination.StatAsync(item.Destination, ct).ConfigureAwait(false) : item.Existing;
        return item with
        {
            Decision = there is null ? PlanDecision.Move : PlanDecision.Compare,
            Reason = "its checksum is not known",
            Existing = there,
        };
    }

    private static bool IsStill(Receipt receipt, PlanItem item, bool byLedger) =>
        item.Source.ResumeVersion is { } here && here == receipt.Intent.SourceVersion && item.Source.Length == receipt.Intent.Length
        && (byLedger || (item.Existing?.ResumeVersion is { } there && there == receipt.DestinationVersion));

    private async ValueTask<Receipt?> ReceiptOfAsync(ListedFile file, CancellationToken ct)
    {
        if (ledger is null || (file.Expected is null && request.Policy.Compare != CompareBy.Ledger))
        {
            return null;
        }

        (StoreIdentity from, StoreIdentity to) = (request.Source.Identity, request.Destination.Identity);
        var scope = new ReceiptScope(from.Space, from.Absolute(file.Source), to.Space, to.Absolute(file.Destination));
        IReadOnlyList<Receipt> found = await ledger.ListReceiptsAsync(scope, null, 1, ct).ConfigureAwait(false);
        return found.FirstOrDefault(receipt => receipt.Intent.Source == scope.Source && receipt.Intent.Destination == scope.Destination);
    }

    private static StoreEntry? EntryOf(ListedFile file, Receipt? receipt) => receipt is null ? null : new StoreEntry
    {
        Path = file.Destination,
        Kind = EntryKind.File,
        Length = receipt.Intent.Length,
        ResumeVersion = receipt.Intent.SourceVersion,
    };
}
