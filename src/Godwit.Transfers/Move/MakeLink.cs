using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>Makes a link of the source again at the destination, and proves it: nothing but its target has to arrive.</summary>
internal sealed class MakeLink(MoveContext context)
{
    /// <summary>Afterwards the destination has a link to the same target.</summary>
    public async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        file.Goes(Receipt.LinkRoute);
        if (file.OnlyProof && file.Attempts == 1)
        {
            file.Published = await LookAsync(file, ct).ConfigureAwait(false);
            return;
        }

        ILinks links = context.Destination.Links ?? throw new StoreException(
            StoreErrorKind.Unsupported, "The destination keeps no links; use --links follow or --links skip.")
        {
            Side = StoreSide.Destination,
            Path = file.Path,
        };
        StoreEntry source = file.Item.Source;
        var options = new WriteOptions
        {
            CreateOnly = file.Item.Existing is null || context.Policy.NoOverwrite,
            Metadata = new WriteMetadata { Modified = source.Modified },
        };
        ReadOnlyMemory<byte> target = source.LinkTarget ?? throw new StoreException(
            StoreErrorKind.Unexpected, "The source does not tell where the link points.")
        {
            Side = StoreSide.Source,
            Path = source.Path,
        };
        try
        {
            await file.PlaceAsync(() => links.CreateAsync(file.Path, target, options, ct)).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists && file.MayStand)
        {
            // An answer was lost: what is there may be ours, and its target tells.
            StoreEntry there = await LookAsync(file, ct).ConfigureAwait(false);
            if (!IsSame(there, source))
            {
                throw;
            }

            file.Published = there;
        }
    }

    /// <summary>Looks at the destination again.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it is no link, or points elsewhere.</exception>
    public async Task ProveAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry there = await LookAsync(file, ct).ConfigureAwait(false);
        if (!IsSame(there, file.Item.Source))
        {
            throw new StoreException(StoreErrorKind.Integrity, "The destination has something else than the source's link.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
            };
        }

        file.Verdict = Verdict.ReadBack;
    }

    /// <summary>Whether two entries are links to one target.</summary>
    public static bool IsSame(StoreEntry left, StoreEntry right) =>
        left.LinkTarget is { } here && right.LinkTarget is { } there && here.Span.SequenceEqual(there.Span);

    private async Task<StoreEntry> LookAsync(FileInFlight file, CancellationToken ct) =>
        await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{file.Path}\" was removed before it was proved.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
                Next = NextStep.RestartFile,
            };
}
