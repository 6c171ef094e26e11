using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>Takes files out of a box: those that were delivered, and those that are not to be.</summary>
/// <param name="box">The box.</param>
internal sealed class CtaIngestCleaning(CtaIngestBox box)
{
    /// <summary>At the source: frees the parts of all that was delivered, and what tells of them.</summary>
    /// <returns>How many files.</returns>
    public async ValueTask<int> SourceAsync(CancellationToken ct)
    {
        await box.RequireLayoutAsync(ct).ConfigureAwait(false);
        CtaIngestState target = await box.States.GetAsync(CtaIngestLayout.Target, ct).ConfigureAwait(false);
        CtaIngestState disassembled = await box.States.GetAsync(CtaIngestLayout.Disassemble, ct).ConfigureAwait(false);
        CtaIngestState uploaded = await box.States.GetAsync(CtaIngestLayout.Upload, ct).ConfigureAwait(false);
        string[] done = [.. uploaded.Names.Concat(disassembled.Names).Distinct(StringComparer.Ordinal).Where(target.Has)];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, box.Inner.Limits.DefaultConcurrency), CancellationToken = ct };
        await Parallel.ForEachAsync(done, options, async (name, stop) => await FreeAsync(name, stop).ConfigureAwait(false)).ConfigureAwait(false);
        await TakeOutAsync(done, ct).ConfigureAwait(false);
        return done.Length;
    }

    /// <summary>At the source: takes a file back that was not delivered. For the other program it is then one that the source no longer has.</summary>
    public async ValueTask WithdrawAsync(string name, CancellationToken ct)
    {
        StorePath[] parts = [.. await PartsOfAsync(name, ct).ConfigureAwait(false)];
        await TakeOutAsync([name], ct).ConfigureAwait(false);
        await DeleteAsync(parts, ct).ConfigureAwait(false);
    }

    /// <summary>At the destination: writes down that a file was delivered, and then frees its parts.</summary>
    /// <param name="file">The file as it waited.</param>
    /// <param name="path">Where it is now.</param>
    /// <param name="now">The present.</param>
    /// <param name="ct">Cancels it.</param>
    public async ValueTask DeliverAsync(CtaIngestFile file, string path, Timestamp now, CancellationToken ct)
    {
        double present = CtaIngestEntry.SecondsOf(now);
        double modified = file.Entry.Modified ?? present;
        CtaIngestEntry entry = file.Entry with { Modified = modified, Read = file.Entry.Read ?? modified, Told = present };
        byte[] json = entry.ToBytes(path, null);

        // What another one wrote down of the same delivery is as good.
        await box.States.ChangeAsync(CtaIngestLayout.Target, state => !state.Has(file.Name) && state.Set(file.Name, json), ct).ConfigureAwait(false);
        await DeleteAsync(file.Parts, ct).ConfigureAwait(false);
        if ((await box.States.GetAsync(CtaIngestLayout.Download, ct).ConfigureAwait(false)).Has(file.Name))
        {
            await box.States.ChangeAsync(CtaIngestLayout.Download, state => state.Remove(file.Name), ct).ConfigureAwait(false);
        }
    }

    private async ValueTask TakeOutAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        // First what says that it is here, so that nobody looks for the rest.
        foreach (StorePath file in (StorePath[])[CtaIngestLayout.Upload, CtaIngestLayout.Disassemble, CtaIngestLayout.Origin])
        {
            CtaIngestState state = await box.States.GetAsync(file, ct).ConfigureAwait(false);
            if (names.Any(state.Has))
            {
                await box.States.ChangeAsync(file, now => RemoveAll(now, names), ct).ConfigureAwait(false);
            }
        }
    }

    private static bool RemoveAll(CtaIngestState state, IEnumerable<string> names)
    {
        bool isChanged = false;
        foreach (string name in names)
        {
            isChanged |= state.Remove(name);
        }

        return isChanged;
    }

    private async ValueTask FreeAsync(string name, CancellationToken ct) =>
        await DeleteAsync([.. await PartsOfAsync(name, ct).ConfigureAwait(false)], ct).ConfigureAwait(false);

    /// <summary>Where parts of a file may be: of those that are told of, and those that were about to be.</summary>
    private async ValueTask<IEnumerable<StorePath>> PartsOfAsync(string name, CancellationToken ct)
    {
        string[] keys = await ListAsync(CtaIngestLayout.Upload).ConfigureAwait(false);
        string[] paths = await ListAsync(CtaIngestLayout.Disassemble).ConfigureAwait(false);
        return keys.Concat(paths.Select(path => CtaIngestLayout.Parts + path)).Distinct(StringComparer.Ordinal)
            .Select(CtaIngestLayout.PlaceOf).OfType<StorePath>();

        async ValueTask<string[]> ListAsync(StorePath file) =>
            (await box.States.GetAsync(file, ct).ConfigureAwait(false)).TryGet(name, out ReadOnlyMemory<byte> json) ? CtaIngestEntry.PartsOf(json) ?? [] : [];
    }

    private async ValueTask DeleteAsync(IReadOnlyList<StorePath> parts, CancellationToken ct)
    {
        if (box.Inner.BulkDelete is not { } bulk || parts.Count < 2)
        {
            foreach (StorePath part in parts)
            {
                await box.Inner.DeleteAsync(part, ct).ConfigureAwait(false);
            }

            return;
        }

        foreach (StorePath[] some in parts.Chunk(bulk.MaxPaths))
        {
            if (await bulk.DeleteAsync(some, ct).ConfigureAwait(false) is [var failure, ..])
            {
                throw failure;
            }
        }
    }
}
