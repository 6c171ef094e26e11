using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Deletes what may be a link although nobody tells so: first as if it were no directory, which takes a link and leaves what it leads to.</summary>
internal sealed class GfalDelete(GfalTree tree)
{
    private const int Nothing = 2;
    private const int XrootdInTheWay = 19;
    private const int NotDirectory = 20;
    private const int NotEmpty = 39;

    /// <summary>Deletes it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="isDirectory">Whether it is told as a directory.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException">With <see cref="StoreException.IsNotEmpty"/> only where it is certain that it is a directory itself.</exception>
    public async Task DeleteAsync(StorePath path, bool isDirectory, CancellationToken ct)
    {
        if (isDirectory)
        {
            tree.DoubtAll();
        }

        if (await FaultAsync(Verb.Unlink, path, ct).ConfigureAwait(false) is not { } fault)
        {
            return;
        }

        if (!isDirectory)
        {
            throw tree.Error(fault, "deleted", path);
        }

        // XRootD's server takes an empty directory like a file, says this of a full one, and another thing of a link that it will not take.
        if (tree.Server.IsXrootd && Meant(fault) == XrootdInTheWay)
        {
            throw Full(path);
        }

        if (await FaultAsync(Verb.RemoveDirectory, path, ct).ConfigureAwait(false) is { } kept)
        {
            throw Meant(kept) == NotEmpty ? Full(path) : tree.Error(Meant(kept) is NotDirectory or XrootdInTheWay ? fault : kept, "deleted", path);
        }
    }

    private int Meant(GfalFault fault) => GfalErrors.Meant(tree.Server, fault);

    private async Task<GfalFault?> FaultAsync(Verb verb, StorePath path, CancellationToken ct)
    {
        GfalReply reply = await tree.AskAsync(new Frame(verb).Bytes(tree.Url(path)), ct).ConfigureAwait(false);
        return reply.Fault is { } fault && Meant(fault) != Nothing ? fault : null;
    }

    private static StoreException Full(StorePath path) =>
        new(StoreErrorKind.Unsupported, $"\"{path}\" could not be deleted: the directory is not empty.") { Path = path, IsNotEmpty = true };
}
