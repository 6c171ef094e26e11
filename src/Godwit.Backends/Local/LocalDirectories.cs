using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Makes directories.</summary>
internal sealed class LocalDirectories(LocalTree tree) : IDirectories
{
    public ValueTask CreateAsync(StorePath path, CancellationToken ct) =>
        LocalCall.Run((tree, path), static call => call.tree.MakeDirectory(call.path), ct);
}
