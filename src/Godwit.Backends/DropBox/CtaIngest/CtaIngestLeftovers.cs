using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>What killed pushes left in a box: parts that no state file tells of, and uploads of parts that stopped, of either program.</summary>
/// <param name="inner">The store that the box is in.</param>
public sealed class CtaIngestLeftovers(IStore inner)
{
    private readonly StoppedUploads _uploads = new(inner);

    /// <summary>Finds it.</summary>
    /// <param name="before">Only what nobody wrote to since this; null for all.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<IReadOnlyList<CtaIngestLeftover>> FindAsync(Timestamp? before, CancellationToken ct)
    {
        var attempts = new Dictionary<StorePath, CtaIngestLeftover>();
        StoreEntry[] found = [.. await PartsAsync(ct).ConfigureAwait(false)];

        // Read after the listing: what is told of meanwhile counts as that.
        IReadOnlySet<string> told = await ToldAsync(ct).ConfigureAwait(false);
        foreach (StoreEntry part in found.Where(part => !told.Contains(CtaIngestLayout.NameOf(part.Path))))
        {
            Timestamp? written = part.Modified ?? (before is null ? null : (await inner.StatAsync(part.Path, ct).ConfigureAwait(false))?.Modified);
            CtaIngestLeftover one = attempts.GetValueOrDefault(part.Path.Parent) ?? new CtaIngestLeftover(part.Path.Parent, 0, null, []);
            attempts[part.Path.Parent] = one with
            {
                Bytes = one.Bytes + part.Length,
                Parts = [.. one.Parts, part.Path],
                IsYoung = one.IsYoung || (before is not null && !(written < before)),
            };
        }

        var left = attempts.Values.Where(one => !one.IsYoung).ToList();
        var parts = StorePath.FromText(CtaIngestLayout.Parts);
        await foreach (StoppedUpload upload in _uploads.FindAsync(path => path.IsBelow(parts), before, ct).ConfigureAwait(false))
        {
            left.Add(new CtaIngestLeftover(upload.Path, 0, upload, []));
        }

        return left;
    }

    /// <summary>Takes it away, unless somebody told of it meanwhile.</summary>
    /// <returns>Whether it was taken away.</returns>
    public async ValueTask<bool> RemoveAsync(CtaIngestLeftover leftover, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(leftover);
        if (leftover.Upload is { } upload)
        {
            return await _uploads.RemoveAsync(upload, ct).ConfigureAwait(false);
        }

        foreach (StorePath part in leftover.Parts)
        {
            await inner.DeleteAsync(part, ct).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>All keys that state files tell of, or will when the other program goes on.</summary>
    private async ValueTask<IReadOnlySet<string>> ToldAsync(CancellationToken ct)
    {
        var box = new CtaIngestBox(inner);
        await box.RequireLayoutAsync(ct).ConfigureAwait(false);
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach ((StorePath file, string before) in ((StorePath, string)[])[(CtaIngestLayout.Upload, ""), (CtaIngestLayout.Disassemble, CtaIngestLayout.Parts)])
        {
            CtaIngestState state = await box.States.GetAsync(file, ct).ConfigureAwait(false);
            foreach (string name in state.Names)
            {
                string[] parts = state.TryGet(name, out ReadOnlyMemory<byte> json) ? CtaIngestEntry.PartsOf(json) ?? [] : [];
                told.UnionWith(parts.Select(part => before + part));
            }
        }

        return told;
    }

    private async ValueTask<List<StoreEntry>> PartsAsync(CancellationToken ct)
    {
        var parts = new List<StoreEntry>();
        await foreach (StoreEntry entry in new DropBoxContents(inner).FilesAsync(StorePath.FromText(CtaIngestLayout.Parts), ct).ConfigureAwait(false))
        {
            parts.Add(entry);
        }

        return parts;
    }
}

/// <summary>What one attempt to send a file left.</summary>
/// <param name="Path">The directory of its parts, or the part that was being written.</param>
/// <param name="Bytes">Bytes in the box; 0 where the store does not tell.</param>
/// <param name="Upload">The upload that stopped; null of parts.</param>
/// <param name="Parts">The parts.</param>
public sealed record CtaIngestLeftover(StorePath Path, long Bytes, StoppedUpload? Upload, IReadOnlyList<StorePath> Parts)
{
    /// <summary>Whether some of it may be of an attempt that goes on.</summary>
    internal bool IsYoung { get; init; }
}
