using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>The objects of a bucket in the layout of CTA Relay.</summary>
/// <param name="inner">The store that they are in.</param>
/// <param name="options">How the box is used.</param>
internal sealed class CtaRelayObjects(IStore inner, DropBoxOptions options)
{
    /// <summary>Objects that are looked at together.</summary>
    private const int AtOnce = 16;

    private readonly IUserMetadata _metadata = inner.UserMetadata
        ?? throw new StoreException(StoreErrorKind.Unsupported, $"{inner.Identity} keeps no metadata with files, which the layout of CTA Relay is made of.");

    private volatile bool _isKnown;

    /// <summary>The store that they are in.</summary>
    public IStore Inner => inner;

    /// <summary>How the box is used.</summary>
    public DropBoxOptions Options => options;

    /// <summary>Makes sure, once, that no drop box of Godwit's own layout is here.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: one is.</exception>
    public async ValueTask RequireLayoutAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!_isKnown && await inner.StatAsync(DropBoxLayout.FormatFile, ct).ConfigureAwait(false) is { Kind: EntryKind.File })
        {
            throw new StoreException(
                StoreErrorKind.Unsupported, $"{inner.Identity} holds a drop box of Godwit's own layout ({DropBoxLayout.FormatFile}), and not one of CTA Relay.");
        }

        _isKnown = true;
    }

    /// <summary>The object of a file; null where there is none.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: its metadata do not say what it is.</exception>
    public async ValueTask<CtaRelayFile?> FindAsync(StorePath path, CancellationToken ct)
    {
        await RequireLayoutAsync(ct).ConfigureAwait(false);
        return IsFlat(path) && await _metadata.GetAsync(path, ct).ConfigureAwait(false) is { } told ? CtaRelayFile.Of(told) : null;
    }

    /// <summary>The file, if it is there for whoever uses the box as the options say; null otherwise.</summary>
    public async ValueTask<CtaRelayFile?> FindCountedAsync(StorePath path, CancellationToken ct)
    {
        await RequireLayoutAsync(ct).ConfigureAwait(false);
        return IsFlat(path) && await _metadata.GetAsync(path, ct).ConfigureAwait(false) is { } told && Counts(told.Entry) ? CtaRelayFile.Of(told) : null;
    }

    /// <summary>A page of the files, and those objects that cannot be understood.</summary>
    /// <param name="isMeant">Which objects are looked at.</param>
    /// <param name="position">As of any listing.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<CtaRelayPage> ListAsync(Func<StoreEntry, bool> isMeant, ListPosition? position, CancellationToken ct)
    {
        await RequireLayoutAsync(ct).ConfigureAwait(false);
        StorePage page = await inner.ListAsync(StorePath.Root, position, ct).ConfigureAwait(false);
        StoreEntry[] meant = [.. page.Entries.Where(entry => entry.Kind == EntryKind.File && isMeant(entry))];
        var found = new (CtaRelayFile? File, StoreException? Failure)[meant.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, meant.Length), parallel, async (i, stop) => found[i] = await LookAsync(meant[i].Path, isMeant, stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        return new CtaRelayPage(
            [.. found.Select(one => one.File).OfType<CtaRelayFile>()],
            [.. page.Unreadable ?? [], .. found.Select(one => one.Failure).OfType<StoreException>()],
            page.Next);
    }

    /// <summary>Writes an object again as one that was delivered: empty, with the same metadata. A newer one that came meanwhile stays.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.PreconditionFailed"/>: one came.</exception>
    public async ValueTask EmptyAsync(CtaRelayFile file, CancellationToken ct)
    {
        WriteOptions options = Carrying(file.Pairs) with { Replaces = file.Object.Version };
        try
        {
            await inner.WriteAsync(file.Path, WriteSource.From(Array.Empty<byte>()), options, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.PreconditionFailed)
        {
            // A first answer that was lost, or somebody else who delivered it too: then all is as it should be.
            if (await FindAsync(file.Path, ct).ConfigureAwait(false) is not { IsDelivered: true } now || now.Version != file.Version)
            {
                throw;
            }
        }
    }

    /// <summary>How an object with these metadata and no others is written.</summary>
    public static WriteOptions Carrying(IReadOnlyDictionary<string, string> pairs, bool createOnly = false) => new()
    {
        CreateOnly = createOnly,
        Metadata = new WriteMetadata { Pairs = pairs, PairsAlone = true },
    };

    /// <summary>Whether an object is there for whoever uses the box as the options say.</summary>
    public bool Counts(StoreEntry entry) => options.CountsDelivered || entry.Length > 0;

    /// <summary>Whether a name is one that this layout has.</summary>
    public static bool IsFlat(StorePath path) => !path.IsRoot && path.Parent.IsRoot;

    private async ValueTask<(CtaRelayFile? File, StoreException? Failure)> LookAsync(StorePath path, Func<StoreEntry, bool> isMeant, CancellationToken ct)
    {
        try
        {
            // What was taken away or delivered since it was listed is no longer meant.
            return await _metadata.GetAsync(path, ct).ConfigureAwait(false) is { } told && isMeant(told.Entry) ? (CtaRelayFile.Of(told), null) : default;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            return (null, e);
        }
    }
}

/// <summary>Some of the files of a box.</summary>
/// <param name="Files">The files.</param>
/// <param name="Unreadable">Objects that cannot be understood.</param>
/// <param name="Next">Where to go on; null after the last page.</param>
internal sealed record CtaRelayPage(IReadOnlyList<CtaRelayFile> Files, IReadOnlyList<StoreException> Unreadable, ListPosition? Next);
