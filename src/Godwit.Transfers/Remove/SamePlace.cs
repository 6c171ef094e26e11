using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Move;

namespace Godwit.Transfers.Remove;

/// <summary>
/// Finds out, before anything is written or deleted, whether the two sides are one place or one lies inside the other: one bucket behind two names
/// of its server, one directory that is also served by SFTP, from a root of its own or through a mount. Names cannot tell; a file of our own can,
/// that is written to the one and looked for in the other. A part that has another name on each side (a mount point) is not found.
/// </summary>
internal sealed class SamePlace(IStore source, IStore destination, TimeProvider time)
{
    private const string Content = "Godwit looks whether two addresses are one place, and takes this file away again. It may be deleted.\n";

    private static readonly TimeSpan s_removing = TimeSpan.FromSeconds(30);

    /// <summary>Why no tree may be copied, because what is read would be written to; null when it may. The source is never written to.</summary>
    /// <param name="deletes">Whether the destination is also made to lack what the source lacks.</param>
    /// <param name="ct">Cancels the call; what was written is removed all the same.</param>
    /// <exception cref="StoreException">It cannot be found out, or what was written for it cannot be removed.</exception>
    public async Task<string?> RefusesNestedAsync(bool deletes, CancellationToken ct)
    {
        if (source.Identity.HasOtherFormThan(destination.Identity))
        {
            return AroundEachOther();
        }

        foreach (StorePath below in await PlacesInAsync(source, destination.Identity.Root, ct).ConfigureAwait(false))
        {
            StorePath name = OwnNames.NewQuestion();
            if (await IsSeenAsync(new Mark(destination, name, source, below.Join(name)), mayFail: !deletes, ct).ConfigureAwait(false) == true)
            {
                return $"{destination.Identity} lies inside {source.Identity}, which is the same store under another name: the copy would be copied again";
            }
        }

        foreach (StorePath below in await PlacesInAsync(destination, source.Identity.Root, ct).ConfigureAwait(false))
        {
            StorePath name = OwnNames.NewQuestion();
            if ((deletes || await LookAsync(source, FirstName(below), ct).ConfigureAwait(false) is { Kind: EntryKind.Directory })
                && await IsSeenAsync(new Mark(destination, below.Join(name), source, name), mayFail: !deletes, ct).ConfigureAwait(false) == true)
            {
                return $"{source.Identity} lies inside {destination.Identity}, which is the same store under another name: "
                    + "what is written or deleted there would be the source's";
            }
        }

        return null;
    }

    /// <summary>Why the source's files may not be deleted once they arrived; null when they may. Both are written to; where one cannot
    /// be, the other alone.</summary>
    /// <inheritdoc cref="RefusesNestedAsync" path="/param|/exception"/>
    public async Task<string?> RefusesMoveAsync(CancellationToken ct)
    {
        if (ByName() is { } known)
        {
            return known ? Told(source, destination) : null;
        }

        // Both ways: a mount that keeps its listings for a while does not show what was written beside it.
        StorePath name = OwnNames.NewQuestion();
        bool? there = await IsSeenAsync(new Mark(source, name, destination, name), mayFail: true, ct).ConfigureAwait(false);
        bool isOne = there == true
            || await IsSeenAsync(new Mark(destination, name, source, name), mayFail: there is not null, ct).ConfigureAwait(false) == true;
        return isOne ? Told(source, destination) : null;
    }

    /// <summary>Why nothing may be deleted at the destination; null when it may. The source is never written to.</summary>
    /// <inheritdoc cref="RefusesNestedAsync" path="/param|/exception"/>
    public async Task<string?> RefusesDeletingAsync(CancellationToken ct)
    {
        StorePath name = OwnNames.NewQuestion();
        bool isOne = ByName() ?? await IsSeenAsync(new Mark(destination, name, source, name), mayFail: false, ct).ConfigureAwait(false) == true;
        return isOne ? Told(destination, source) : null;
    }

    /// <summary>One root of one space is one place. Two may be so too, through a mount, but for stores without directories, whose names are all
    /// there is; null where only a look tells.</summary>
    private bool? ByName() => source.Identity.HasOtherFormThan(destination.Identity) ? false
        : source.Identity.Space != destination.Identity.Space ? null
        : source.Identity.Root == destination.Identity.Root ? true
        : source.Directories is null ? false
        : null;

