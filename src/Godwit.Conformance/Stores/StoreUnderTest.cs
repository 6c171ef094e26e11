using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>A store during one proof: the directory to work below, and the steps that many proofs share.</summary>
/// <param name="store">The store.</param>
/// <param name="at">A directory that holds nothing but what the proof puts there.</param>
/// <param name="ct">Cancels the run.</param>
public sealed class StoreUnderTest(IStore store, StorePath at, CancellationToken ct)
{
    private readonly List<PartedUpload> _uploads = [];

    /// <summary>The store.</summary>
    public IStore Store { get; } = store;

    /// <summary>The proof's own directory.</summary>
    public StorePath At { get; } = at;

    /// <summary>Cancels the run.</summary>
    public CancellationToken Ct { get; } = ct;

    /// <summary>Bytes of a part that this store takes.</summary>
    internal int PartBytes => (int)Math.Max(Parts.Limits.MinBytes, 64);

    internal IPartedWrite Parts => Store.PartedWrite!;

    /// <summary>Whether a file may go in more than one part.</summary>
    internal bool HasSeveralParts => Parts.Limits.MaxParts > 1;

    /// <summary>How many calls at once the store bears.</summary>
    internal int Width => Math.Max(1, Store.Limits.DefaultConcurrency);

    internal StorePath Path(string name) => At.Join(StorePath.FromText(name));

    internal async Task<StoreEntry> WriteAsync(StorePath path, byte[] content, WriteOptions? options = null) =>
        await Store.WriteAsync(path, WriteSource.From(content), options ?? WriteOptions.Default, Ct).ConfigureAwait(false);

    internal Task<StoreEntry> WriteAsync(string name, byte[] content, WriteOptions? options = null) =>
        WriteAsync(Path(name), content, options);

    internal async Task<StoreEntry?> StatAsync(StorePath path) => await Store.StatAsync(path, Ct).ConfigureAwait(false);

    internal async Task<StoreEntry> PresentAsync(StorePath path) =>
        await StatAsync(path).ConfigureAwait(false) ?? throw new StoreCheckFailedException($"there is nothing at \"{path}\"");

