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
        ct.ThrowIfCancellationRequested();
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
        return await MakeAsync(session, path, target, options).ConfigureAwait(false);
    }

    private async Task<StoreEntry> MakeAsync(SftpSession session, StorePath path, ReadOnlyMemory<byte> target, WriteOptions options)
    {
        byte[] partial = tree.PlaceBeside(path, PartialName.For(path.Name, RandomNumberGenerator.GetHexString(16, lowercase: true)));
        (await session.LinkSymbolicallyAsync(target, partial).ConfigureAwait(false)).RequireOk("made a link", path);
        try
        {
            if (options.Metadata.Modified is { } modified)
            {
                await SftpTimes.SetOfLinkAsync(session, partial, modified, path).ConfigureAwait(false);
            }

            // Looked at before it has the name: a moment later that may be another writer's.
            Task<byte[]?> told = session.TargetAsync(partial);
            SftpAttributes made = await session.LookAsync(partial, path).ConfigureAwait(false)
                ?? throw SftpErrors.Of(StoreErrorKind.NotFound, path, "was made a link under its partial name and is gone");
            var entry = SftpEntries.From(path, made, await told.ConfigureAwait(false));
            await new SftpPublishing(tree).RenameAsync(session, partial, path, options.CreateOnly).ConfigureAwait(false);
            return entry;
        }
        catch
        {
            await ((Task)session.RemoveAsync(partial)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