    /// <summary>Why no tree may be copied between a store and one that is kept in another: what is written for the one would be among the files of the
    /// other. Only names are asked: nothing can be written to such a store that the other one would show under the same name.</summary>
    private string? AroundEachOther() => source.Identity.Innermost.Overlaps(destination.Identity.Innermost)
        ? $"{source.Identity} and {destination.Identity} lie in each other: what belongs to the one would be a file of the other"
        : null;

    /// <summary>Where a root may be in another store: the end of its path is there, from some name on.</summary>
    private static async Task<IReadOnlyList<StorePath>> PlacesInAsync(IStore store, StorePath root, CancellationToken ct)
    {
        List<StorePath> ends = [];
        for (StorePath end = root; !end.IsRoot; end = WithoutFirst(end))
        {
            ends.Add(end);
        }

        StoreEntry?[] found = await Task.WhenAll(ends.Select(end => GuessAsync(store, end, ct))).ConfigureAwait(false);
        return [.. ends.Where((_, i) => found[i] is { Kind: EntryKind.Directory })];
    }

    /// <summary>Looks for what is only guessed to be there. A store that does not answer says so better when it is listed, and of a place that
    /// somebody named.</summary>
    private static async Task<StoreEntry?> GuessAsync(IStore store, StorePath path, CancellationToken ct)
    {
        try
        {
            return await store.StatAsync(path, ct).ConfigureAwait(false);
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>Whether what is written to one store under a name that nobody else has is then in another; null where it cannot be written and
    /// may fail.</summary>
    private async Task<bool?> IsSeenAsync(Mark mark, bool mayFail, CancellationToken ct)
    {
        bool isWritten = false;
        try
        {
            var content = WriteSource.From(Encoding.UTF8.GetBytes(Content));
            await mark.In.WriteAsync(mark.Path, content, new WriteOptions { CreateOnly = true }, ct).ConfigureAwait(false);
            isWritten = true;
            return await LookAsync(mark.LookedForIn, mark.LookedForAt, ct).ConfigureAwait(false) is not null;
        }
        catch (StoreException) when (mayFail && !isWritten)
        {
            // Who may delete may nearly always write; not on a full disk.
            return null;
        }
        finally
        {
            // Also after a failed write: only its answer may have been lost.
            await RemoveAsync(mark, isWritten).ConfigureAwait(false);
        }
    }

    private async Task RemoveAsync(Mark mark, bool isWritten)
    {
        using var limit = new CancellationTokenSource(s_removing, time);
        try
        {
            await mark.In.DeleteAsync(mark.Path, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            if (isWritten)
            {
                StoreErrorKind kind = (e as StoreException)?.Kind ?? StoreErrorKind.TimedOut;
                throw new StoreException(kind, $"It was written to find out whether both sides are one place, and cannot be deleted: {e.Message}", e)
                {
                    Path = mark.Path,
                };
            }
        }
    }

    private static async Task<StoreEntry?> LookAsync(IStore store, StorePath path, CancellationToken ct)
    {
        try
        {
            return await store.StatAsync(path, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.Unsupported or StoreErrorKind.InvalidRequest)
        {
            // The root is not there yet, a file stands in its place, or no such name can be.
            return null;
        }
    }

    private static StorePath FirstName(StorePath path)
    {
        int slash = path.Bytes.IndexOf((byte)'/');
        return slash < 0 ? path : StorePath.FromBytes(path.Bytes[..slash]);
    }

    private static StorePath WithoutFirst(StorePath path)
    {
        int slash = path.Bytes.IndexOf((byte)'/');
        return slash < 0 ? StorePath.Root : StorePath.FromBytes(path.Bytes[(slash + 1)..]);
    }

    private static string Told(IStore deleting, IStore other) =>
        $"{deleting.Identity} and {other.Identity} are one and the same place under two names: what is deleted there would be gone from both";

    private sealed record Mark(IStore In, StorePath Path, IStore LookedForIn, StorePath LookedForAt);
}
