using System.Runtime.ExceptionServices;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Brings written files to the medium: a few one by one, many by one sync of their file system.</summary>
internal sealed class LocalDurability(LocalTree tree, LocalPartedWrite parts, LocalOptions options) : IDurability
{
    private const string Action = "brought to the medium";
    private const int Threads = 8;

    /// <summary>Before this kernel, syncfs does not report that writing failed.</summary>
    private static readonly Version ReportingKernel = new(5, 8);

    private readonly Lock _syncing = new();

    // Once a sync of the whole file system has failed, nobody can tell whose bytes are lost: the kernel reports a failure once, to
    // whichever batch asks first. From then on every file is asked for itself.
    private bool _trustsWholeSync = Environment.OSVersion.Version >= ReportingKernel;

    public ValueTask SyncUploadsAsync(IReadOnlyList<PartedUpload> uploads, CancellationToken ct) =>
        LocalCall.Run((this, uploads, ct), static call => call.Item1.SyncUploads(call.uploads, call.ct), ct);

    public ValueTask SyncPublishedAsync(IReadOnlyList<StorePath> paths, CancellationToken ct) =>
        LocalCall.Run((this, paths, ct), static call => call.Item1.SyncPublished(call.paths, call.ct), ct);

    private void SyncUploads(IReadOnlyList<PartedUpload> uploads, CancellationToken ct)
    {
        ulong? whole = uploads.Count > options.SyncOneByOne ? TrySyncWhole() : null;
        Each(uploads, upload => SyncUpload((LocalUpload)upload, whole), whole is null ? Threads : 1, ct);
    }

    private void SyncPublished(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        tree.Root.RequireInPlace();

        // Directories that were made for a file are entries of those above, so all of them up to the root count.
        var all = new HashSet<StorePath>(paths);
        foreach (StorePath path in paths)
        {
            StorePath above = path;
            while (!above.IsRoot)
            {
                above = above.Parent;
                all.Add(above);
            }
        }

        ulong? whole = all.Count > options.SyncOneByOne ? TrySyncWhole() : null;
        Each([.. all.GroupBy(path => whole is null ? path : path.Parent)], siblings => SyncSiblings(siblings, whole), whole is null ? Threads : 1, ct);
    }

    private void SyncUpload(LocalUpload upload, ulong? whole)
    {
        using OpenUpload open = parts.Use(upload);
        LocalErrors.Check(Posix.Stat(open.File, out Statx facts), Action, upload.Path);
        if (facts.Device != whole)
        {
            LocalErrors.Check(Posix.SyncData(open.File), Action, upload.Path);
        }
    }

    private void SyncSiblings(IGrouping<StorePath, StorePath> siblings, ulong? whole)
    {
        StorePath any = siblings.First();
        LocalErrors.Check(tree.TryFindUnfollowed(any, out Place first), Action, any);
        using (first)
        {
            foreach (StorePath path in siblings)
            {
                SyncPlace(first.Beside(path.IsRoot ? "."u8 : path.Name), path, whole);
            }
        }
    }

    private void SyncPlace(in Place place, StorePath path, ulong? whole)
    {
        LocalErrors.Check(place.Stat(out Statx facts), Action, path);

        // A link has no bytes of its own: its directory holds it.
        if (facts.Device == whole || (!facts.IsFile && !facts.IsDirectory))
        {
            return;
        }

        int number = place.Open(Open.ReadOnly | Open.NonBlocking);
        if (number == -Errno.Access && TrySyncWhole() == facts.Device)
        {
            return;
        }

        using var open = new Descriptor(LocalErrors.Check(number, Action, path));
        LocalErrors.Check(Posix.Sync(open), Action, path);
    }

    /// <summary>Syncs the root's file system.</summary>
    /// <returns>Its device; null where this was not to be had or is not to be trusted.</returns>
    private ulong? TrySyncWhole()
    {
        lock (_syncing)
        {
            if (!_trustsWholeSync || tree.Root.SyncHandle() is not { } handle || Posix.Stat(handle, out Statx root) < 0)
            {
                return null;
            }

            _trustsWholeSync = Posix.SyncFileSystem(handle) == 0;
            return _trustsWholeSync ? root.Device : null;
        }
    }

    private static void Each<T>(IReadOnlyList<T> items, Action<T> sync, int threads, CancellationToken ct)
    {
        Exception? first = null;
        Parallel.For(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct }, (i, loop) =>
        {
            try
            {
                sync(items[i]);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, e, null);
                loop.Stop();
            }
        });
        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
