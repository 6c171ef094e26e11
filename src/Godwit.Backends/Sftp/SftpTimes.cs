using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Sets modification times. A link's own time takes an extension of OpenSSH.</summary>
internal sealed class SftpTimes(SftpTree tree) : ISettableTime
{
    private const string Action = "given its time";

    public async ValueTask SetAsync(StorePath path, Timestamp modified, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        SftpAttributes found = await tree.LookAsync(session, path, ct).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, path, $"could not be {Action}: nothing is there");
        (uint, uint) times = (found.Accessed ?? SftpEntries.Seconds(modified), SftpEntries.Seconds(modified));
        byte[] place = tree.Place(path);
        if (found.Kind == EntryKind.Link && !session.Extensions.Contains(Extension.SetLinkStat))
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, path, $"could not be {Action}: the server sets no times of links themselves");
        }

        if (found.Kind == EntryKind.Link || (!path.IsRoot && session.Extensions.Contains(Extension.SetLinkStat)))
        {
            (await SetItselfAsync(session, place, times).ConfigureAwait(false)).RequireOk(Action, path);
            return;
        }

        Reply set = await session.SendAsync(
            new PacketBuilder(PacketType.SetStat, place.Length + 64).String(place).Attributes(times: times)).ConfigureAwait(false);
        set.RequireOk(Action, path);
    }

    /// <summary>Sets the time of a link that was just made; where the server cannot, the link has the time at which it was made.</summary>
    public static async Task SetOfLinkAsync(SftpSession session, byte[] place, Timestamp modified, StorePath path)
    {
        if (session.Extensions.Contains(Extension.SetLinkStat))
        {
            uint seconds = SftpEntries.Seconds(modified);
            (await SetItselfAsync(session, place, (seconds, seconds)).ConfigureAwait(false)).RequireOk(Action, path);
        }
    }

    private static Task<Reply> SetItselfAsync(SftpSession session, byte[] place, (uint, uint) times) =>
        session.SendAsync(PacketBuilder.Extended(Extension.SetLinkStat).String(place).Attributes(times: times));
}
