using System.Security.Cryptography;
using Godwit.Backends.Local;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Gives a file or link its final name.</summary>
internal sealed class SftpPublishing(SftpTree tree)
{
    private const int Attempts = 20;

    /// <param name="session">The connection.</param>
    /// <param name="from">The whole path of what is renamed.</param>
    /// <param name="to">Its final path; its directory was looked at.</param>
    /// <param name="createOnly">Whether something there is an error.</param>
    public async Task RenameAsync(SftpSession session, byte[] from, StorePath to, bool createOnly)
    {
        byte[] place = tree.Place(to);
        if (!createOnly && !session.MistakesLinks && session.Extensions.Contains(Extension.PosixRename))
        {
            await RenameAtOnceAsync(session, from, place, to).ConfigureAwait(false);
            return;
        }

        if (createOnly && !session.MistakesLinks)
        {
            await CreateAsync(session, from, place, to).ConfigureAwait(false);
            return;
        }

        SftpAttributes? there = await session.LookAsync(place, to).ConfigureAwait(false);
        RefuseDirectory(there, to);
        if (createOnly && there is not null)
        {
            throw Exists(to);
        }

        if (there is { Kind: EntryKind.Link } && session.MistakesLinks)
        {
            (await session.RemoveAsync(place).ConfigureAwait(false)).RequireOk("replaced", to);
        }

        if (createOnly)
        {
            await CreateAsync(session, from, place, to).ConfigureAwait(false);
        }
        else if (session.Extensions.Contains(Extension.PosixRename))
        {
            (await session.ExtendedAsync(Extension.PosixRename, from, place).ConfigureAwait(false)).RequireOk("published", to);
        }
        else
        {
            await ReplaceAsync(session, from, place, to).ConfigureAwait(false);
        }
    }

    /// <summary>The rename itself refuses a directory, and replaces a link: nothing need be looked at first.</summary>
    private static async Task RenameAtOnceAsync(SftpSession session, byte[] from, byte[] place, StorePath to)
    {
        Reply renamed = await session.ExtendedAsync(Extension.PosixRename, from, place).ConfigureAwait(false);
        if (renamed.Status != StatusCode.Ok)
        {
            RefuseDirectory(await session.LookAsync(place, to).ConfigureAwait(false), to);
        }

        renamed.RequireOk("published", to);
    }

    private static void RefuseDirectory(SftpAttributes? there, StorePath to)
    {
        if (there is { Kind: EntryKind.Directory })
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, to, "could not be published: a directory has its name");
        }
    }

    /// <summary>A second name can be given only where there is none: of several exactly one gets it. The first name then has to go.</summary>
    private static async Task CreateAsync(SftpSession session, byte[] from, byte[] place, StorePath to)
    {
        if (session.Extensions.Contains(Extension.HardLink))
        {
            Reply linked = await session.ExtendedAsync(Extension.HardLink, from, place).ConfigureAwait(false);
            if (linked.Status == StatusCode.Ok)
            {
                Reply gone = await session.RemoveAsync(from).ConfigureAwait(false);
                if (gone.Status != StatusCode.NoSuchFile)
                {
                    gone.RequireOk("published", to);
                }

                return;
            }
        }

        // Either something came there, or the file system has no second names.
        await RenameIntoNothingAsync(session, from, place, to).ConfigureAwait(false);
    }

    private static async Task RenameIntoNothingAsync(SftpSession session, byte[] from, byte[] place, StorePath to)
    {
        if (await session.LookAsync(place, to).ConfigureAwait(false) is { } there)
        {
            RefuseDirectory(there, to);
            throw Exists(to);
        }

        Reply renamed = await session.RenameAsync(from, place).ConfigureAwait(false);
        if (renamed.Status != StatusCode.Ok && await session.LookAsync(place, to).ConfigureAwait(false) is not null)
        {
            throw Exists(to);
        }

        renamed.RequireOk("published", to);
    }

    /// <summary>
    /// Where the server replaces nothing: the old file goes aside, the new one takes its name, the old one goes. For a moment the name is
    /// missing; at no moment is a damaged file under it, and at none are both contents gone.
    /// </summary>
    private async Task ReplaceAsync(SftpSession session, byte[] from, byte[] place, StorePath to)
    {
        for (int attempt = 1; ; attempt++)
        {
            Reply renamed = await session.RenameAsync(from, place).ConfigureAwait(false);
            if (renamed.Status == StatusCode.Ok)
            {
                return;
            }

            bool isThere = await session.LookAsync(place, to).ConfigureAwait(false) is not null;
            if (attempt > Attempts || (!isThere && SftpErrors.Meant(renamed) != StatusCode.Failure))
            {
                throw SftpErrors.Translate(renamed, "published", to);
            }

            if (isThere && await TryReplaceAsync(session, from, place, to).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Whether the new file has the name now; not where another writer came in between.</summary>
    private async Task<bool> TryReplaceAsync(SftpSession session, byte[] from, byte[] place, StorePath to)
    {
        byte[] aside = tree.PlaceBeside(to, PartialName.For(to.Name, "old" + RandomNumberGenerator.GetHexString(12, lowercase: true)));
        Reply moved = await session.RenameAsync(place, aside).ConfigureAwait(false);
        if (SftpErrors.Meant(moved) == StatusCode.NoSuchFile)
        {
            return false;
        }

        moved.RequireOk("replaced", to);
        Reply renamed = await session.RenameAsync(from, place).ConfigureAwait(false);
        for (int attempt = 1; renamed.Status != StatusCode.Ok && await session.LookAsync(place, to).ConfigureAwait(false) is null; attempt++)
        {
            // Nothing has the name, so it may be another writer who is between his two renames.
            if (attempt > Attempts)
            {
                await PutBackAsync(session, aside, place, to).ConfigureAwait(false);
                throw SftpErrors.Translate(renamed, "published", to);
            }

            renamed = await session.RenameAsync(from, place).ConfigureAwait(false);
        }

        (await session.RemoveAsync(aside).ConfigureAwait(false)).RequireOk("freed of the old file", to);
        return renamed.Status == StatusCode.Ok;
    }

    private static async Task PutBackAsync(SftpSession session, byte[] aside, byte[] place, StorePath to)
    {
        if ((await session.RenameAsync(aside, place).ConfigureAwait(false)).Status != StatusCode.Ok)
        {
            throw SftpErrors.Of(
                StoreErrorKind.Unexpected, to, $"could not be published, and the old file is now \"{PathText.Escape(aside)}\"");
        }
    }

    private static StoreException Exists(StorePath path) =>
        SftpErrors.Of(StoreErrorKind.AlreadyExists, path, "could not be published: something is there already");
}
