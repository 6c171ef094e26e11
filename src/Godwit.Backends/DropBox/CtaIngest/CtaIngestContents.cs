using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>What is in a box of the layout of CTA Ingest. A file that cannot be had is told last, as an error, after all others.</summary>
/// <param name="inner">The store that the box is in.</param>
public sealed class CtaIngestContents(IStore inner) : IBoxContents
{
    private readonly CtaIngestBox _box = new(inner);

    /// <inheritdoc/>
    public async ValueTask<DropBoxFile?> FindAsync(StorePath path, CancellationToken ct) =>
        await _box.DeliveredAsync(path, ct).ConfigureAwait(false) is { } delivered ? DropBoxFile.Of(delivered, 0)
        : await _box.WaitingAsync(path, ct).ConfigureAwait(false) is { } file ? await WithPartsAsync(file, ct).ConfigureAwait(false)
        : null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<DropBoxFile> WaitingAsync(StorePath below, [EnumeratorCancellation] CancellationToken ct)
    {
        StoreException? first = null;
        foreach (string name in below.IsRoot ? await _box.AnnouncedNamesAsync(ct).ConfigureAwait(false) : [])
        {
            DropBoxFile? told = null;
            try
            {
                StorePath path = CtaIngestLayout.FileOf(name)
                    ?? throw CtaIngestBox.Damage(StorePath.Root, $"a name in the state files, {name.TrimStart('\0')}, is not UTF-8");
                told = await _box.WaitingAsync(path, ct).ConfigureAwait(false) is { } file ? await WithPartsAsync(file, ct).ConfigureAwait(false) : null;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
            {
                first ??= e;
            }

            if (told is not null)
            {
                yield return told;
            }
        }

        if (first is not null)
        {
            throw first;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DropBoxFile> DeliveredAsync(StorePath below, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (string name in below.IsRoot ? await _box.DeliveredNamesAsync(ct).ConfigureAwait(false) : [])
        {
            if (CtaIngestLayout.FileOf(name) is { } path && await _box.DeliveredAsync(path, ct).ConfigureAwait(false) is { } file)
            {
                yield return DropBoxFile.Of(file, 0);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<(long Files, Timestamp? Last)> CountDeliveredAsync(CancellationToken ct) =>
        ((await _box.DeliveredNamesAsync(ct).ConfigureAwait(false)).Count, null);

    /// <inheritdoc/>
    public async ValueTask<long> CountPayloadsAsync(CancellationToken ct)
    {
        CtaIngestState uploaded = await _box.States.GetAsync(CtaIngestLayout.Upload, ct).ConfigureAwait(false);
        long told = (await _box.AnnouncedNamesAsync(ct).ConfigureAwait(false))
            .Count(name => uploaded.TryGet(name, out ReadOnlyMemory<byte> put) && CtaIngestEntry.PartsOf(put) is { Length: > 0 });
        return told + (await new CtaIngestLeftovers(inner).FindAsync(null, ct).ConfigureAwait(false)).Count;
    }

    private async ValueTask<DropBoxFile> WithPartsAsync(CtaIngestFile file, CancellationToken ct)
    {
        long stored = 0;
        foreach (StorePath part in file.Parts)
        {
            stored += (await inner.StatAsync(part, ct).ConfigureAwait(false))?.Length
                ?? throw CtaIngestBox.Damage(file.Path, $"its part \"{part}\" is not there");
        }

        return DropBoxFile.Of(await _box.MeasuredAsync(file, ct).ConfigureAwait(false), stored);
    }
}
