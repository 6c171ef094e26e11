using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Sets the modification time of an entry, a link's own included.</summary>
internal sealed class LocalSettableTime(LocalTree tree) : ISettableTime
{
    public ValueTask SetAsync(StorePath path, Timestamp modified, CancellationToken ct) =>
        LocalCall.Run((tree, path, modified), static call => Set(call.tree, call.path, call.modified), ct);

    private static void Set(LocalTree tree, StorePath path, Timestamp modified)
    {
        const string Action = "given a time";
        LocalErrors.Check(tree.TryFindUnfollowed(path, out Place place), Action, path);
        using (place)
        {
            LocalErrors.Check(Posix.SetModifiedAt(place.Directory, place.Name, TimeSpec.From(modified)), Action, path);
        }
    }
}
