using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Looks at what a server can do and at the directory there. The way to it was found good when the store was opened.</summary>
internal sealed class SftpDiagnosis(SftpStore store, SftpTree tree) : IDiagnosis
{
    private static readonly (string Extension, string What)[] s_wanted =
    [
        (Extension.PosixRename, "replacing a file in one step"),
        (Extension.HardLink, "create-only writes that cannot race"),
        (Extension.Sync, "bringing files to the medium"),
        (Extension.Space, "telling its free space"),
    ];

    public IReadOnlyList<DiagnosisStep> Begin(DiagnosisScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        DiagnosisStep[] steps =
        [
            new("server", ServerAsync),
            new("checksums", _ => ValueTask.FromResult<Finding?>(Checksums())),
            new("directory", ct => DirectoryAsync(scope, ct)) { IsNeeded = true },
        ];
        return scope.Writes ? steps : [.. steps, new("list", ListAsync), new("read", ReadAsync)];
    }

    private async ValueTask<Finding?> ServerAsync(CancellationToken ct)
    {
        SftpSession session = await tree.SessionAsync(ct).ConfigureAwait(false);
        string[] missing = [.. s_wanted.Where(one => !session.Extensions.Contains(one.Extension)).Select(one => one.What)];
        string seen = $"SFTP with {session.Extensions.Count} extensions, {session.ReadBytes} bytes in a read, {session.WriteBytes} in a write";
        return missing.Length == 0
            ? new Finding(FindingOutcome.Ok, seen)
            : new Finding(
                FindingOutcome.Warning, $"{seen}; it lacks {string.Join(", ", missing)}", "OpenSSH's own server has them; Godwit does without, as its page on SFTP servers says.");
    }

    private Finding Checksums() => store.StoredChecksum is not null
        ? new Finding(FindingOutcome.Ok, "a shell of the account computes them (md5)")
        : new Finding(FindingOutcome.Ok, "none: what is written is read back" + (tree.Connections.Checksums.Missing is { } why ? $". {why.TrimEnd('.')}" : " (--sftp-checksums off)"));

    private async ValueTask<Finding?> DirectoryAsync(DiagnosisScope scope, CancellationToken ct) =>
        await store.StatAsync(StorePath.Root, ct).ConfigureAwait(false) switch
        {
            { Kind: EntryKind.Directory } found => new Finding(FindingOutcome.Ok, $"/{store.Identity.Root} is there{(found.Mode is { } mode ? $", mode {Convert.ToString(mode, 8)}" : "")}"),
            null when scope.Writes => new Finding(FindingOutcome.Ok, $"/{store.Identity.Root} is not there yet; the first file makes it"),
            { Kind: EntryKind.File } file when !scope.Writes => new Finding(FindingOutcome.Ok, $"a file of {file.Length} bytes"),
            null => new Finding(FindingOutcome.Failed, $"/{store.Identity.Root} is not there", "Correct the name."),
            _ => new Finding(FindingOutcome.Failed, $"/{store.Identity.Root} is not a directory", "Name a directory."),
        };

    private async ValueTask<Finding?> ListAsync(CancellationToken ct)
    {
        if (await store.StatAsync(StorePath.Root, ct).ConfigureAwait(false) is not { Kind: EntryKind.Directory })
        {
            return null;
        }

        StorePage page = await store.ListAsync(StorePath.Root, null, ct).ConfigureAwait(false);
        page.Next?.Dispose();
        return new Finding(
            FindingOutcome.Ok, page.Entries.Count == 0 ? "nothing is there yet" : $"{page.Entries.Count}{(page.Next is null ? "" : " or more")} {(page.Entries.Count == 1 ? "entry" : "entries")}");
    }

    private async ValueTask<Finding?> ReadAsync(CancellationToken ct)
    {
        if (await store.StatAsync(StorePath.Root, ct).ConfigureAwait(false) is not { Kind: EntryKind.Directory })
        {
            return null;
        }

        StorePage page = await store.ListAsync(StorePath.Root, null, ct).ConfigureAwait(false);
        page.Next?.Dispose();
        if (page.Entries.FirstOrDefault(entry => entry is { Kind: EntryKind.File, Length: > 0 }) is not { } file)
        {
            return new Finding(FindingOutcome.Unknown, "there is no file directly in it to try");
        }

        Stream body = await store.RangedRead!.OpenRangeAsync(file.Path, null, 0, 1, ct).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await body.ReadExactlyAsync(new byte[1], ct).ConfigureAwait(false);
        }

        return new Finding(FindingOutcome.Ok, $"a byte of \"{file.Path}\" came");
    }
}
