using Godwit.Backends.Sftp.Wire;
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
            byte[] home = await session.RealPathAsync([(byte)'.']).ConfigureAwait(false)
                ?? throw new StoreException(StoreErrorKind.Unsupported, "The server does not say where the account's own directory is. Write a whole path.");
            whole = [.. home, (byte)'/', .. written];
        }

        StorePath path = Plain(whole);
        StorePath missing = StorePath.Root;
        for (StorePath there = path; ; there = there.Parent)
        {
            byte[] place = [(byte)'/', .. there.Bytes];
            SftpAttributes? found = there.IsRoot ? null : await session.FollowAsync(place, there).ConfigureAwait(false);
            if (found is not null || there.IsRoot)
            {
                byte[]? real = there.IsRoot ? null : await session.RealPathAsync(place).ConfigureAwait(false);
                return (real is null ? there : Plain(real)).Join(missing);
            }

            missing = StorePath.FromBytes(there.Name).Join(missing);
        }
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
