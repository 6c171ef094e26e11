using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Brings files to the server's medium by an extension of OpenSSH. Without it there is no way to.</summary>
internal sealed class SftpDurability(SftpTree tree, SftpPartedWrite parts) : IDurability
{
    private const string Action = "brought to the medium";
    private const int AtOnce = 32;

    public Task SyncAsync(PartedUpload upload, CancellationToken ct) => parts.SyncAsync((SftpUpload)upload, ct);

    public async ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct) => await Parallel.ForEachAsync(
        uploads, Options(ct), async (upload, token) => await SyncAsync(upload, token).ConfigureAwait(false)).ConfigureAwait(false);

    public async ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        // Directories that were made for a file are entries of those above, so all of them up to the root count. The files' own bytes were
        // synced before they got their names.
        var all = new HashSet<StorePath>();
        foreach (StorePath path in paths)
        {
            StorePath above = path;
            while (!above.IsRoot && all.Add(above.Parent))
            {
                above = above.Parent;
            }
        }

        await Parallel.ForEachAsync(all, Options(ct), SyncDirectoryAsync).ConfigureAwait(false);
    }

    /// <summary>OpenSSH on Linux opens a directory as it opens a file, to be synced only. Where that cannot be had, the server's file
    /// system writes it when it likes.</summary>
    private async ValueTask SyncDirectoryAsync(StorePath directory, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        if (!session.Extensions.Contains(Extension.Sync) || await tree.LookAsync(session, directory, ct).ConfigureAwait(false) is null)
        {
            return;
        }

        Reply opened = await session.OpenAsync(tree.Place(directory), OpenFlags.Read).ConfigureAwait(false);
        if (opened.Status is not null)
        {
            return;
        }

        byte[] handle = opened.Handle();
        Reply synced = await session.SyncAsync(handle).ConfigureAwait(false);
        session.Close(handle);
        if (SftpErrors.Meant(synced) is StatusCode.NoSpace or StatusCode.QuotaExceeded)
        {
            throw SftpErrors.Translate(synced, Action, directory);
        }
    }

    private static ParallelOptions Options(CancellationToken ct) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
}
