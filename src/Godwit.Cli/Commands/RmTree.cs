using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary>
/// Deletes a directory and everything below it, depth first, a page of a listing at a time. Links are deleted and never followed, and
/// one thing that cannot be deleted does not stop the others.
/// </summary>
/// <param name="store">The store; paths are looked up in it anew at each step, below its root.</param>
/// <param name="top">The directory.</param>
/// <param name="error">Where failures are told.</param>
internal sealed class RmTree(IStore store, StorePath top, TextWriter error)
{
    // Directories that cannot become empty: their own failure would only repeat that of what is in them.
    private readonly HashSet<StorePath> _kept = [];
    private ExitFacts _facts = new();

    /// <summary>Deletes it.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken ct)
    {
        var open = new Stack<(StorePath Directory, bool Emptied)>([(top, false)]);
        while (open.TryPop(out (StorePath Directory, bool Emptied) next))
        {
            if (next.Emptied)
            {
                await DeleteAsync(next.Directory, ct).ConfigureAwait(false);
                continue;
            }

            if (store.Limits.HidesLinks && !await IsFullAsync(next.Directory, ct).ConfigureAwait(false))
            {
                continue;
            }

            open.Push((next.Directory, true));
            foreach (StorePath below in await EmptyAsync(next.Directory, ct).ConfigureAwait(false))
            {
                open.Push((below, false));
            }
        }

        return _facts.Choose();
    }

    /// <summary>Deletes it as it is, which takes a link to a directory and leaves what it leads to. Whether it is a directory with something in it:
    /// where that is not certain, nobody goes in.</summary>
    private async Task<bool> IsFullAsync(StorePath directory, CancellationToken ct)
    {
        try
        {
            await store.DeleteAsync(directory, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.IsNotEmpty)
        {
            return true;
        }
        catch (StoreException e)
        {
            _facts = await _facts.ReportAsync(e, directory, error, store.Identity).ConfigureAwait(false);
            Keep(directory.Parent);
        }

        return false;
    }

    /// <summary>Deletes what is directly in a directory but for directories, which are returned.</summary>
    private async Task<List<StorePath>> EmptyAsync(StorePath directory, CancellationToken ct)
    {
        var directories = new List<StorePath>();
        try
        {
            ListPosition? position = null;
            do
            {
                StorePage page = await store.ListAsync(directory, position, ct).ConfigureAwait(false);
                position?.Dispose();
                position = page.Next;
                await DeletePageAsync(page, directory, directories, ct).ConfigureAwait(false);
            }
            while (position is not null);
        }
        catch (StoreException e)
        {
            _facts = await _facts.ReportAsync(e, directory, error, store.Identity).ConfigureAwait(false);
            Keep(directory);
        }

        return directories;
    }

    private async Task DeletePageAsync(StorePage page, StorePath directory, List<StorePath> directories, CancellationToken ct)
    {
        foreach (StoreEntry entry in page.Entries)
        {
            if (entry.Kind == EntryKind.Directory)
            {
                directories.Add(entry.Path);
            }
            else
            {
                await DeleteAsync(entry.Path, ct).ConfigureAwait(false);
            }
        }

        foreach (StoreException unreadable in page.Unreadable ?? [])
        {
            _facts = await _facts.ReportAsync(unreadable, directory, error, store.Identity).ConfigureAwait(false);
            Keep(directory);
        }
    }

    private async Task DeleteAsync(StorePath path, CancellationToken ct)
    {
        if (_kept.Contains(path))
        {
            Keep(path.Parent);
            return;
        }

        try
        {
            await store.DeleteAsync(path, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            _facts = await _facts.ReportAsync(e, path, error, store.Identity).ConfigureAwait(false);
            Keep(path.Parent);
        }
    }

    private void Keep(StorePath directory)
    {
        if (directory == top || directory.IsBelow(top))
        {
            _kept.Add(directory);
        }
    }
}