    internal async Task<byte[]> ReadAsync(StorePath path)
    {
        StoreBody body = await Store.OpenReadAsync(path, Ct).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            return await DrainAsync(body.Content).ConfigureAwait(false);
        }
    }

    internal async Task<byte[]> ReadRangeAsync(StorePath path, string? version, long offset, long length)
    {
        Stream body = await Store.RangedRead!.OpenRangeAsync(path, version, offset, length, Ct).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            return await DrainAsync(body).ConfigureAwait(false);
        }
    }

    internal async Task<byte[]> DrainAsync(Stream body)
    {
        using var all = new MemoryStream();
        await body.CopyToAsync(all, Ct).ConfigureAwait(false);
        return all.ToArray();
    }

    /// <summary>The path holds a file of exactly these bytes, by every way of asking.</summary>
    internal async Task HoldsAsync(StorePath path, byte[] content)
    {
        StoreEntry entry = await PresentAsync(path).ConfigureAwait(false);
        Require.Same(EntryKind.File, entry.Kind, $"the kind of \"{path}\"");
        Require.Same(content.Length, entry.Length, $"the length of \"{path}\"");
        Require.SameBytes(content, await ReadAsync(path).ConfigureAwait(false), $"\"{path}\"");
    }

    internal async Task AbsentAsync(StorePath path)
    {
        StoreEntry? entry = await StatAsync(path).ConfigureAwait(false);
        Require.That(entry is null, $"there is something at \"{path}\", of {entry?.Length} bytes");
    }

    /// <summary>Nothing is left below the proof's directory but these.</summary>
    internal async Task OnlyLeftAsync(params StorePath[] expected)
    {
        List<StoreEntry> left = await ListTreeAsync(At).ConfigureAwait(false);
        foreach (StoreEntry entry in left)
        {
            Require.That(
                expected.Contains(entry.Path) || expected.Any(path => path.IsBelow(entry.Path)), $"\"{entry.Path}\" is left behind");
        }

        foreach (StorePath path in expected)
        {
            Require.That(left.Any(entry => entry.Path == path), $"\"{path}\" is not listed");
        }
    }

    /// <summary>All entries of a directory, over all pages. An absent directory has none.</summary>
    internal async Task<List<StoreEntry>> ListAsync(StorePath directory)
    {
        var entries = new List<StoreEntry>();
        ListPosition? position = null;
        try
        {
            do
            {
                StorePage page = await Store.ListAsync(directory, position, Ct).ConfigureAwait(false);
                Require.That(page.Unreadable is null or [], $"\"{directory}\" has entries that cannot be looked at");
                entries.AddRange(page.Entries);
                position = page.Next;
            }
            while (position is not null);
        }
        catch (StoreException failure) when (failure.Kind == StoreErrorKind.NotFound && position is null)
        {
        }

        return entries;
    }

    /// <summary>All entries below a directory, at any depth, without following links.</summary>
    internal async Task<List<StoreEntry>> ListTreeAsync(StorePath directory)
    {
        var all = new List<StoreEntry>();
        foreach (StoreEntry entry in await ListAsync(directory).ConfigureAwait(false))
        {
            all.Add(entry);
            if (entry.Kind == EntryKind.Directory)
            {
                all.AddRange(await ListTreeAsync(entry.Path).ConfigureAwait(false));
            }
        }

        return all;
    }

    /// <summary>Begins an upload, which is thrown away after the proof if it is still there.</summary>
    internal async Task<PartedUpload> BeginAsync(
        StorePath path, long? length, string? tag = null, WriteOptions? options = null)
    {
        tag ??= NewTag();
        PartedUpload upload = await Parts.BeginAsync(path, tag, length, options ?? WriteOptions.Default, Ct).ConfigureAwait(false);
        _uploads.Add(upload);
        return upload;
    }

    internal static string NewTag() => Guid.NewGuid().ToString("N");

    internal async Task<StoredPart> PartAsync(PartedUpload upload, int number, long offset, byte[] content, Checksum? expected = null) =>
        await Parts.WritePartAsync(upload, number, offset, WriteSource.From(content), expected, Ct).ConfigureAwait(false);

    /// <summary>Writes the parts of a content one after the other.</summary>
    internal async Task<List<StoredPart>> PartsAsync(PartedUpload upload, byte[] content, int partBytes)
    {
        var parts = new List<StoredPart>();
        partBytes = HasSeveralParts ? partBytes : Math.Max(1, content.Length);
        for (int offset = 0; offset < content.Length; offset += partBytes)
        {
            byte[] bytes = content[offset..Math.Min(content.Length, offset + partBytes)];
            parts.Add(await PartAsync(upload, parts.Count + 1, offset, bytes).ConfigureAwait(false));
        }

        return parts;
    }

    /// <summary>The number and offset of the last of two parts; of the only one where there can be no second.</summary>
    internal (int Number, int Offset) LastPart => HasSeveralParts ? (2, PartBytes) : (1, 0);

    /// <summary>Writes what stands before the last of two parts, if anything.</summary>
    internal async Task<List<StoredPart>> AllButLastAsync(PartedUpload upload, byte[] content) =>
        HasSeveralParts ? [await PartAsync(upload, 1, 0, content[..PartBytes]).ConfigureAwait(false)] : [];

    /// <summary>Writes the last of two parts.</summary>
    internal Task<StoredPart> LastAsync(PartedUpload upload, byte[] content) =>
        PartAsync(upload, LastPart.Number, LastPart.Offset, content[LastPart.Offset..]);

    /// <summary>Publishes, and when the answer is lost, asks first.</summary>
    internal async Task<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts)
    {
        StoreEntry? before = await StatAsync(upload.Path).ConfigureAwait(false);
        return await Passing.OnceAsync(
            () => Parts.CompleteAsync(upload, parts, Ct), () => ReplacedAsync(upload.Path, before)).ConfigureAwait(false);
    }

    /// <summary>Writes a whole file by parts.</summary>
    internal async Task<StoreEntry> WriteByPartsAsync(StorePath path, byte[] content, int partBytes, WriteOptions? options = null)
    {
        PartedUpload upload = await BeginAsync(path, content.Length, options: options).ConfigureAwait(false);
        return await CompleteAsync(upload, await PartsAsync(upload, content, partBytes).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Renames, and when the answer is lost, asks first.</summary>
    internal async Task RenameAsync(StorePath from, StorePath to, bool createOnly = false)
    {
        await Passing.OnceAsync(
            async () =>
            {
                await Store.Rename!.RenameAsync(from, to, createOnly, Ct).ConfigureAwait(false);
                return new StoreEntry { Path = to, Kind = EntryKind.File };
            },
            async () => await StatAsync(from).ConfigureAwait(false) is null ? await StatAsync(to).ConfigureAwait(false) : null)
            .ConfigureAwait(false);
    }

    /// <summary>Copies within the store, and when the answer is lost, asks first.</summary>
    internal async Task<StoreEntry> CopyAsync(StorePath from, string? version, StorePath to, WriteOptions? options = null)
    {
        StoreEntry? before = await StatAsync(to).ConfigureAwait(false);
        return await Passing.OnceAsync(
            () => Store.ServerCopy!.CopyAsync(Store.Identity, from, version, to, options ?? WriteOptions.Default, Ct),
            () => ReplacedAsync(to, before)).ConfigureAwait(false);
    }

    /// <summary>Lets the store fetch from itself into an upload.</summary>
    internal async Task<StoredPart> PullAsync(StorePath from, PartedUpload upload)
    {
        StoredPart? part = null;
        await Passing.RepeatAsync(async () => part = await Store.ThirdPartyCopy!
            .PullAsync(Store.ThirdPartySource!, from, upload, null, Ct).ConfigureAwait(false)).ConfigureAwait(false);
        return part!;
    }

    /// <summary>Runs work for each item, as many at once as the store bears.</summary>
    internal Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> work) => Parallel.ForEachAsync(
        items,
        new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = Ct },
        async (item, _) => await work(item).ConfigureAwait(false));

    /// <summary>Takes away all that the proof made: uploads, then files and links, then directories from the deepest.</summary>
    internal async Task CleanAsync()
    {
        foreach (PartedUpload upload in _uploads)
        {
            await Parts.AbortAsync(upload, Ct).ConfigureAwait(false);
        }

        List<StoreEntry> all = await ListTreeAsync(At).ConfigureAwait(false);
        await DeleteAsync([.. all.Where(entry => entry.Kind != EntryKind.Directory).Select(entry => entry.Path)]).ConfigureAwait(false);
        foreach (StoreEntry directory in all.Where(entry => entry.Kind == EntryKind.Directory).Reverse())
        {
            await Store.DeleteAsync(directory.Path, Ct).ConfigureAwait(false);
        }

        await Store.DeleteAsync(At, Ct).ConfigureAwait(false);
    }

    private async Task DeleteAsync(StorePath[] files)
    {
        if (Store.BulkDelete is not { } bulk)
        {
            await ForEachAsync(files, async file => await Store.DeleteAsync(file, Ct).ConfigureAwait(false)).ConfigureAwait(false);
            return;
        }

        foreach (StorePath[] batch in files.Chunk(bulk.MaxPaths))
        {
            if (await bulk.DeleteAsync(batch, Ct).ConfigureAwait(false) is [{ } failure, ..])
            {
                throw failure;
            }
        }
    }

    private async Task<StoreEntry?> ReplacedAsync(StorePath path, StoreEntry? before)
    {
        StoreEntry? now = await StatAsync(path).ConfigureAwait(false);
        return now is not null && (before is null || now.Version != before.Version) ? now : null;
    }
}
