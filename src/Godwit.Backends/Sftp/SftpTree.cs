using System.Collections.Concurrent;
using Godwit.Backends.Local;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>
/// The tree below the root. The protocol knows no way to resolve a path without following links, so directories are looked at before
/// something below them is used: a link on the way is refused, never followed. What was seen is believed for a short while.
/// </summary>
internal sealed class SftpTree(SftpConnections connections, StorePath root, bool createRoot, bool follows = false)
{
    private const int MaxSeen = 4096;

    /// <summary>OpenSSH's server cuts whole paths here, its looks at such entries fail, and it leaves out what it cannot look at.</summary>
    private const int ServerPathBytes = 4096;

    private static readonly TimeSpan s_believed = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<StorePath, long> _seen = new();
    private readonly OneByOne _making = new();

    public SftpConnections Connections { get; } = connections;

    /// <summary>Where the tree begins on the server.</summary>
    public StorePath Root => root;

    /// <summary>Whether links are followed when reading, as far as they stay below the root.</summary>
    public bool Follows => follows;

    public ValueTask<SftpSession> SessionAsync(CancellationToken ct) => Connections.GetAsync(ct);

    /// <summary>The connection for a body; see <see cref="SftpConnections.GetForBodyAsync"/>.</summary>
    public ValueTask<SftpSession> SessionForBodyAsync(long bytes, CancellationToken ct) => Connections.GetForBodyAsync(bytes, ct);

    /// <summary>The whole path on the server.</summary>
    public byte[] Place(StorePath path) => [(byte)'/', .. root.Join(path).Bytes];

    /// <summary>Another name beside a path.</summary>
    public byte[] PlaceBeside(StorePath path, ReadOnlySpan<byte> name) => Place(path.Parent.Child(name));

    /// <summary>What is at a path, a link itself; null for nothing, and below what is no directory of this tree.</summary>
    public async Task<SftpAttributes?> LookAsync(SftpSession session, StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();

        // The root itself may be reached through a link.
        if (path.IsRoot)
        {
            return await session.FollowAsync(Place(path), path).WaitAsync(ct).ConfigureAwait(false);
        }

        return await OnTheWayAsync(session, path.Parent, ct).ConfigureAwait(false) is null
            ? await session.LookAsync(Place(path), path).WaitAsync(ct).ConfigureAwait(false)
            : null;
    }

    /// <summary>What is at a path, for reading, and its path without links; null for nothing.</summary>
    public async Task<SftpFound?> FindAsync(SftpSession session, StorePath path, CancellationToken ct)
    {
        SftpAttributes? found = await LookAsync(session, path, ct).ConfigureAwait(false);
        if (follows && found is null or { Kind: EntryKind.Link })
        {
            SftpFound? target = await SftpFollowing.FindAsync(this, session, path, ct).ConfigureAwait(false);
            return target ?? (found is { } link ? new SftpFound(path, link) : null);
        }

        return found is { } plain ? new SftpFound(path, plain) : null;
    }

    /// <summary>Opens a directory of this tree to be listed.</summary>
    /// <returns>Its handle, and its path without links.</returns>
    public async Task<(byte[] Handle, StorePath Real)> OpenDirectoryAsync(SftpSession session, StorePath path, CancellationToken ct)
    {
        SftpFound? found = await FindAsync(session, path, ct).ConfigureAwait(false);
        if (found is not { Attributes.Kind: EntryKind.Directory } directory)
        {
            throw found is null
                ? SftpErrors.Of(StoreErrorKind.NotFound, path, "could not be listed: nothing is there")
                : SftpErrors.Of(StoreErrorKind.Unsupported, path, "is not a directory and cannot be listed");
        }

        byte[] place = Place(directory.Real);
        if (place.Length + 1 + PartialName.MaxBytes >= ServerPathBytes)
        {
            throw SftpErrors.Of(
                StoreErrorKind.Unsupported, path, $"could not be listed: below a path of {place.Length} bytes the server may leave out long names");
        }

        Reply reply = await session.OpenDirectoryAsync(place).ConfigureAwait(false);
        return reply.Status is null ? (reply.Handle(), directory.Real) : throw SftpErrors.Translate(reply, "listed", path);
    }

    /// <summary>Makes sure that no link leads to a path: below one there may be something, but not in this store.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: one does.</exception>
    public async Task RefuseLinksAsync(SftpSession session, StorePath path, CancellationToken ct)
    {
        if (await OnTheWayAsync(session, path.Parent, ct).ConfigureAwait(false) is { Kind: EntryKind.Link } link)
        {
            throw FaultOf(link);
        }
    }

