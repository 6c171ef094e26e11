using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Opens files for reading, and nothing that could block or do something when opened.</summary>
internal static class LocalFile
{
    /// <summary>Opens the file at a path with the facts of what was opened.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="path">The path.</param>
    /// <param name="facts">What was opened.</param>
    /// <param name="known">Whether a listing showed a file there.</param>
    public static Descriptor Open(LocalTree tree, StorePath path, out Statx facts, bool known = false)
    {
        using Place place = tree.Find(path, "opened");
        if (!known)
        {
            // Opening a pipe wakes its writer and opening a tape rewinds it: what is there is looked at first.
            LocalErrors.Check(place.Stat(out facts), "opened", path);
            RequireFile(facts, path);
        }

        var file = new Descriptor(LocalErrors.Check(place.Open(Native.Open.NonBlocking | Native.Open.NoTerminal), "opened", path));
        try
        {
            LocalErrors.Check(Posix.Stat(file, out facts), "opened", path);
            RequireFile(facts, path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Fails when the open file is not the version that was asked for.</summary>
    public static void RequireVersion(in Statx facts, string? version, StorePath path)
    {
        if (version is not null && LocalEntries.Version(facts) is var now && now != version)
        {
            throw LocalErrors.Of(StoreErrorKind.PreconditionFailed, path, $"has changed: version {version} was asked for, {now} is there");
        }
    }

    /// <summary>Fails when no file can have such a range.</summary>
    public static void RequireRange(long offset, long length, StorePath path)
    {
        if (offset < 0 || length < 0)
        {
            throw LocalErrors.Of(StoreErrorKind.InvalidRequest, path, $"has no range of {length} bytes at {offset}");
        }
    }

    private static void RequireFile(in Statx facts, StorePath path)
    {
        if (!facts.IsFile)
        {
            string what = facts.IsDirectory ? "a directory" : facts.IsLink ? "a symbolic link" : "a pipe, socket or device";
            throw LocalErrors.Of(StoreErrorKind.Unsupported, path, $"is {what} and cannot be read as a file");
        }
    }
}
