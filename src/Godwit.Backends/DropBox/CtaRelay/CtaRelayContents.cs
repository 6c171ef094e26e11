using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>What is in a bucket of the layout of CTA Relay. An object that cannot be understood is told last, as an error, after all others.</summary>
/// <param name="inner">The store that the objects are in.</param>
public sealed class CtaRelayContents(IStore inner) : IBoxContents
{
    private readonly CtaRelayObjects _objects = new(inner, new DropBoxOptions { Layout = BoxLayout.CtaRelay, CountsDelivered = true });

    /// <inheritdoc/>
    public async ValueTask<DropBoxFile?> FindAsync(StorePath path, CancellationToken ct) =>
        await _objects.FindAsync(path, ct).ConfigureAwait(false) is { } file ? DropBoxFile.Of(file) : null;

    /// <inheritdoc/>
    public IAsyncEnumerable<DropBoxFile> WaitingAsync(StorePath below, CancellationToken ct) => EachAsync(below, entry => entry.Length > 0, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<DropBoxFile> DeliveredAsync(StorePath below, CancellationToken ct) => EachAsync(below, entry => entry.Length == 0, ct);

    /// <inheritdoc/>
    public async ValueTask<(long Files, Timestamp? Last)> CountDeliveredAsync(CancellationToken ct) =>
        (await CountAsync(entry => entry.Length == 0, ct).ConfigureAwait(false), null);

    /// <inheritdoc/>
    public async ValueTask<long> CountPayloadsAsync(CancellationToken ct)
    {
        long uploads = 0;
        await foreach (StoppedUpload _ in new StoppedUploads(inner).FindAsync(CtaRelayObjects.IsFlat, null, ct).ConfigureAwait(false))
        {
            uploads++;
        }

        return uploads + await CountAsync(entry => entry.Length > 0, ct).ConfigureAwait(false);
    }

    private async ValueTask<long> CountAsync(Func<StoreEntry, bool> isMeant, CancellationToken ct)
    {
        await _objects.RequireLayoutAsync(ct).ConfigureAwait(false);
        long count = 0;
        ListPosition? position = null;
        do
        {
            StorePage page = await inner.ListAsync(StorePath.Root, position, ct).ConfigureAwait(false);
            count += page.Entries.Count(entry => entry.Kind == EntryKind.File && isMeant(entry));
            position = page.Next;
        }
        while (position is not null);
        return count;
    }

    private async IAsyncEnumerable<DropBoxFile> EachAsync(
        StorePath below, Func<StoreEntry, bool> isMeant, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!below.IsRoot)
        {
            yield break;
        }

        StoreException? first = null;
        ListPosition? position = null;
        do
        {
            CtaRelayPage page = await _objects.ListAsync(isMeant, position, ct).ConfigureAwait(false);
            first ??= page.Unreadable.Count > 0 ? page.Unreadable[0] : null;
            foreach (CtaRelayFile file in page.Files)
            {
                yield return DropBoxFile.Of(file);
            }

            position = page.Next;
        }
        while (position is not null);
        if (first is not null)
        {
            throw first;
        }
    }
}
