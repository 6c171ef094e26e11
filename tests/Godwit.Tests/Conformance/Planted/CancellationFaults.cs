using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>Stores that pass over a cancellation, and stores that tell of it and have done the work all the same.</summary>
internal static class CancellationFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } = [.. Bodies, .. Uploads, .. Capabilities];

    private static IEnumerable<PlantedFault> Bodies =>
    [
        new("A file that was cancelled while it was read can be read anew", s =>
        {
            int opened = 0;
            return new AlteredStore(s)
            {
                OpenRead = (path, ct) => opened++ == 0 ? s.OpenReadAsync(path, ct) : throw Faulty.Error(StoreErrorKind.Unsupported),
            };
        }),
        new("A range that was cancelled while it was read can be read anew", s => new AlteredStore(s)
        {
            OpenRange = async (path, _, _, _, _) => Heedless(await Faulty.ReadAsync(s, path)),
        }),
        new("A file's body stays open when the call's token is cancelled afterwards", s => new AlteredStore(s)
        {
            OpenRead = async (path, ct) => new StoreBody(Faulty.FileAt(path), new GatedStream(
                await Faulty.ReadAsync(s, path),
                (_, _) => ct.IsCancellationRequested ? throw Faulty.Error(StoreErrorKind.Interrupted) : ValueTask.CompletedTask,
                mostAtOnce: 1_000)),
        }),
        new("A read of what is not yet published, cancelled midway, can be made anew", s => new AlteredStore(s)
        {
            OpenUnpublished = async (upload, offset, length, ct) =>
            {
                await using Stream body = await s.PartedWrite!.UnpublishedRead!.OpenRangeAsync(upload, offset, length, ct);
                using var all = new MemoryStream();
                await body.CopyToAsync(all, ct);
                return Heedless(all.ToArray());
            },
        }),
    ];

    private static IEnumerable<PlantedFault> Uploads =>
    [
        new("An upload cancelled before it began is not there", s => new AlteredStore(s)
        {
            Begin = async (path, tag, length, options, ct) =>
                await AllTheSameAsync(s.PartedWrite!.BeginAsync(path, tag, length, options, default), ct),
        }),
        new("A resumption cancelled before it began leaves the upload", s => new AlteredStore(s)
        {
            Resume = async (path, tag, id, length, options, ct) =>
            {
                PartedUpload? resumed = await s.PartedWrite!.ResumeAsync(path, tag, id, length, options, default);
                await DropsAsync(async () => await s.PartedWrite.AbortAsync(resumed!, default), ct);
                return resumed;
            },
        }),
        new("A part cancelled before it began leaves the one that was written", s => new AlteredStore(s)
        {
            WritePart = async (upload, number, offset, source, expected, ct) =>
                await AllTheSameAsync(s.PartedWrite!.WritePartAsync(upload, number, offset, source, expected, default), ct),
        }),
        new("Asking for the parts ends at once when cancelled before", s => new AlteredStore(s)
        {
            ListParts = (upload, _) => s.PartedWrite!.ListPartsAsync(upload, default),
        }),
        new("Listing the uploads ends at once when cancelled before", s => new AlteredStore(s)
        {
            ListUploads = (directory, position, _) => s.PartedWrite!.UploadListing!.ListAsync(directory, position, default),
        }),
        new("Reading what is not yet published ends at once when cancelled before", s => new AlteredStore(s)
        {
            OpenUnpublished = (upload, offset, length, _) => s.PartedWrite!.UnpublishedRead!.OpenRangeAsync(upload, offset, length, default),
        }),
        new("Asking for the checksum of what is not yet published ends at once when cancelled before", s => new AlteredStore(s)
        {
            GetUnpublishedChecksum = (upload, kind, _) => s.PartedWrite!.UnpublishedChecksum!.GetAsync(upload, kind, default),
        }),
        new("Making uploads durable ends at once when cancelled before", s => new AlteredStore(s)
        {
            SyncUploads = (uploads, _) => s.Durability!.SyncUploadsAsync(uploads, default),
        }),
        new("A completion cancelled before it began publishes nothing", s => new AlteredStore(s)
        {
            Complete = async (upload, parts, ct) => await AllTheSameAsync(s.PartedWrite!.CompleteAsync(upload, parts, default), ct),
        }),
        new("Throwing an upload away, cancelled before it began, leaves the upload", s => new AlteredStore(s)
        {
            Abort = async (upload, ct) => await AllTheSameAsync(s.PartedWrite!.AbortAsync(upload, default), ct),
        }),
    ];

    private static IEnumerable<PlantedFault> Capabilities =>
    [
        new("A flat listing ends at once when cancelled before", s => new AlteredStore(s)
        {
            ListBelow = (directory, position, _) => s.FlatListing!.ListBelowAsync(directory, position, default),
        }),
        new("Cutting a flat listing ends at once when cancelled before", s => new AlteredStore(s)
        {
            Split = (directory, position, most, _) => s.FlatListing!.SplitAsync(directory, position, most, default),
        }),
        new("A directory cancelled before it was made is not there", s => new AlteredStore(s)
        {
            // The first of the two that the call would make.
            CreateDirectory = async (path, ct) =>
            {
                await DropsAsync(async () => await s.Directories!.CreateAsync(path.Parent, default), ct);
                await s.Directories!.CreateAsync(path, ct);
            },
        }),
        new("A link cancelled before it was made is not there, and what it would replace is", s => new AlteredStore(s)
        {
            CreateLink = async (path, target, options, ct) =>
            {
                await DropsAsync(async () => await s.DeleteAsync(path, default), ct);
                return await s.Links!.CreateAsync(path, target, options, ct);
            },
        }),
        new("Deleting in bulk, cancelled before it began, takes nothing away", s => new AlteredStore(s)
        {
            DeleteMany = async (paths, ct) =>
            {
                await DropsAsync(async () => await s.DeleteAsync(paths[^1], default), ct);
                return await s.BulkDelete!.DeleteAsync(paths, ct);
            },
        }),
        new("Deleting a version, cancelled before it began, takes nothing away", s => new AlteredStore(s)
        {
            DeleteVersion = async (path, version, ct) =>
            {
                await s.VersionedDelete!.DeleteAsync(path, version, default);
                ct.ThrowIfCancellationRequested();
            },
        }),
        new("A server copy cancelled before it began has no effect", s => new AlteredStore(s)
        {
            Copy = async (source, from, version, to, options, ct) =>
                await AllTheSameAsync(s.ServerCopy!.CopyAsync(source, from, version, to, options, default), ct),
        }),
        new("Asking for a stored checksum ends at once when cancelled before", s => new AlteredStore(s)
        {
            GetChecksum = (path, kind, _) => s.StoredChecksum!.GetAsync(path, kind, default),
        }),
        new("Asking for the pairs of a file ends at once when cancelled before", s => new AlteredStore(s)
        {
            GetPairs = (path, _) => s.UserMetadata!.GetAsync(path, default),
        }),
        new("A second name cancelled before it was given is not there", s => new AlteredStore(s)
        {
            Name = (from, to, _) => s.HardLinks!.LinkAsync(s.Identity, from, to, default),
        }),
        new("A rename cancelled before it began has no effect", s => new AlteredStore(s)
        {
            Move = async (from, to, createOnly, ct) =>
            {
                await DropsAsync(async () => await s.DeleteAsync(to, default), ct);
                await s.Rename!.RenameAsync(from, to, createOnly, ct);
            },
        }),
        new("Asking for free space ends at once when cancelled before", s => new AlteredStore(s)
        {
            Space = (directory, _) => s.FreeSpace!.GetAsync(directory, default),
        }),
        new("Setting a time, cancelled before it began, leaves the time", s => new AlteredStore(s)
        {
            SetTime = async (path, time, ct) =>
            {
                await s.SettableTime!.SetAsync(path, time, default);
                ct.ThrowIfCancellationRequested();
            },
        }),
        new("Making files durable ends at once when cancelled before", s => new AlteredStore(s)
        {
            SyncPublished = (paths, ct) =>
                ct.IsCancellationRequested ? throw Faulty.Error(StoreErrorKind.Interrupted) : s.Durability!.SyncPublishedAsync(paths, ct),
        }),
    ];

    /// <summary>Does the work, and then says that it was cancelled.</summary>
    private static async ValueTask<T> AllTheSameAsync<T>(ValueTask<T> work, CancellationToken ct)
    {
        T done = await work;
        ct.ThrowIfCancellationRequested();
        return done;
    }

    /// <summary>Does half of the work of a call that is cancelled, and says so.</summary>
    private static async ValueTask DropsAsync(Func<Task> half, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            await half();
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A body that gives its bytes whether or not that was cancelled.</summary>
    private static GatedStream Heedless(byte[] bytes) => new(bytes, (_, _) => ValueTask.CompletedTask, mostAtOnce: 1_000, looks: false);
}
