using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Verify;

/// <summary>Proves that the destination's bytes are the source's bytes, and says by which fact.</summary>
internal sealed class ProveFile(MoveContext context, MakeLink link)
{
    /// <summary>Proves what was read.</summary>
    public ProveSource Source { get; } = new(context);

    /// <summary>Proves what was written before it gets its final name, where this pair of stores allows that.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: the bytes differ.</exception>
    public async Task BeforePublishingAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.Upload is null)
        {
            return;
        }

        Proof proof = ProofOf(file);
        file.Verdict = proof switch
        {
            Proof.StoredUnpublished when IsWorthAsking(file) && await HasStoredAsync(file, ct).ConfigureAwait(false) => Verdict.Stored,
            Proof.StoredUnpublished or Proof.ReadUnpublished => await ByReadingUnpublishedAsync(file, ct).ConfigureAwait(false),
            Proof.OnArrival or Proof.Size => ChooseProof.VerdictOf(proof),
            _ => null,
        };
    }

    /// <summary>What was not sent from here was not held against anything on its arrival.</summary>
    private Proof ProofOf(FileInFlight file) => file.Route == Receipt.ThirdPartyRoute
        ? ChooseProof.For(context.Destination, context.Policy.Verify, isSentFromHere: false)
        : context.Proof;

    /// <summary>A small file is read again where the store is slow to tell a checksum; one that did not pass through here is asked for in any case.</summary>
    private bool IsWorthAsking(FileInFlight file) => file.Route == Receipt.ThirdPartyRoute
        || file.Item.Source.Length >= context.Destination.PartedWrite!.UnpublishedChecksum!.WorthBytes;

    /// <summary>Whether the store told a checksum of what it has of an upload, and it is the source's.</summary>
    private async Task<bool> HasStoredAsync(FileInFlight file, CancellationToken ct)
    {
        IUnpublishedChecksum stored = context.Destination.PartedWrite!.UnpublishedChecksum!;
        Checksum ours = file.Checksums.First(checksum => stored.Kinds.Contains(checksum.Kind));
        Checksum? theirs = await stored.GetAsync(file.Upload!, ours.Kind, ct).ConfigureAwait(false);
        if (theirs is { } told && told != ours)
        {
            throw file.Route == Receipt.ThirdPartyRoute
                ? Differs(file, $"its server computed {told}, and the source's server {ours}; one of them is wrong, and --route stream finds out which")
                : Differs(file, $"the store computed {told}, the source has {ours}");
        }

        return theirs is not null;
    }

    /// <summary>Null: the store cannot be read before it has published; the proof comes after.</summary>
    private async Task<Verdict?> ByReadingUnpublishedAsync(FileInFlight file, CancellationToken ct)
    {
        if (context.Destination.PartedWrite!.UnpublishedRead is not { } read)
        {
            return null;
        }

        if (file.PartChecksums.Length != file.Parts.Length)
        {
            // Its bytes went from server to server, and one of these tells nothing of what it has.
            await Source.DigestAsync(file, ct).ConfigureAwait(false);
        }

        if (file.Parts.Length == 1)
        {
            await ReadPartAsync(file.Parts[0], ct).ConfigureAwait(false);
            return Verdict.ReadBack;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Policy.Parts, CancellationToken = ct };
        await Parallel.ForEachAsync(file.Parts, parallel, ReadPartAsync).ConfigureAwait(false);
        return Verdict.ReadBack;

        async ValueTask ReadPartAsync(StoredPart part, CancellationToken token)
        {
            await RequireSameAsync(
                file, () => read.OpenRangeAsync(file.Upload!, part.Offset, part.Length, token),
                part.Length, file.PartChecksums[part.Number - 1], $"part {part.Number}", token).ConfigureAwait(false);
        }
    }

    /// <summary>Proves the published file, where that could not be done before.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: the bytes differ; the file is still there.</exception>
    public async Task AfterPublishingAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.IsLink)
        {
            await link.ProveAsync(file, ct).ConfigureAwait(false);
            return;
        }

        long length = file.Item.Source.Length;
        if (file.Published!.Length != length)
        {
            throw Differs(file, $"it has {file.Published.Length} bytes instead of {length}");
        }

        if (file.Verdict is not null && (file.Upload?.AssemblyIsInDoubt != true || context.Proof == Proof.Size))
        {
            return;
        }

        bool onArrival = file.Upload is null && file.Route == Receipt.StreamRoute && length <= ChooseRoute.OneCallBytes;
        file.Verdict = context.Proof switch
        {
            Proof.Size => Verdict.SizeOnly,
            Proof.OnArrival when onArrival => Verdict.OnArrival,
            _ when file.Route == Receipt.ServerRoute && context.Policy.Verify == VerifyBy.Auto && BothSayTheSame(file) => Verdict.Stored,
            Proof.StoredAfter or Proof.StoredUnpublished when context.Destination.StoredChecksum is { } stored && file.Route != Receipt.ThirdPartyRoute => await ByStoredChecksumAsync(file, stored, ct).ConfigureAwait(false),
            _ => await ByReadingAsync(file, ct).ConfigureAwait(false),
        };
    }

    /// <summary>Whether what stands under the final name has the source's bytes: asked where an answer was lost, so that it may be ours.
    /// If so, it counts as published, and is proved.</summary>
    public async Task<bool> StandsAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry? there = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false);
        if (there is not { Kind: EntryKind.File } || there.Length != file.Item.Source.Length)
        {
            return false;
        }

        try
        {
            file.Verdict = await ByReadingAsync(file, ct).ConfigureAwait(false);
            file.Published = there;
            return true;
        }
        catch (StoreException e) when (e is { Kind: StoreErrorKind.Integrity, Side: StoreSide.Destination })
        {
            return false;
        }
    }

    /// <summary>What stands under the final name, where its store tells a checksum of it and that is the source's: then that is its proof. Null where it
    /// tells none, or another one.</summary>
    public async Task<StoreEntry?> ToldSameAsync(FileInFlight file, CancellationToken ct)
    {
        ChecksumKind kind = context.Proof == Proof.StoredAfter ? ChooseProof.WholeKind(context.Destination, context.Proof)!.Value : ChooseProof.WorkingKind;
        if (context.Destination.StoredChecksum is not { } stored || !stored.Kinds.Contains(kind)
            || await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false) is not { Kind: EntryKind.File } there
            || there.Length != file.Item.Source.Length
            || await stored.GetAsync(file.Path, kind, ct).ConfigureAwait(false) is not { } told)
        {
            return null;
        }

        await Source.DigestAsync(file, ct).ConfigureAwait(false);
        if (!file.Checksums.Contains(told))
        {
            return null;
        }

        (file.Published, file.Verdict) = (there, Verdict.Stored);
        return there;
    }

    /// <summary>Whether both stores computed the same checksum of what they hold: then nobody needs to read it.</summary>
    private static bool BothSayTheSame(FileInFlight file)
    {
        StoreEntry source = file.Item.Source;
        IReadOnlyList<Checksum> shared = [.. source.Checksums.Intersect(file.Published!.Checksums)];
        if (source.Checksums.Any(ours => file.Published.Checksums.Any(theirs => theirs.Kind == ours.Kind && theirs != ours)))
        {
            return false;
        }

        if (shared.Count == 0 && (source.Parted is null || source.Parted != file.Published.Parted))
        {
            return false;
        }

        file.SourceProof = SourceProof.Stored;
        if (file.Checksums.Count == 0)
        {
            file.TakeChecksums(shared, source.Parted, inOnePart: false);
        }

        return true;
    }

    private async Task<Verdict> ByStoredChecksumAsync(FileInFlight file, IStoredChecksum stored, CancellationToken ct)
    {
        if (file.Checksums.Count == 0)
        {
            await Source.DigestAsync(file, ct).ConfigureAwait(false);
        }

        Checksum ours = file.Checksums.First(checksum => checksum.Kind == ChooseProof.WholeKind(context.Destination, context.Proof));
        Checksum? theirs = await stored.GetAsync(file.Path, ours.Kind, ct).ConfigureAwait(false);
        if (theirs is null)
        {
            return await ByReadingAsync(file, ct).ConfigureAwait(false);
        }

        return theirs == ours ? Verdict.Stored : throw Differs(file, $"the store computed {theirs}, the source has {ours}");
    }

    private async Task<Verdict> ByReadingAsync(FileInFlight file, CancellationToken ct)
    {
        if (!file.Checksums.Any(checksum => checksum.Kind == ChooseProof.WorkingKind))
        {
            await Source.DigestAsync(file, ct).ConfigureAwait(false);
        }

        Checksum whole = file.Checksums.First(checksum => checksum.Kind == ChooseProof.WorkingKind);
        await RequireSameAsync(file, () => OpenWholeAsync(file, ct), file.Item.Source.Length, whole, "the file", ct).ConfigureAwait(false);
        return Verdict.ReadBack;
    }

    private async ValueTask<Stream> OpenWholeAsync(FileInFlight file, CancellationToken ct)
    {
        StoreBody body = await context.Destination.OpenReadAsync(file.Path, ct).ConfigureAwait(false);
        if (body.Entry.Length == file.Item.Source.Length)
        {
            return body.Content;
        }

        await body.DisposeAsync().ConfigureAwait(false);
        throw Differs(file, $"it has {body.Entry.Length} bytes instead of {file.Item.Source.Length}");
    }

    private async Task RequireSameAsync(
        FileInFlight file, Func<ValueTask<Stream>> open, long length, Checksum expected, string what, CancellationToken ct)
    {
        using var digests = new ChecksumSet([ChooseProof.WorkingKind]);
        await context.DigestAsync(open, digests, length, file.Path, ct).ConfigureAwait(false);
        Checksum found = digests.Finish()[0];
        if (found != expected)
        {
            throw Differs(file, $"{what} reads back as {found}, the source has {expected}");
        }
    }

    private static StoreException Differs(FileInFlight file, string how) =>
        new(StoreErrorKind.Integrity, $"The destination does not hold the source's bytes: {how}.")
        {
            Side = StoreSide.Destination,
            Path = file.Path,
        };
}
