using System.Text;
using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about what file systems have: directories, links, renames, free space, durability.</summary>
internal static class FileSystem
{
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        new("A made directory is there, empty, and making it again is success", DirectoryAsync, nameof(IStore.Directories)),
        new("A directory is not made where a file is", DirectoryOverFileAsync, nameof(IStore.Directories)),
        new("A file is not written over a directory", FileOverDirectoryAsync, nameof(IStore.Directories)),
        new("A file is not written below a file", FileBelowFileAsync, nameof(IStore.Directories)),
        new("A link is told as a link, with its target byte for byte", LinkIsToldAsync, nameof(IStore.Links)),
        new("A link is never opened as a file", LinkNotOpenedAsync, nameof(IStore.Links)),
        new("A link replaces a link, unless create-only", LinkReplacesAsync, nameof(IStore.Links)),
        new("Writing over a link replaces the link, never what it points to", WriteOverLinkAsync, nameof(IStore.Links)),
        new("Setting the time of a link leaves its target's", LinkTimeAsync, "Links and SettableTime", s => s.Links is not null && s.SettableTime is not null),
        new("A rename moves the content to the new name", RenameAsync, nameof(IStore.Rename)),
        new("A rename replaces what has the new name", RenameReplacesAsync, nameof(IStore.Rename)),
        new("A create-only rename over a file is refused and both stay", RenameCreateOnlyAsync, nameof(IStore.Rename)),
        new("Renaming what is absent fails as not found", RenameOfAbsentAsync, nameof(IStore.Rename)),
        new("Free space is told and plausible", FreeSpaceAsync, nameof(IStore.FreeSpace)),
        new("Published files are made durable", SyncPublishedAsync, nameof(IStore.Durability)),
        new("What is absent is not made durable", SyncAbsentAsync, nameof(IStore.Durability)),
        new("Uploads are made durable, resumed ones too", SyncUploadsAsync, "Durability and PartedWrite", s => s.Durability is not null && s.PartedWrite is not null),
    ];

    public static async Task<StoreEntry> LinkAsync(StoreUnderTest s, string name, string target, bool createOnly = false) =>
        await s.Store.Links!.CreateAsync(
            s.Path(name), Encoding.UTF8.GetBytes(target), new WriteOptions { CreateOnly = createOnly }, s.Ct).ConfigureAwait(false);

    private static async Task DirectoryAsync(StoreUnderTest s)
    {
        await s.Store.Directories!.CreateAsync(s.Path("one/two"), s.Ct).ConfigureAwait(false);
        await s.Store.Directories.CreateAsync(s.Path("one/two"), s.Ct).ConfigureAwait(false);
        await s.Store.Directories.CreateAsync(s.Path("one"), s.Ct).ConfigureAwait(false);
        foreach (string name in new[] { "one", "one/two" })
        {
            Require.Same(EntryKind.Directory, (await s.PresentAsync(s.Path(name)).ConfigureAwait(false)).Kind, $"the kind of \"{name}\"");
        }

        StorePage page = await s.Store.ListAsync(s.Path("one/two"), null, s.Ct).ConfigureAwait(false);
        Require.Same(0, page.Entries.Count, "the number of entries of an empty directory");
        await s.OnlyLeftAsync(s.Path("one"), s.Path("one/two")).ConfigureAwait(false);
    }

    private static async Task DirectoryOverFileAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        foreach (string name in new[] { "file", "file/below" })
        {
            await Require.FailsAsync(
                StoreErrorKind.Unsupported,
                async () => await s.Store.Directories!.CreateAsync(s.Path(name), s.Ct).ConfigureAwait(false),
                $"making the directory \"{name}\" where a file is").ConfigureAwait(false);
        }

        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task FileOverDirectoryAsync(StoreUnderTest s)
    {
        await s.Store.Directories!.CreateAsync(s.Path("directory"), s.Ct).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.Unsupported, () => s.WriteAsync("directory", Sources.Bytes(10)), "writing over a directory").ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("directory")).ConfigureAwait(false);
    }

    private static async Task FileBelowFileAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.Unsupported, () => s.WriteAsync("file/below", Sources.Bytes(10)), "writing below a file").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("file")).ConfigureAwait(false);
    }

    private static async Task LinkIsToldAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        foreach (string target in new[] { "file", "no such file", "../..", "/etc/passwd", " -$(x)\n" })
        {
            StoreEntry returned = await LinkAsync(s, "link", target).ConfigureAwait(false);
            StoreEntry told = await s.PresentAsync(s.Path("link")).ConfigureAwait(false);
            StoreEntry? listed = (await s.ListAsync(s.At).ConfigureAwait(false)).SingleOrDefault(entry => entry.Path == told.Path);
            foreach (StoreEntry? entry in new[] { returned, told, listed })
            {
                Require.Same(EntryKind.Link, entry?.Kind, "the kind of a link");
                ReadOnlyMemory<byte> seen = entry!.LinkTarget ?? default;
                Require.SameBytes(Encoding.UTF8.GetBytes(target), seen, "a link's target");
            }
        }
    }

    private static async Task LinkNotOpenedAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        await LinkAsync(s, "link", "file").ConfigureAwait(false);
        await Require.FailsAsync(StoreErrorKind.Unsupported, () => s.ReadAsync(s.Path("link")), "opening a link").ConfigureAwait(false);
    }

    private static async Task LinkReplacesAsync(StoreUnderTest s)
    {
        await LinkAsync(s, "link", "old").ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists, () => LinkAsync(s, "link", "other", createOnly: true), "a create-only link over a link").ConfigureAwait(false);
        await RequireTargetAsync(s, "old").ConfigureAwait(false);
        await LinkAsync(s, "link", "new").ConfigureAwait(false);
        await RequireTargetAsync(s, "new").ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("link")).ConfigureAwait(false);
    }

    private static async Task RequireTargetAsync(StoreUnderTest s, string target)
    {
        ReadOnlyMemory<byte> seen = (await s.PresentAsync(s.Path("link")).ConfigureAwait(false)).LinkTarget ?? default;
        Require.SameBytes(Encoding.UTF8.GetBytes(target), seen, "the link's target");
    }

    private static async Task WriteOverLinkAsync(StoreUnderTest s)
    {
        byte[] old = Sources.Bytes(10, seed: 1);
        byte[] content = Sources.Bytes(20, seed: 2);
        await s.WriteAsync("file", old).ConfigureAwait(false);
        await LinkAsync(s, "link", "file").ConfigureAwait(false);
        await s.WriteAsync("link", content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("link"), content).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), old).ConfigureAwait(false);
    }

    private static async Task LinkTimeAsync(StoreUnderTest s)
    {
        var time = new Timestamp(1_234_567_890_000_000_000);
        StoreEntry file = await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        await LinkAsync(s, "link", "file").ConfigureAwait(false);
        try
        {
            await s.Store.SettableTime!.SetAsync(s.Path("link"), time, s.Ct).ConfigureAwait(false);
            Require.Same(time, (await s.PresentAsync(s.Path("link")).ConfigureAwait(false)).Modified, "the link's time");
        }
        catch (StoreException failure) when (failure.Kind == StoreErrorKind.Unsupported)
        {
            // Some servers set the times of files only. What matters is that the target's stays.
        }

        Require.Same(file.Modified, (await s.PresentAsync(file.Path).ConfigureAwait(false)).Modified, "the target's time");
    }

    private static async Task RenameAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("old", content).ConfigureAwait(false);
        await s.RenameAsync(s.Path("old"), s.Path("in/new/directory")).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("in/new/directory"), content).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("in/new/directory")).ConfigureAwait(false);
    }

    private static async Task RenameReplacesAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10, seed: 1);
        await s.WriteAsync("old", content).ConfigureAwait(false);
        await s.WriteAsync("new", Sources.Bytes(20, seed: 2)).ConfigureAwait(false);
        await s.RenameAsync(s.Path("old"), s.Path("new")).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("new"), content).ConfigureAwait(false);
        await s.OnlyLeftAsync(s.Path("new")).ConfigureAwait(false);
    }

    private static async Task RenameCreateOnlyAsync(StoreUnderTest s)
    {
        byte[] one = Sources.Bytes(10, seed: 1);
        byte[] two = Sources.Bytes(20, seed: 2);
        await s.WriteAsync("old", one).ConfigureAwait(false);
        await s.WriteAsync("new", two).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.AlreadyExists,
            async () => await s.Store.Rename!.RenameAsync(s.Path("old"), s.Path("new"), true, s.Ct).ConfigureAwait(false),
            "a create-only rename over a file").ConfigureAwait(false);
        await s.HoldsAsync(s.Path("old"), one).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("new"), two).ConfigureAwait(false);
        await s.RenameAsync(s.Path("old"), s.Path("free"), createOnly: true).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("free"), one).ConfigureAwait(false);
    }

    private static async Task RenameOfAbsentAsync(StoreUnderTest s) => await Require.FailsAsync(
        StoreErrorKind.NotFound,
        async () => await s.Store.Rename!.RenameAsync(s.Path("absent"), s.Path("new"), false, s.Ct).ConfigureAwait(false),
        "renaming what is absent").ConfigureAwait(false);

    private static async Task FreeSpaceAsync(StoreUnderTest s)
    {
        foreach (StorePath directory in new[] { StorePath.Root, s.At, s.Path("not/yet/there") })
        {
            FreeSpace space = await s.Store.FreeSpace!.GetAsync(directory, s.Ct).ConfigureAwait(false);
            Require.That(space.FreeBytes > 0, $"{space.FreeBytes} bytes are free below \"{directory}\", where the kit writes");
            Require.That(space.TotalBytes is null || space.TotalBytes >= space.FreeBytes, "more is free than there is");
            Require.That(space.FreeFiles is null or >= 0, "a negative number of files may be made");
        }
    }

    private static async Task SyncPublishedAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(10);
        await s.WriteAsync("file", content).ConfigureAwait(false);
        await s.WriteAsync("directory/empty", []).ConfigureAwait(false);
        await s.Store.Durability!.SyncPublishedAsync([s.Path("file"), s.Path("directory/empty")], s.Ct).ConfigureAwait(false);
        await s.Store.Durability.SyncPublishedAsync([], s.Ct).ConfigureAwait(false);
        await s.HoldsAsync(s.Path("file"), content).ConfigureAwait(false);
    }

    private static async Task SyncAbsentAsync(StoreUnderTest s)
    {
        await s.WriteAsync("file", Sources.Bytes(10)).ConfigureAwait(false);
        await Require.FailsAsync(
            StoreErrorKind.NotFound,
            () => s.Store.Durability!.SyncPublishedAsync([s.Path("file"), s.Path("absent")], s.Ct).AsTask(),
            "making durable what is absent").ConfigureAwait(false);
    }

    private static async Task SyncUploadsAsync(StoreUnderTest s)
    {
        byte[] content = Sources.Bytes(s.PartBytes);
        PartedUpload upload = await s.BeginAsync(s.Path("file"), content.Length).ConfigureAwait(false);
        List<StoredPart> parts = await s.PartsAsync(upload, content, s.PartBytes).ConfigureAwait(false);
        await s.Store.Durability!.SyncUploadsAsync([upload], s.Ct).ConfigureAwait(false);
        PartedUpload resumed = await s.Parts.ResumeAsync(
            upload.Path, upload.Tag, upload.Id, content.Length, WriteOptions.Default, s.Ct).ConfigureAwait(false)
            ?? throw new StoreCheckFailedException("an upload that is there was not found");
        await s.Store.Durability.SyncUploadsAsync([resumed], s.Ct).ConfigureAwait(false);
        await s.CompleteAsync(resumed, parts).ConfigureAwait(false);
        await s.HoldsAsync(upload.Path, content).ConfigureAwait(false);
    }
}
