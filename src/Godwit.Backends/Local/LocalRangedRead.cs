using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Reads a range of a pinned version.</summary>
internal sealed class LocalRangedRead(LocalTree tree) : IRangedRead
{
    public ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct) =>
        LocalCall.Run((tree, path, version, offset, length), static call => (Stream)Open(call.tree, call.path, call.version, call.offset, call.length), ct);

    private static LocalBody Open(LocalTree tree, StorePath path, string? version, long offset, long length)
    {
        LocalFile.RequireRange(offset, length, path);
        Descriptor file = LocalFile.Open(tree, path, out Statx facts, known: version is not null);
        try
        {
            LocalFile.RequireVersion(facts, version, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return new LocalBody(file, path, offset, Math.Clamp(facts.Length - offset, 0, length)) { Opened = facts, PastCache = tree.ReadsPastCache };
    }
}
