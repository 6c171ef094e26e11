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
internal static class SftpFollowing
{
    /// <summary>Links followed on one path at most, as in the kernel.</summary>
    private const int MaxLinks = 40;

    /// <summary>Resolves every link of a path, the last segment's too.</summary>
    /// <returns>Null where one leads out of the root, nowhere or round.</returns>
    public static async Task<SftpFound?> FindAsync(SftpTree tree, SftpSession session, StorePath path, CancellationToken ct)
    {
        Stack<byte[]> pending = [];
        Push(pending, path.Bytes);
        StorePath real = StorePath.Root;
        SftpAttributes? found = await LookAsync(tree, session, real, ct).ConfigureAwait(false);
        for (int links = 0; pending.TryPop(out byte[]? segment);)
        {
            if (segment.AsSpan().SequenceEqual(".."u8))
            {
                if (real.IsRoot)
                {
                    return null;
                }

                real = real.Parent;
                found = await LookAsync(tree, session, real, ct).ConfigureAwait(false);
                continue;
            }

            StorePath next = real.Child(segment);
            if (found?.Kind != EntryKind.Directory || await LookAsync(tree, session, next, ct).ConfigureAwait(false) is not { } there)
            {
                return null;
            }

            if (there.Kind != EntryKind.Link)
            {
                (real, found) = (next, there);
                continue;
            }

            byte[]? target = ++links > MaxLinks ? null : await session.TargetAsync(tree.Place(next)).WaitAsync(ct).ConfigureAwait(false);
            if (target is null || !TryEnter(tree, target, pending, ref real))
            {
                return null;
            }

            found = await LookAsync(tree, session, real, ct).ConfigureAwait(false);
        }

        return found is { } last ? new SftpFound(real, last) : null;
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

    /// <summary>What is at a path that has no link before its last segment; the root itself may be one.</summary>
    private static Task<SftpAttributes?> LookAsync(SftpTree tree, SftpSession session, StorePath path, CancellationToken ct) =>
        (path.IsRoot ? session.FollowAsync(tree.Place(path), path) : session.LookAsync(tree.Place(path), path)).WaitAsync(ct);

    /// <summary>Goes on along a target: from the root where it is written whole.</summary>
    /// <returns>False where it leads elsewhere.</returns>
    private static bool TryEnter(SftpTree tree, ReadOnlySpan<byte> target, Stack<byte[]> pending, ref StorePath real)
    {
        if (target.StartsWith("/"u8))
        {
            ReadOnlySpan<byte> prefix = tree.Root.IsRoot ? [] : [(byte)'/', .. tree.Root.Bytes];
            ReadOnlySpan<byte> rest = target[Math.Min(prefix.Length, target.Length)..];
            if (!target.StartsWith(prefix) || !(rest.IsEmpty || rest[0] == (byte)'/'))
            {
                return false;
            }

            real = StorePath.Root;
            target = rest;
        }

        Push(pending, target);
        return true;
    }

    private static void Push(Stack<byte[]> pending, ReadOnlySpan<byte> path)
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
            pending.Push(segments[i]);
        }
    }
}
