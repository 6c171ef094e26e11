using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Finds the whole path of a root, links resolved as far as it is there: two ways to write one place lead to one store.</summary>
internal static class SftpRoot
{
    /// <summary>The root's whole path.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="written">As it was written; relative to where the server puts the account unless it begins with <c>/</c>.</param>
    public static async Task<StorePath> ResolveAsync(SftpSession session, byte[] written)
    {
        byte[] whole = written;
        if (written is not [(byte)'/', ..])
        {
            byte[] home = await session.HomeAsync().ConfigureAwait(false)
                ?? throw new StoreException(StoreErrorKind.Unsupported, "The server does not say where the account's own directory is. Write a whole path.");
            whole = [.. home, (byte)'/', .. written];
        }

        // All at once: on a long line each question that waits for the one before is felt.
        StorePath path = Plain(whole);
        (StorePath Path, Task<byte[]?> Real)[] above = [.. UpFrom(path).Select(one => (one, RealAsync(session, one)))];
        await ((Task)Task.WhenAll(above.Select(one => one.Real))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach ((StorePath there, Task<byte[]?> asked) in above)
        {
            if (await asked.ConfigureAwait(false) is { } real)
            {
                return Plain(real).Join(path.RelativeTo(there));
            }
        }

        return path;
    }

    /// <summary>A path and all above it but the top, which is always there.</summary>
    private static IEnumerable<StorePath> UpFrom(StorePath path)
    {
        for (StorePath above = path; !above.IsRoot; above = above.Parent)
        {
            yield return above;
        }
    }

    /// <summary>The path without links; null where nothing is there.</summary>
    private static async Task<byte[]?> RealAsync(SftpSession session, StorePath path)
    {
        byte[] place = [(byte)'/', .. path.Bytes];
        Task<byte[]?> real = session.RealPathAsync(place);
        return await session.FollowAsync(place, path).ConfigureAwait(false) is null ? null : await real.ConfigureAwait(false) ?? place;
    }

    /// <summary>A path without empty segments, <c>.</c> and <c>..</c>.</summary>
    private static StorePath Plain(byte[] whole)
    {
        StorePath path = StorePath.Root;
        foreach (Range segment in whole.AsSpan().Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = whole.AsSpan()[segment];
            path = name.SequenceEqual(".."u8) ? path.Parent : name.IsEmpty || name.SequenceEqual("."u8) ? path : path.Child(name);
        }

        return path;
    }
}
