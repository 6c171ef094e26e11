using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Tells the space that is left, by an extension of OpenSSH.</summary>
internal sealed class SftpSpace(SftpTree tree) : IFreeSpace
{
    private const string OfHandle = "fstatvfs@openssh.com";

    public async ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        for (StorePath path = directory; ; path = path.Parent)
        {
            SftpAttributes? found = await tree.LookAsync(session, path, ct).ConfigureAwait(false);
            if (found is { Kind: EntryKind.Directory } || path.IsRoot)
            {
                // The root itself need not be there yet.
                byte[] place = tree.Place(path);
                while (place.Length > 1 && await session.FollowAsync(place, path).ConfigureAwait(false) is null)
                {
                    place = place[..Math.Max(1, Array.LastIndexOf(place, (byte)'/'))];
                }

                return await AskAsync(session, PacketBuilder.Extended(Extension.Space).String(place), path).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The error of a write that failed. OpenSSH says only that it did; a file system without room tells the rest.</summary>
    public static async Task<StoreException> ExplainAsync(SftpSession session, byte[] handle, Reply reply, long bytes, StorePath path)
    {
        StoreException told = SftpErrors.Translate(reply, "written", path);
        if (SftpErrors.Meant(reply) != StatusCode.Failure || !session.Extensions.Contains(OfHandle))
        {
            return told;
        }

        FreeSpace space = await AskAsync(session, PacketBuilder.Extended(OfHandle).String(handle), path).ConfigureAwait(false);
        return space.FreeBytes < bytes || space.FreeFiles == 0
            ? SftpErrors.Of(StoreErrorKind.QuotaExceeded, path, "could not be written: no space is left on the server's file system")
            : told;
    }

    private static async Task<FreeSpace> AskAsync(SftpSession session, PacketBuilder request, StorePath path)
    {
        Reply reply = await session.SendAsync(request).ConfigureAwait(false);
        return reply.Type == PacketType.ExtendedReply ? Read(reply.Body.Span) : throw SftpErrors.Translate(reply, "asked for its free space", path);
    }

    /// <summary>The fields of <c>statvfs</c>, as the extension has them.</summary>
    private static FreeSpace Read(ReadOnlySpan<byte> facts)
    {
        var reader = new PacketReader(facts);
        _ = reader.UInt64();
        ulong unit = reader.UInt64();
        (ulong blocks, _, ulong available) = (reader.UInt64(), reader.UInt64(), reader.UInt64());
        (ulong files, _, ulong freeFiles) = (reader.UInt64(), reader.UInt64(), reader.UInt64());
        return new FreeSpace(Bytes(available, unit), Bytes(blocks, unit), files == 0 ? null : (long)Math.Min(freeFiles, long.MaxValue));
    }

    private static long Bytes(ulong blocks, ulong unit) => (long)UInt128.Min((UInt128)blocks * unit, long.MaxValue);
}
