using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>What is at a path, for reading.</summary>
/// <param name="Real">Where it is: below the root, and without links.</param>
/// <param name="Attributes">What is there.</param>
internal readonly record struct SftpFound(StorePath Real, SftpAttributes Attributes);

/// <summary>
/// Follows links step by step, here and not on the server, which would follow them out of the root. Each name is looked at and each target
/// read, as the protocol knows no other way; only paths with a link on them pay for it.
/// </summary>
internal sealed class SftpFollowing
{
    /// <summary>Links followed on one path at most, as in the kernel.</summary>
    private const int MaxLinks = 40;

    private readonly SftpTree _tree;
    private readonly SftpSession _session;
    private readonly CancellationToken _ct;
    private readonly Stack<byte[]> _pending = [];
    private StorePath _real = StorePath.Root;
    private SftpAttributes? _found;
    private int _links;

    private SftpFollowing(SftpTree tree, SftpSession session, StorePath path, CancellationToken ct)
    {
        (_tree, _session, _ct) = (tree, session, ct);
        Push(path.Bytes);
    }

    /// <summary>Resolves every link of a path, the last segment's too.</summary>
    /// <returns>Null where one leads out of the root, nowhere or round.</returns>
    public static async Task<SftpFound?> FindAsync(SftpTree tree, SftpSession session, StorePath path, CancellationToken ct)
    {
        var walk = new SftpFollowing(tree, session, path, ct);
        return await walk.ArrivesAsync().ConfigureAwait(false) && walk._found is { } found ? new SftpFound(walk._real, found) : null;
    }

    /// <summary>What a link in a listing stands for; null where it is shown as a link: it leads out, nowhere or round, or to a directory that
    /// it is in itself, which would be walked for ever.</summary>
    public static async Task<SftpAttributes?> TryEnterAsync(SftpTree tree, SftpSession session, StorePath path)
    {
        if (await FindAsync(tree, session, path, CancellationToken.None).ConfigureAwait(false) is not { } target)
        {
            return null;
        }

        bool isRound = target.Attributes.Kind == EntryKind.Directory && await IsAboveAsync(tree, session, target.Real, path.Parent).ConfigureAwait(false);
        return isRound ? null : target.Attributes;
    }

    private static async Task<bool> IsAboveAsync(SftpTree tree, SftpSession session, StorePath directory, StorePath path)
    {
        for (StorePath above = path; ; above = above.Parent)
        {
            if (await tree.FindAsync(session, above, CancellationToken.None).ConfigureAwait(false) is not { } found || found.Real == directory)
            {
                return true;
            }

            if (above.IsRoot)
            {
                return false;
            }
        }
    }

    private async Task<bool> ArrivesAsync()
    {
        await LookHereAsync().ConfigureAwait(false);
        while (_pending.TryPop(out byte[]? segment))
        {
            bool goesOn = segment.AsSpan().SequenceEqual(".."u8) ? await GoUpAsync().ConfigureAwait(false) : await GoDownAsync(segment).ConfigureAwait(false);
            if (!goesOn)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> GoUpAsync()
    {
        bool isInside = !_real.IsRoot;
        _real = _real.Parent;
        await LookHereAsync().ConfigureAwait(false);
        return isInside;
    }

    private async Task<bool> GoDownAsync(byte[] segment)
    {
        StorePath next = _real.Child(segment);
        if (_found?.Kind != EntryKind.Directory || await LookAsync(next).ConfigureAwait(false) is not { } there)
        {
            return false;
        }

        if (there.Kind == EntryKind.Link)
        {
            return await FollowAsync(next).ConfigureAwait(false);
        }

        (_real, _found) = (next, there);
        return true;
    }

    private async Task<bool> FollowAsync(StorePath link)
    {
        byte[]? target = ++_links > MaxLinks ? null : await _session.TargetAsync(_tree.Place(link)).WaitAsync(_ct).ConfigureAwait(false);
        if (target is null || !TryEnter(target))
        {
            return false;
        }

        await LookHereAsync().ConfigureAwait(false);
        return true;
    }

    private async Task LookHereAsync() => _found = await LookAsync(_real).ConfigureAwait(false);

    /// <summary>What is at a path that has no link before its last segment; the root itself may be one.</summary>
    private Task<SftpAttributes?> LookAsync(StorePath path) =>
        (path.IsRoot ? _session.FollowAsync(_tree.Place(path), path) : _session.LookAsync(_tree.Place(path), path)).WaitAsync(_ct);

    /// <summary>Goes on along a target: from the root where it is written whole.</summary>
    /// <returns>False where it leads elsewhere.</returns>
    private bool TryEnter(ReadOnlySpan<byte> target)
    {
        if (target.StartsWith("/"u8))
        {
            ReadOnlySpan<byte> prefix = _tree.Root.IsRoot ? [] : [(byte)'/', .. _tree.Root.Bytes];
            ReadOnlySpan<byte> rest = target[Math.Min(prefix.Length, target.Length)..];
            if (!target.StartsWith(prefix) || !(rest.IsEmpty || rest[0] == (byte)'/'))
            {
                return false;
            }

            _real = StorePath.Root;
            target = rest;
        }

        Push(target);
        return true;
    }

    private void Push(ReadOnlySpan<byte> path)
    {
        var segments = new List<byte[]>();
        foreach (Range range in path.Split((byte)'/'))
        {
            if (path[range] is not ([] or [(byte)'.']))
            {
                segments.Add(path[range].ToArray());
            }
        }

        for (int i = segments.Count - 1; i >= 0; i--)
        {
            _pending.Push(segments[i]);
        }
    }
}
