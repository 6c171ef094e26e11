using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Backends.DropBox.CtaRelay;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>How a box keeps its files.</summary>
public enum BoxLayout
{
    /// <summary>Godwit's own, as <c>DropBox.md</c> tells it.</summary>
    Godwit = 0,

    /// <summary>That of CTA Relay, as <c>CtaRelay.md</c> tells it.</summary>
    CtaRelay,

    /// <summary>That of CTA Ingest, as <c>CtaIngest.md</c> tells it.</summary>
    CtaIngest,
}

/// <summary>Opens boxes of any layout.</summary>
public static class BoxLayouts
{
    /// <summary>The box as a store.</summary>
    public static IStore Open(IStore inner, DropBoxOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Layout switch
        {
            BoxLayout.CtaRelay => new CtaRelayStore(inner, options, time),
            BoxLayout.CtaIngest => new CtaIngestStore(inner, options, time),
            _ => new DropBoxStore(inner, options, time),
        };
    }

    /// <summary>Which box it is that lies at the root of a store.</summary>
    public static StoreIdentity IdentityIn(StoreIdentity inner, BoxLayout layout) => layout switch
    {
        BoxLayout.CtaRelay => CtaRelayStore.IdentityIn(inner),
        BoxLayout.CtaIngest => CtaIngestStore.IdentityIn(inner),
        _ => DropBoxStore.IdentityIn(inner),
    };

    /// <summary>What is in a box.</summary>
    public static IBoxContents ContentsOf(IStore inner, BoxLayout layout) => layout switch
    {
        BoxLayout.CtaRelay => new CtaRelayContents(inner),
        BoxLayout.CtaIngest => new CtaIngestContents(inner),
        _ => new DropBoxContents(inner),
    };

    /// <summary>Adopts files in a box.</summary>
    public static IBoxAdoption AdoptionIn(IStore inner, BoxLayout layout, TimeProvider time) => layout switch
    {
        BoxLayout.CtaRelay => new CtaRelayAdoption(inner),
        BoxLayout.CtaIngest => new CtaIngestAdoption(inner, time),
        _ => new DropBoxAdoption(inner, time),
    };

    /// <summary>Which layout a box seems to have, from what lies at its root; null where nothing tells.</summary>
    /// <param name="inner">The store that the box is in.</param>
    /// <param name="ct">Cancels the call.</param>
    public static async ValueTask<BoxLayout?> SeenAsync(IStore inner, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (await inner.StatAsync(DropBoxLayout.FormatFile, ct).ConfigureAwait(false) is { Kind: EntryKind.File })
        {
            return BoxLayout.Godwit;
        }

        foreach (StorePath state in CtaIngestLayout.StateFiles)
        {
            // A file of CTA Relay may have such a name.
            if (await inner.StatAsync(state, ct).ConfigureAwait(false) is { Kind: EntryKind.File }
                && !await IsRelayedAsync(inner, state, ct).ConfigureAwait(false))
            {
                return BoxLayout.CtaIngest;
            }
        }

        return inner.UserMetadata is not null && await HasRelayedAsync(inner, ct).ConfigureAwait(false) ? BoxLayout.CtaRelay : null;
    }

    private static async ValueTask<bool> HasRelayedAsync(IStore inner, CancellationToken ct)
    {
        // One page, and a few objects of it: a bucket that is CTA Relay's holds nothing else.
        const int Enough = 8;
        StorePage page = await inner.ListAsync(StorePath.Root, null, ct).ConfigureAwait(false);
        page.Next?.Dispose();
        foreach (StoreEntry entry in page.Entries.Where(entry => entry.Kind == EntryKind.File).Take(Enough))
        {
            if (await IsRelayedAsync(inner, entry.Path, ct).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private static async ValueTask<bool> IsRelayedAsync(IStore inner, StorePath path, CancellationToken ct)
    {
        try
        {
            return inner.UserMetadata is { } metadata && await metadata.GetAsync(path, ct).ConfigureAwait(false) is { } told
                && CtaRelayFile.Of(told).Length >= 0;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            // Not one of these objects.
            return false;
        }
    }
}
