using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Single requests on whole paths of the server, with their answers understood.</summary>
internal static class SftpCalls
{
    private const uint LinkMode = 0xa1ff;

    /// <summary>What is at a path, a link itself; null for nothing.</summary>
    public static async Task<SftpAttributes?> LookAsync(this SftpSession session, byte[] place, StorePath path)
    {
        Task<SftpAttributes?> look = session.LookAsync(PacketType.LStat, place, path);
        if (session.MistakesLinks && await session.ReadLinkAsync(place).ConfigureAwait(false) is not null)
        {
            return (await look.ConfigureAwait(false) ?? default) with { Mode = LinkMode, Length = 0 };
        }

        return await look.ConfigureAwait(false);
    }

    /// <summary>What is at a path, links followed; null for nothing.</summary>
    public static Task<SftpAttributes?> FollowAsync(this SftpSession session, byte[] place, StorePath path) =>
        session.LookAsync(PacketType.Stat, place, path);

    /// <summary>What an open file is.</summary>
    public static async Task<SftpAttributes> LookAtHandleAsync(this SftpSession session, byte[] handle, StorePath path)
    {
        Reply reply = await session.SendAsync(new PacketBuilder(PacketType.FStat).String(handle)).ConfigureAwait(false);
        return reply.Status is null ? reply.Attributes() : throw SftpErrors.Translate(reply, "looked at", path);
    }

    /// <summary>Opens a file.</summary>
    public static Task<Reply> OpenAsync(this SftpSession session, byte[] place, OpenFlags flags, int? mode = null) => session.SendAsync(
        new PacketBuilder(PacketType.Open, place.Length + 64).String(place).UInt32((uint)flags).Attributes(mode));

    /// <summary>Opens a directory.</summary>
    public static Task<Reply> OpenDirectoryAsync(this SftpSession session, byte[] place) =>
        session.SendAsync(new PacketBuilder(PacketType.OpenDirectory, place.Length + 32).String(place));

    public static Task<Reply> MakeDirectoryAsync(this SftpSession session, byte[] place) =>
        session.SendAsync(new PacketBuilder(PacketType.MakeDirectory, place.Length + 32).String(place).Attributes());

    public static Task<Reply> RemoveAsync(this SftpSession session, byte[] place) =>
        session.SendAsync(new PacketBuilder(PacketType.Remove, place.Length + 32).String(place));

    public static Task<Reply> RemoveDirectoryAsync(this SftpSession session, byte[] place) =>
        session.SendAsync(new PacketBuilder(PacketType.RemoveDirectory, place.Length + 32).String(place));

    /// <summary>Makes a symbolic link. Every server takes the two in OpenSSH's order, which is not the draft's.</summary>
    public static Task<Reply> LinkSymbolicallyAsync(this SftpSession session, ReadOnlyMemory<byte> target, byte[] place) => session.SendAsync(
        new PacketBuilder(PacketType.SymLink, target.Length + place.Length + 32).String(target.Span).String(place));

    /// <summary>Renames by the request of the protocol itself, which must not replace.</summary>
    public static Task<Reply> RenameAsync(this SftpSession session, byte[] from, byte[] to) => session.SendAsync(
        new PacketBuilder(PacketType.Rename, from.Length + to.Length + 32).String(from).String(to));

    /// <summary>An extended request on two paths.</summary>
    public static Task<Reply> ExtendedAsync(this SftpSession session, string name, byte[] from, byte[] to) =>
        session.SendAsync(PacketBuilder.Extended(name).String(from).String(to));

    /// <summary>Brings an open file's bytes to the medium.</summary>
    public static Task<Reply> SyncAsync(this SftpSession session, byte[] handle) =>
        session.SendAsync(PacketBuilder.Extended(Extension.Sync).String(handle));

    /// <summary>Where a link points; null where it is none any more, and where the server tells something else.</summary>
    public static async Task<byte[]?> TargetAsync(this SftpSession session, byte[] place) =>
        session.MistakesLinks ? null : await session.ReadLinkAsync(place).ConfigureAwait(false);

    private static async Task<byte[]?> ReadLinkAsync(this SftpSession session, byte[] place)
    {
        Reply reply = await session.SendAsync(new PacketBuilder(PacketType.ReadLink, place.Length + 32).String(place)).ConfigureAwait(false);
        return reply.Status is null && reply.Names() is [{ Name: { } target }, ..] ? target : null;
    }

    /// <summary>The whole path without links, as the server tells it; null where it does not.</summary>
    public static async Task<byte[]?> RealPathAsync(this SftpSession session, byte[] place)
    {
        Reply reply = await session.SendAsync(new PacketBuilder(PacketType.RealPath, place.Length + 32).String(place)).ConfigureAwait(false);
        return reply.Status is null && reply.Names() is [{ Name: [(byte)'/', ..] real }, ..] ? real : null;
    }

    /// <summary>Throws unless the server says that all went well.</summary>
    public static void RequireOk(this Reply reply, string action, StorePath path)
    {
        if (reply.Status != StatusCode.Ok)
        {
            throw SftpErrors.Translate(reply, action, path);
        }
    }

    /// <summary>Throws unless the server says that what was written is kept. Asking again may well be answered better, and prove nothing:
    /// the file has to be written anew.</summary>
    public static void RequireKept(this Reply reply, string action, StorePath path)
    {
        if (reply.Status != StatusCode.Ok)
        {
            StoreException told = SftpErrors.Translate(reply, action, path);
            throw told.Next is NextStep.RepeatCall ? new StoreException(told.Kind, told.Message) { Path = path, Next = NextStep.RestartFile } : told;
        }
    }

    private static async Task<SftpAttributes?> LookAsync(this SftpSession session, PacketType how, byte[] place, StorePath path)
    {
        Reply reply = await session.SendAsync(new PacketBuilder(how, place.Length + 32).String(place)).ConfigureAwait(false);
        if (reply.Status is null)
        {
            return reply.Attributes();
        }

        StatusCode meant = SftpErrors.Meant(reply);
        return meant is StatusCode.NoSuchFile or StatusCode.NoSuchPath or StatusCode.NotADirectory or StatusCode.LinkLoop
            ? null
            : throw SftpErrors.Translate(reply, "looked at", path);
    }
}
