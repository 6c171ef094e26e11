using System.Globalization;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Looks at the credential, the server and the directory there.</summary>
internal sealed class GfalDiagnosis(GfalStore store, GfalTree tree) : IDiagnosis
{
    public IReadOnlyList<DiagnosisStep> Begin(DiagnosisScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return
        [
            new("credential", _ => ValueTask.FromResult<Finding?>(Credential(scope))) { IsNeeded = true },
            new("directory", ct => DirectoryAsync(scope, ct)) { IsNeeded = true },
            .. scope.Writes ? (DiagnosisStep[])[] : [new DiagnosisStep("list", ListAsync)],
        ];
    }

    private Finding Credential(DiagnosisScope scope)
    {
        if (tree.Workers.Options.Credential is not { } credential)
        {
            return new Finding(
                FindingOutcome.Warning, "none: neither X509_USER_PROXY nor a proxy at the usual place", "Make a proxy (voms-proxy-init or grid-proxy-init), or name one with --x509-proxy.");
        }

        credential.RequireValid(tree.Workers.Time);
        TimeSpan left = credential.ValidUntil() - tree.Workers.Time.GetUtcNow();
        string seen = string.Create(
            CultureInfo.InvariantCulture, $"\"{credential.CertificateFile}\" is valid for {(int)left.TotalHours} h {left.Minutes} min");
        return scope.Work is { } work && work > left
            ? new Finding(FindingOutcome.Warning, $"{seen}, less than the work will take", "Renew it meanwhile: Godwit takes up the new one with the next call.")
            : new Finding(FindingOutcome.Ok, seen);
    }

    private async ValueTask<Finding?> DirectoryAsync(DiagnosisScope scope, CancellationToken ct) =>
        await store.StatAsync(StorePath.Root, ct).ConfigureAwait(false) switch
        {
            { Kind: EntryKind.Directory } => new Finding(FindingOutcome.Ok, $"/{store.Identity.Root} is there"),
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
}
