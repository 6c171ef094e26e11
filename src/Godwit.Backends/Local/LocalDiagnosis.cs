using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Looks at a directory: whether it is there, and may be listed, read and written.</summary>
internal sealed class LocalDiagnosis(LocalStore store, LocalTree tree) : IDiagnosis
{
    public IReadOnlyList<DiagnosisStep> Begin(DiagnosisScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        StorePage? listed = null;
        var directory = new DiagnosisStep("directory", _ => ValueTask.FromResult(Directory(scope))) { IsNeeded = true };
        var list = new DiagnosisStep("list", async ct =>
        {
            listed = IsThere() ? await store.ListAsync(StorePath.Root, null, ct).ConfigureAwait(false) : null;
            listed?.Next?.Dispose();
            return listed is null ? null : Listed(listed);
        });
        var read = new DiagnosisStep("read", ct => ReadAsync(listed, ct));
        return scope.Writes ? [directory, list, read, new("write", _ => ValueTask.FromResult(Write()))] : [directory, list, read];
    }

    private bool IsThere() => tree.Root.TryOpen(out _) == 0;

    private Finding? Directory(DiagnosisScope scope)
    {
        int error = tree.Root.TryOpen(out _);
        if (error == 0)
        {
            return new Finding(FindingOutcome.Ok, $"/{tree.Root.Absolute} is there");
        }

        if (error != -Errno.NoEntry || !scope.Writes)
        {
            throw tree.Root.Missing(error);
        }

        using Descriptor nearest = LocalFreeSpace.Nearest(tree, StorePath.Root, out StorePath above);
        return new Finding(FindingOutcome.Ok, $"/{tree.Root.Absolute} is not there yet; it will be made in /{above}");
    }

    private static Finding Listed(StorePage page)
    {
        string seen = $"{page.Entries.Count}{(page.Next is null ? "" : " or more")} {(page.Entries.Count == 1 ? "entry" : "entries")}";
        return page.Unreadable is { Count: > 0 } unreadable
            ? new Finding(
                FindingOutcome.Failed, $"{seen}, and {unreadable.Count} that cannot be looked at: {unreadable[0].Message}", "Allow this user to look at them.")
            : new Finding(FindingOutcome.Ok, seen);
    }

    private async ValueTask<Finding?> ReadAsync(StorePage? listed, CancellationToken ct)
    {
        if (listed is null)
        {
            return null;
        }

        if (listed.Entries.FirstOrDefault(entry => entry.Kind == EntryKind.File) is not { } file)
        {
            return new Finding(FindingOutcome.Unknown, "there is no file directly in it to try");
        }

        StoreBody body = await store.OpenReadAsync(file.Path, ct).ConfigureAwait(false);
        await body.DisposeAsync().ConfigureAwait(false);
        return new Finding(FindingOutcome.Ok, $"\"{file.Path}\" can be opened");
    }

    private Finding? Write()
    {
        using Descriptor nearest = LocalFreeSpace.Nearest(tree, StorePath.Root, out StorePath absolute);
        LocalErrors.Check(Posix.AccessAt(nearest, NativeName.Self, Access.Write | Access.Search), $"written to (/{absolute})", StorePath.Root);
        return new Finding(FindingOutcome.Ok, $"the permissions of /{absolute} allow it");
    }
}
