using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary>
/// Deletes everything below a directory of a store that keeps no directories: many files in each call, and then the objects that stand for
/// directories. One thing that cannot be deleted does not stop the others.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="listing">Its listing of all that lies below.</param>
/// <param name="bulk">How it deletes many.</param>
/// <param name="error">Where failures are told.</param>
internal sealed class RmBelow(IStore store, IFlatListing listing, IBulkDelete bulk, TextWriter error)
{
    private readonly List<StorePath> _markers = [];
    private ExitFacts _facts = new();

    /// <summary>Deletes what lies below, and what stands for the directory itself.</summary>
    public async Task<ExitCode> RunAsync(StorePath top, CancellationToken ct)
    {
        try
        {
            ListPosition? position = null;
            do
            {
                StorePage page = await listing.ListBelowAsync(top, position, ct).ConfigureAwait(false);
                position?.Dispose();
                position = page.Next;
                await DeleteAsync(page, top, ct).ConfigureAwait(false);
            }
            while (position is not null);
        }
        catch (StoreException e)
        {
            _facts = await _facts.ReportAsync(e, top, error, store.Identity).ConfigureAwait(false);
            return _facts.Choose();
        }

        _markers.Reverse();
        foreach (StorePath marker in (StorePath[])[.. _markers, top])
        {
            await DeleteMarkerAsync(marker, ct).ConfigureAwait(false);
        }

        return _facts.Choose();
    }

    private async Task DeleteAsync(StorePage page, StorePath top, CancellationToken ct)
    {
        _markers.AddRange(page.Entries.Where(entry => entry.Kind == EntryKind.Directory).Select(entry => entry.Path));
        IEnumerable<StorePath> files = page.Entries.Where(entry => entry.Kind != EntryKind.Directory).Select(entry => entry.Path);
        foreach (StorePath[] batch in files.Chunk(bulk.MaxPaths))
        {
            foreach (StoreException failure in await bulk.DeleteAsync(batch, ct).ConfigureAwait(false))
            {
                _facts = await _facts.ReportAsync(failure, failure.Path ?? top, error, store.Identity).ConfigureAwait(false);
            }
        }

        foreach (StoreException unreadable in page.Unreadable ?? [])
        {
            _facts = await _facts.ReportAsync(unreadable, top, error, store.Identity).ConfigureAwait(false);
        }
    }

    private async Task DeleteMarkerAsync(StorePath marker, CancellationToken ct)
    {
        try
        {
            await store.DeleteAsync(marker, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            _facts = await _facts.ReportAsync(e, marker, error, store.Identity).ConfigureAwait(false);
        }
    }
}
