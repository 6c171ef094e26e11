using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Makes directories.</summary>
internal sealed class GfalDirectories(GfalTree tree) : IDirectories
{
    public async ValueTask CreateAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await tree.LookAsync(path, ct).ConfigureAwait(false) is not { } there)
        {
            await tree.MakeDirectoriesAsync(path, ct).ConfigureAwait(false);
            return;
        }

        if (GfalEntries.KindOf(there) != EntryKind.Directory)
        {
            throw GfalErrors.Of(StoreErrorKind.Unsupported, path, "could not be made: something else is there");
        }
    }
}
