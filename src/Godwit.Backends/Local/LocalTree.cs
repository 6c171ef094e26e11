using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Finds places below a root. No name, link or swap leads out of it.</summary>
/// <remarks>
/// <para>A directory is resolved anew by each call, by one openat2 that refuses every link, and its handle lives as long as the call.
/// It costs 1 to 2 µs on a local file system; a kept handle would save that and go on writing into a directory that was renamed away
/// meanwhile.</para>
/// </remarks>
internal sealed class LocalTree(LocalRoot root, LocalOptions options) : IDisposable
{
    private const ulong Beneath = Resolve.Beneath | Resolve.NoLinks | Resolve.NoMagicLinks;

    private readonly StepByStepLookup _steps = new(root);
    private volatile bool _stepByStep = options.StepByStep;

    public LocalRoot Root => root;

    /// <summary>Whether bytes are read from the medium and not from the page cache.</summary>
    public bool ReadsPastCache => options.ReadsPastCache;

    /// <summary>Whether links are followed when reading.</summary>
    public bool Follows => options.Links == LinkPolicy.Follow;

    /// <summary>Entries from which on a page of a listing is full.</summary>
    public int PageEntries => options.PageEntries;

    /// <summary>Where a path is, for reading.</summary>
    /// <returns>0, or the negated error: ENOENT and ENOTDIR where a directory on the way is missing, ELOOP where it is a link.</returns>
    public int TryFind(StorePath path, out Place place)
    {
        place = default;
        int error = root.TryOpen(out Descriptor handle);
        if (error < 0)
        {
            return error;
        }

        if (path.IsRoot)
        {
            place = new Place(handle, NativeName.Self, owned: false);
            return 0;
        }

        return Follows ? TryFollow(handle, path, out place) : TryFindPlain(handle, path, out place);
    }

    /// <summary>Where a path is, for reading.</summary>
    public Place Find(StorePath path, string action)
    {
        int error = TryFind(path, out Place place);
        if (error == 0)
        {
            return place;
        }

        // A broken root must be told from a missing file.
        if (root.TryOpen(out _) is var missing and < 0)
        {
            throw root.Missing(missing);
        }

        throw error == -Errno.NotDirectory
            ? LocalErrors.Of(StoreErrorKind.NotFound, path, $"could not be {action}: something on the way to it is not a directory")
            : LocalErrors.Translate(error, action, path);
    }

    /// <summary>Where a path is, for writing: no link on the way is followed, missing directories are made.</summary>
    public Place FindForWriting(StorePath path, string action)
    {
        Descriptor handle = root.OpenForWriting();
        if (path.IsRoot)
        {
            return new Place(handle, NativeName.Self, owned: false);
        }

        int error = TryFindPlain(handle, path, out Place place);
        if (error == -Errno.NoEntry)
        {
            error = StepByStepLookup.Make(handle, path.Parent, out Descriptor? directory);
            place = error < 0 ? default : new Place(directory!, new NativeName(path.Name), owned: true);
        }

        return error == 0 ? place : throw LocalErrors.Translate(error, action, path);
    }

    /// <summary>Where a path is, for changing what is there: no link on the way is followed, nothing is made.</summary>
    public int TryFindUnfollowed(StorePath path, out Place place)
    {
        place = default;
        int error = root.TryOpen(out Descriptor handle);
        if (error < 0)
        {
            return error;
        }

        if (path.IsRoot)
        {
            place = new Place(handle, NativeName.Self, owned: false);
            return 0;
        }

        return TryFindPlain(handle, path, out place);
    }

    /// <summary>Makes a directory and those missing above it.</summary>
    public void MakeDirectory(StorePath path)
    {
        Descriptor handle = root.OpenForWriting();
        if (path.IsRoot)
        {
            return;
        }

        LocalErrors.Check(StepByStepLookup.Make(handle, path, out Descriptor? directory), "made", path);
        directory?.Dispose();
    }

    public void Dispose() => root.Dispose();

    private int TryFindPlain(Descriptor handle, StorePath path, out Place place)
    {
        StorePath parent = path.Parent;
        if (parent.IsRoot)
        {
            place = new Place(handle, new NativeName(path.Name), owned: false);
            return 0;
        }

        int number = OpenDirectory(handle, parent);
        place = number < 0 ? default : new Place(new Descriptor(number), new NativeName(path.Name), owned: true);
        return Math.Min(number, 0);
    }

    private int TryFollow(Descriptor handle, StorePath path, out Place place)
    {
        // Most paths hold no link: the quick way first. The last segment has to be looked at too.
        int error = TryFindPlain(handle, path, out place);
        if (error == 0 && (place.Stat(out Statx facts) < 0 || !facts.IsLink))
        {
            return 0;
        }

        place.Dispose();
        place = default;
        return error is 0 or -Errno.Loop or -Errno.NotDirectory ? _steps.Follow(handle, path, out place) : error;
    }

    private int OpenDirectory(Descriptor handle, StorePath path)
    {
        if (_stepByStep || path.Bytes.Length >= Posix.MaxPath)
        {
            return StepByStepLookup.Open(handle, path);
        }

        var name = new NativeName(path.Bytes);
        int number = -Errno.Again;
        for (int attempt = 0; attempt < 8 && number == -Errno.Again; attempt++)
        {
            number = Posix.OpenBelow(handle, name, Open.PathOnly | Open.Directory, Beneath);
        }

        if (number is -Errno.NoSystemCall or -Errno.Perm)
        {
            _stepByStep = true;
        }

        return number is -Errno.NoSystemCall or -Errno.Perm or -Errno.Again ? StepByStepLookup.Open(handle, path) : number;
    }
}
