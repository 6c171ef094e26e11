using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Makes directories.</summary>
internal sealed class SftpDirectories(SftpTree tree) : IDirectories
{
    public async ValueTask CreateAsync(StorePath path, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);

        // What was seen a moment ago may be gone, and this call is about just that.
        tree.Forget(path);
        await tree.MakeDirectoriesAsync(session, path, ct).ConfigureAwait(false);
    }
}
