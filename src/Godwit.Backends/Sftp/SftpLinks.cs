using System.Security.Cryptography;
using Godwit.Backends.Local;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Makes symbolic links. A link is made under a partial name too, so that replacing leaves no gap.</summary>
internal sealed class SftpLinks(SftpTree tree, Func<StorePath, string?> refuses) : ILinks
{
    private const int MaxTarget = 4095;

    public async ValueTask<StoreEntry> CreateAsync(StorePath path, ReadOnlyMemory<byte> target, WriteOptions options, CancellationToken ct)
    {
        if (path.IsRoot || target.IsEmpty || target.Length > MaxTarget || target.Span.Contains((byte)0))
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, path, "cannot be a link with this target: it is empty, longer than 4,095 bytes or holds NUL");
        }

        if (refuses(path) is { } reason)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, path, $"cannot be written: {reason}");
        }

        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        await tree.MakeDirectoriesAsync(session, path.Parent, ct).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        await MakeAsync(session, path, target, options).ConfigureAwait(false);
        byte[] place = tree.Place(path);
        SftpAttributes made = await session.LookAsync(place, path).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, path, "was made a link and is gone");
        return SftpEntries.From(path, made, await session.TargetAsync(place).ConfigureAwait(false));
    }

    private async Task MakeAsync(SftpSession session, StorePath path, ReadOnlyMemory<byte> target, WriteOptions options)
    {
        byte[] partial = tree.PlaceBeside(path, PartialName.For(path.Name, RandomNumberGenerator.GetHexString(16, lowercase: true)));
        (await session.LinkSymbolicallyAsync(target, partial).ConfigureAwait(false)).RequireOk("made a link", path);
        try
        {
            if (options.Metadata.Modified is { } modified)
            {
                await SftpTimes.SetOfLinkAsync(session, partial, modified, path).ConfigureAwait(false);
            }

            await new SftpPublishing(tree).RenameAsync(session, partial, path, options.CreateOnly).ConfigureAwait(false);
        }
        catch
        {
            await ((Task)session.RemoveAsync(partial)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
