using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Opens files to be read, whole or by ranges of a pinned version.</summary>
/// <remarks>
/// From a GridFTP server a file is fetched from its start, piece by piece, each a transfer of its own that ends cleanly: libgfal2 does so when a file
/// is opened for reading and writing. Opened for reading alone, as a large file is that is read to its end, one transfer of the whole begins; to go
/// elsewhere or to end early it would have to be broken off, which now and then ends the process (libgfal2 2.21: one time in a hundred).
/// </remarks>
internal sealed class GfalRead(GfalTree tree) : IRangedRead
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;

    /// <summary>What all bodies of a store have in memory, but for a little of each.</summary>
    private const long AllBytes = 48 << 20;

    private const int LeastPiece = 256 << 10;
    private const int MostPiece = 4 << 20;

    /// <summary>From here on a file that is read whole is one transfer.</summary>
    private const long LargeBytes = 32 << 20;

    private int _bodies;

    public async ValueTask<StoreBody> OpenAsync(StorePath path, CancellationToken ct)
    {
        (StoreEntry entry, Stream content) = await OpenBodyAsync(path, null, (0, long.MaxValue), ct).ConfigureAwait(false);
        return new StoreBody(entry, content);
    }

    public async ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (offset < 0 || length < 0)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, path, $"has no range of {length} bytes at {offset}");
        }

        return (await OpenBodyAsync(path, version, (offset, length), ct).ConfigureAwait(false)).Content;
    }

    private async Task<(StoreEntry Entry, Stream Content)> OpenBodyAsync(
        StorePath path, string? version, (long Offset, long Length) range, CancellationToken ct)
    {
        byte[] url = tree.Url(path);
        GfalLane lane = await tree.Workers.RentAsync(ct).ConfigureAwait(false);
        try
        {
            GfalReply looked = await lane.AskAsync(new Frame(Verb.Look).Bytes(url), ct).ConfigureAwait(false);
            Facts facts = tree.FactsOf(looked, path)
                ?? throw GfalErrors.Of(StoreErrorKind.NotFound, path, $"could not be opened on {tree.Server}: nothing is there");
            StoreEntry entry = GfalEntries.From(path, facts);
            if (entry.Kind != EntryKind.File)
            {
                throw GfalErrors.Of(StoreErrorKind.Unsupported, path, $"is a {entry.Kind} and not a file");
            }

            if (version is not null && entry.Version != version)
            {
                throw GfalErrors.Of(StoreErrorKind.PreconditionFailed, path, "is another version now");
            }

            long start = Math.Min(range.Offset, entry.Length);
            return (entry, Body(lane, path, url, (start, start + Math.Min(range.Length, entry.Length - start)), facts));
        }
        catch
        {
            await lane.ReturnAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A body of a file that was looked at.</summary>
    /// <param name="lane">Given back with it.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="url">Its address.</param>
    /// <param name="range">Its bytes.</param>
    /// <param name="opened">What the file must still be at the end; null does not look.</param>
    public Stream Body(GfalLane lane, StorePath path, byte[] url, (long Start, long End) range, Facts? opened)
    {
        int bodies = Interlocked.Increment(ref _bodies);
        int piece = (int)Math.Clamp(AllBytes / (2 * bodies), LeastPiece, MostPiece);
        var asking = new GfalPieces(tree, lane, url, path);
        bool isOneTransfer = !tree.Server.IsXrootd && range.Start == 0 && range.End >= LargeBytes && (opened is null || range.End == opened.Value.Length);
        if (range.End > range.Start)
        {
            asking.Open(tree.Server.IsXrootd || isOneTransfer ? ReadOnly : ReadWrite, range.Start, isOneTransfer);
        }

        return new GfalBody(asking, range, opened, piece, () => Interlocked.Decrement(ref _bodies));
    }
}