    /// <summary>Makes a directory and those missing above it. One at a time: many files of a new directory come at once.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: something else is in the way.</exception>
    public async Task MakeDirectoriesAsync(SftpSession session, StorePath directory, CancellationToken ct)
    {
        if (IsBelieved(directory))
        {
            return;
        }

        await _making.RunAsync(
            async () =>
            {
                while (await OnTheWayAsync(session, directory, ct).ConfigureAwait(false) is { } other)
                {
                    await MakeAsync(session, other.Kind is null ? other.Path : throw FaultOf(other), ct).ConfigureAwait(false);
                }

                return true;
            },
            ct).ConfigureAwait(false);
    }

    /// <summary>No longer believes in a directory: something below it was not there.</summary>
    public void Forget(StorePath directory)
    {
        for (StorePath above = directory; _seen.TryRemove(above, out _) && !above.IsRoot; above = above.Parent)
        {
        }
    }

    private bool IsBelieved(StorePath directory) =>
        _seen.TryGetValue(directory, out long since) && Connections.Time.GetElapsedTime(since) < s_believed;

    /// <summary>Looks at all directories of a path at once.</summary>
    /// <returns>The first that is none, with what it is instead, null for nothing; null when all are directories.</returns>
    private async Task<Other?> OnTheWayAsync(SftpSession session, StorePath directory, CancellationToken ct)
    {
        var unknown = new List<StorePath>();
        for (StorePath above = directory; !IsBelieved(above); above = above.Parent)
        {
            unknown.Add(above);
            if (above.IsRoot)
            {
                break;
            }
        }

        unknown.Reverse();
        Task<SftpAttributes?>[] looks =
            [.. unknown.Select(path => path.IsRoot ? session.FollowAsync(Place(path), path) : session.LookAsync(Place(path), path))];
        SftpAttributes?[] found = await Task.WhenAll(looks).WaitAsync(ct).ConfigureAwait(false);
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i]?.Kind != EntryKind.Directory)
            {
                return new Other(unknown[i], found[i] is { } something ? something.Kind ?? EntryKind.Other : null);
            }

            Believe(unknown[i]);
        }

        return null;
    }

    private static StoreException FaultOf(Other other) => SftpErrors.Of(StoreErrorKind.Unsupported, other.Path, other.Kind == EntryKind.Link
        ? "is a symbolic link where a directory belongs, and is not followed"
        : "is in the way: it is not a directory");

    private void Believe(StorePath directory)
    {
        if (_seen.Count >= MaxSeen)
        {
            _seen.Clear();
        }

        _seen[directory] = Connections.Time.GetTimestamp();
    }

    private async Task MakeAsync(SftpSession session, StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (path.IsRoot)
        {
            await MakeRootAsync(session).ConfigureAwait(false);
            return;
        }

        Reply made = await session.MakeDirectoryAsync(Place(path)).ConfigureAwait(false);
        if (made.Status != StatusCode.Ok && await session.LookAsync(Place(path), path).ConfigureAwait(false) is not { Kind: EntryKind.Directory })
        {
            throw SftpErrors.Translate(made, "made a directory", path);
        }
    }

    private async Task MakeRootAsync(SftpSession session)
    {
        if (!createRoot)
        {
            throw SftpErrors.Of(StoreErrorKind.NotFound, StorePath.Root, $"\"/{root}\" is not there");
        }

        var missing = new Stack<StorePath>();
        for (StorePath above = root; !above.IsRoot && await session.FollowAsync(Whole(above), above).ConfigureAwait(false) is null; above = above.Parent)
        {
            missing.Push(above);
        }

        foreach (StorePath above in missing)
        {
            Reply made = await session.MakeDirectoryAsync(Whole(above)).ConfigureAwait(false);
            if (made.Status != StatusCode.Ok && await session.FollowAsync(Whole(above), above).ConfigureAwait(false) is not { Kind: EntryKind.Directory })
            {
                throw SftpErrors.Translate(made, "made a directory", above);
            }
        }
    }

    private static byte[] Whole(StorePath path) => [(byte)'/', .. path.Bytes];

    /// <summary>What is where a directory belongs.</summary>
    private sealed record Other(StorePath Path, EntryKind? Kind);
}
