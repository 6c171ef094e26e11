using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>Faults of copying, deleting, directories, links and renames.</summary>
internal static class OtherFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        Copying("A server copy has the bytes of its source, which stays", async (s, from, version, to, options, ct) =>
        {
            await s.ServerCopy!.CopyAsync(s.Identity, from, version, to, options, ct);
            return await Faulty.RewriteAsync(s, to, bytes => bytes[..^1]);
        }),
        Copying("A server copy of a replaced version is refused", (s, from, _, to, options, ct) =>
            s.ServerCopy!.CopyAsync(s.Identity, from, null, to, options, ct)),
        Copying("A create-only server copy over a file is refused, the old content stays", ForgetsOptions),
        Copying("A server copy keeps the time it was given", ForgetsOptions),
        Copying("A server copy of what is absent fails as not found", (s, from, version, to, options, ct) => Faulty.InsteadOf(
            StoreErrorKind.NotFound,
            () => s.ServerCopy!.CopyAsync(s.Identity, from, version, to, options, ct),
            () => s.WriteAsync(to, Faulty.Memory([]), options, ct))),
        Deleting("A deleted file is gone and its neighbours stay", async (s, path, ct) =>
        {
            await s.DeleteAsync(path, ct);
            await s.DeleteAsync(Faulty.Beside(path, "2"), ct);
        }),
        Deleting("Deleting what is absent is success", async (s, path, ct) =>
        {
            _ = await s.StatAsync(path, ct) ?? throw Faulty.Error(StoreErrorKind.NotFound);
            await s.DeleteAsync(path, ct);
        }),
        Deleting("Deleting a directory that is not empty takes nothing away", DeletesTreeAsync),
        Deleting("An empty directory is deleted", async (s, path, ct) =>
        {
            if (await s.StatAsync(path, ct) is not { Kind: EntryKind.Directory })
            {
                await s.DeleteAsync(path, ct);
            }
        }),
        Deleting("Deleting a link leaves what it points to", async (s, path, ct) =>
        {
            if (await s.StatAsync(path, ct) is { LinkTarget: { } target })
            {
                await DeletesTreeAsync(s, path.Parent.Child(target.Span), ct);
            }

            await s.DeleteAsync(path, ct);
        }),
        Deleting("A delete cancelled before it began has no effect", (s, path, _) => s.DeleteAsync(path, default)),
        new("Deleting in bulk takes away all that is named, absent ones too, and nothing else", s => new AlteredStore(s)
        {
            DeleteMany = (paths, ct) => s.BulkDelete!.DeleteAsync([.. paths.Take(10)], ct),
        }),
        new("Deleting in bulk tells each path that could not be deleted", s => new AlteredStore(s)
        {
            DeleteMany = async (paths, ct) => [.. (await s.BulkDelete!.DeleteAsync(paths, ct)).Take(0)],
        }),
        new("Deleting a version takes that version away, and again is success", s => new AlteredStore(s)
        {
            DeleteVersion = async (path, version, ct) =>
            {
                _ = await s.StatAsync(path, ct) ?? throw Faulty.Error(StoreErrorKind.PreconditionFailed);
                await s.VersionedDelete!.DeleteAsync(path, version, ct);
            },
        }),
        new("Deleting a version leaves a newer one that is there now", s => new AlteredStore(s)
        {
            DeleteVersion = async (path, _, ct) =>
            {
                await s.DeleteAsync(path, ct);
                throw Faulty.Error(StoreErrorKind.PreconditionFailed);
            },
        }),
        new("A made directory is there, empty, and making it again is success", s => new AlteredStore(s)
        {
            CreateDirectory = async (path, ct) =>
            {
                if (await s.StatAsync(path, ct) is not null)
                {
                    throw Faulty.Error(StoreErrorKind.AlreadyExists);
                }

                await s.Directories!.CreateAsync(path, ct);
            },
        }),
        new("A directory is not made where a file is", s => new AlteredStore(s)
        {
            CreateDirectory = (path, ct) => Faulty.Hiding(StoreErrorKind.Unsupported, () => s.Directories!.CreateAsync(path, ct)),
        }),
        new("A link is told as a link, with its target byte for byte", s => new AlteredStore(s)
        {
            Stat = async (path, ct) => await s.StatAsync(path, ct) is { LinkTarget: { } target } entry
                ? entry with { LinkTarget = target[..^1] }
                : await s.StatAsync(path, ct),
        }),
        new("A link is never opened as a file", s => new AlteredStore(s)
        {
            OpenRead = async (path, ct) => await s.StatAsync(path, ct) is { LinkTarget: { } target }
                ? await s.OpenReadAsync(path.Parent.Child(target.Span), ct)
                : await s.OpenReadAsync(path, ct),
        }),
        new("A link replaces a link, unless create-only", s => new AlteredStore(s)
        {
            CreateLink = (path, target, _, ct) => s.Links!.CreateAsync(path, target, WriteOptions.Default, ct),
        }),
        new("Setting the time of a link leaves its target's", s => new AlteredStore(s)
        {
            SetTime = async (path, time, ct) =>
            {
                await s.SettableTime!.SetAsync(path, time, ct);
                if (await s.StatAsync(path, ct) is { LinkTarget: { } target })
                {
                    await s.SettableTime.SetAsync(path.Parent.Child(target.Span), time, ct);
                }
            },
        }),
        Renaming("A rename moves the content to the new name", async (s, from, to, _, ct) =>
        {
            await s.ServerCopy!.CopyAsync(s.Identity, from, null, to, WriteOptions.Default, ct);
        }),
        Renaming("A rename replaces what has the new name", (s, from, to, _, ct) => s.Rename!.RenameAsync(from, to, true, ct)),
        Renaming("A create-only rename over a file is refused and both stay", AlwaysReplaces),
        Renaming("Of several create-only renames exactly one wins", AlwaysReplaces),
        Renaming("Renaming what is absent fails as not found", (s, from, to, createOnly, ct) =>
            Faulty.Hiding(StoreErrorKind.NotFound, () => s.Rename!.RenameAsync(from, to, createOnly, ct))),
        new("A name that is renamed over is never missing", s =>
        {
            var missed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new AlteredStore(s)
            {
                Stat = async (path, ct) =>
                {
                    StoreEntry? entry = await s.StatAsync(path, ct);
                    if (entry is null)
                    {
                        missed.TrySetResult();
                    }

                    return entry;
                },
                Move = async (from, to, createOnly, ct) =>
                {
                    await s.DeleteAsync(to, ct);
                    await missed.Task.WaitAsync(ct);
                    await s.Rename!.RenameAsync(from, to, createOnly, ct);
                },
            };
        }),
        new("A second name is the same content, and the first one stays", s => new AlteredStore(s)
        {
            Name = (from, to, ct) => s.Rename!.RenameAsync(from, to, true, ct),
        }),
        new("A second name never replaces what has it", s => new AlteredStore(s)
        {
            Name = async (from, to, ct) =>
            {
                await s.DeleteAsync(to, ct);
                await s.HardLinks!.LinkAsync(s.Identity, from, to, ct);
            },
        }),
        new("What is absent gets no second name", s => new AlteredStore(s)
        {
            Name = (from, to, ct) => Faulty.Hiding(StoreErrorKind.NotFound, () => s.HardLinks!.LinkAsync(s.Identity, from, to, ct)),
        }),
        WritingInPlace(),
        new("Free space is told and plausible", s => new AlteredStore(s) { Space = (_, _) => ValueTask.FromResult(new FreeSpace(2, 1, null)) }),
        new("Published files are made durable", s => new AlteredStore(s)
        {
            SyncPublished = (paths, _) => paths.Count > 1 ? throw Faulty.Error(StoreErrorKind.Unsupported) : ValueTask.CompletedTask,
        }),
        new("What is absent is not made durable", s => new AlteredStore(s)
        {
            SyncPublished = (paths, ct) => Faulty.Hiding(StoreErrorKind.NotFound, () => s.Durability!.SyncPublishedAsync(paths, ct)),
        }),
    ];

    private delegate ValueTask<StoreEntry> CopyAsync(
        IStore inner, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct);

    private static PlantedFault Copying(string noticed, CopyAsync copyAsync) =>
        new(noticed, s => new AlteredStore(s) { Copy = (_, from, version, to, options, ct) => copyAsync(s, from, version, to, options, ct) });

    private static PlantedFault Deleting(string noticed, Func<IStore, StorePath, CancellationToken, ValueTask> deleteAsync) =>
        new(noticed, s => new AlteredStore(s) { Delete = (path, ct) => deleteAsync(s, path, ct) });

    private static PlantedFault Renaming(
        string noticed, Func<IStore, StorePath, StorePath, bool, CancellationToken, ValueTask> renameAsync) =>
        new(noticed, s => new AlteredStore(s) { Move = (from, to, createOnly, ct) => renameAsync(s, from, to, createOnly, ct) });

    private static PlantedFault WritingInPlace() => new("Writing over one of two names leaves the other", s =>
    {
        StorePath? other = null;
        return new AlteredStore(s)
        {
            Name = (from, to, ct) =>
            {
                other = to;
                return s.HardLinks!.LinkAsync(s.Identity, from, to, ct);
            },
            Write = async (path, source, options, ct) =>
            {
                if (other is { } same)
                {
                    await s.WriteAsync(same, source, options, ct);
                }

                return await s.WriteAsync(path, source, options, ct);
            },
        };
    });

    private static ValueTask<StoreEntry> ForgetsOptions(
        IStore s, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct) =>
        s.ServerCopy!.CopyAsync(s.Identity, from, version, to, WriteOptions.Default, ct);

    private static ValueTask AlwaysReplaces(IStore s, StorePath from, StorePath to, bool createOnly, CancellationToken ct) =>
        s.Rename!.RenameAsync(from, to, false, ct);

    private static async ValueTask DeletesTreeAsync(IStore s, StorePath path, CancellationToken ct)
    {
        if (await s.StatAsync(path, ct) is { Kind: EntryKind.Directory })
        {
            foreach (StoreEntry entry in (await s.ListAsync(path, null, ct)).Entries)
            {
                await DeletesTreeAsync(s, entry.Path, ct);
            }
        }

        await s.DeleteAsync(path, ct);
    }
}
