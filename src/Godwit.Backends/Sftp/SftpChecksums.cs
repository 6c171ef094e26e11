using Godwit.Backends.Sftp.Shell;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Checksums that the server computes from its own files, in a shell of the account.</summary>
internal sealed class SftpChecksums(SftpTree tree, SftpUploadFiles files, ServerChecksums shell) : IStoredChecksum, IUnpublishedChecksum
{
    /// <summary>MD5: of those that a server's tools and this machine both have, the cheapest that is no mere sum.</summary>
    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Md5];

    public bool IsToldWithEntries => false;

    public async ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        SftpFound found = await tree.FindAsync(session, path, ct).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, path, "has no checksum: nothing is there");
        return found.Attributes.Kind == EntryKind.File ? await OfAsync(tree.Place(found.Real), found.Attributes, kind, ct).ConfigureAwait(false) : null;
    }

    public async ValueTask<Checksum?> GetAsync(PartedUpload upload, ChecksumKind kind, CancellationToken ct)
    {
        SftpUpload own = SftpPartedWrite.Own(upload);
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        SftpAttributes found = await files.LookAsync(session, own, ct).ConfigureAwait(false) ?? throw SftpUploadFiles.Gone(own);
        return await OfAsync(files.PartialPlace(own), found, kind, ct).ConfigureAwait(false);
    }

    private async ValueTask<Checksum?> OfAsync(byte[] place, SftpAttributes found, ChecksumKind kind, CancellationToken ct) =>
        kind == ChecksumKind.Md5 ? await shell.OfAsync(place, found.Length ?? 0, ct).ConfigureAwait(false) : null;
}
