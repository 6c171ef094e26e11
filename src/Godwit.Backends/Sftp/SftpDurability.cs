using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Brings files to the server's medium by an extension of OpenSSH. Without it there is no way to.</summary>
internal sealed class SftpDurability(SftpTree tree, SftpPartedWrite parts, SftpSyncedFiles done) : IDurability
{
    private const string Action = "brought to the medium";
    private const int AtOnce = 32;

    private volatile bool _syncsDirectories;

    public Task SyncAsync(PartedUpload upload, CancellationToken ct) => parts.SyncAsync((SftpUpload)upload, ct);

    public async ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct) => await Parallel.ForEachAsync(
        uploads, Options(ct), async (upload, token) => await SyncAsync(upload, token).ConfigureAwait(false)).ConfigureAwait(false);

    public async ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (paths.Count == 0)
        {
            return;
        }

        await Parallel.ForEachAsync(paths.Where(path => !done.Has(path)), Options(ct), SyncPublishedAsync).ConfigureAwait(false);

        // Directories that were made for a file are entries of those above, so all of them up to the root count. The root comes first: what it
        // answers says whether the server can do this at all.
        await SyncDirectoryAsync(StorePath.Root, ct).ConfigureAwait(false);
        var above = new HashSet<StorePath>();
        foreach (StorePath path in paths)
        {
            for (StorePath one = path; !one.IsRoot && !one.Parent.IsRoot && above.Add(one.Parent); one = one.Parent)
            {
            }
        }

        await Parallel.ForEachAsync(above, Options(ct), SyncDirectoryAsync).ConfigureAwait(false);
        foreach (StorePath path in paths)
        {
            done.Forget(path);
        }
    }

    /// <summary>Syncs what was written by somebody else, or may have been.</summary>
    private async ValueTask SyncPublishedAsync(StorePath path, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        SftpAttributes found = await RequireAsync(session, path, ct).ConfigureAwait(false);
        if (found.Kind == EntryKind.Directory)
        {
            await SyncDirectoryAsync(path, ct).ConfigureAwait(false);
        }

        // A link has no bytes of its own: its directory holds it.
        if (found.Kind == EntryKind.File)
        {
            Reply opened = await session.OpenAsync(tree.Place(path), OpenFlags.Read).ConfigureAwait(false);
            Reply answer = opened.Status is null ? await SyncAsync(session, opened.Handle()).ConfigureAwait(false) : opened;
            answer.RequireKept(Action, path);
        }
    }

    /// <summary>OpenSSH on Linux opens a directory as it opens a file, to be synced only. Where that cannot be had, the server's file
    /// system writes it when it likes.</summary>
    private async ValueTask SyncDirectoryAsync(StorePath directory, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        await RequireAsync(session, directory, ct).ConfigureAwait(false);
        Reply opened = await session.OpenAsync(tree.Place(directory), OpenFlags.Read).ConfigureAwait(false);
        if (opened.Status is not null)
        {
            RequireUnable(opened, _syncsDirectories, directory);
            return;
        }

        Reply synced = await SyncAsync(session, opened.Handle()).ConfigureAwait(false);
        _syncsDirectories |= synced.Status == StatusCode.Ok;

        // OpenSSH has other answers where the file system has no such call.
        RequireUnable(synced, _syncsDirectories || session.AnswersInTurn, directory);
    }

    /// <summary>Throws where a refusal cannot mean that the server has no way to do this.</summary>
    private static void RequireUnable(Reply reply, bool isAble, StorePath directory)
    {
        StatusCode meant = SftpErrors.Meant(reply);
        if (meant is StatusCode.NoSpace or StatusCode.QuotaExceeded || (isAble && meant == StatusCode.Failure))
        {
            reply.RequireKept(Action, directory);
        }
    }

    private async Task<SftpAttributes> RequireAsync(SftpSession session, StorePath path, CancellationToken ct) =>
        await tree.LookAsync(session, path, ct).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, path, $"could not be {Action}: nothing is there");

    private static async Task<Reply> SyncAsync(SftpSession session, byte[] handle)
    {
        Reply synced = await session.SyncAsync(handle).ConfigureAwait(false);
        session.Close(handle);
        return synced;
    }

    private static ParallelOptions Options(CancellationToken ct) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
}
