using System.Security.Cryptography;
using Godwit.Backends.Local;
using Godwit.Storage;
using static Godwit.Tests.Backends.Local.LocalFolder;

namespace Godwit.Tests.Backends.Local;

public sealed class LocalWritesTests
{
    private const int Mebi = 1 << 20;

    [Theory]
    [InlineData(1_700_000_000_123_456_789L)]
    [InlineData(-1L)]
    [InlineData(0L)]
    public async Task Times_are_kept_to_the_nanosecond_and_modes_without_their_special_bits(long nanoseconds)
    {
        await using var folder = new LocalFolder();
        var metadata = new WriteMetadata { Modified = new Timestamp(nanoseconds), Mode = 0xdad };
        StoreEntry written = await folder.WriteAsync("f", "x", new WriteOptions { Metadata = metadata });
        Assert.Equal((nanoseconds, 0x1ad), (written.Modified!.Value.Nanoseconds, written.Mode!.Value));
        Assert.Equal(written, await folder.Store.StatAsync(At("f"), default));
    }

    [Fact]
    public async Task A_pipe_is_never_replaced_by_a_file_a_link_or_a_renamed_file()
    {
        await using var folder = new LocalFolder();
        Run("mkfifo", folder.On("pipe"));
        await folder.WriteAsync("f", "x");
        Assert.True((await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.WriteAsync("pipe", "x"))).SpecialInTheWay);
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.Links!.CreateAsync(At("pipe"), "f"u8.ToArray(), WriteOptions.Default, default));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.Rename!.RenameAsync(At("f"), At("pipe"), createOnly: false, default));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.ServerCopy!.CopyAsync(
            folder.Store.Identity, At("f"), null, At("pipe"), WriteOptions.Default, default));
        await FailsAsync(StoreErrorKind.AlreadyExists, async () => await folder.Store.HardLinks!.LinkAsync(folder.Store.Identity, At("f"), At("pipe"), default));
        Assert.Equal(EntryKind.Other, (await folder.Store.StatAsync(At("pipe"), default))!.Kind);
        Assert.Equal(["f", "pipe"], folder.Names());
    }

    [Fact]
    public async Task A_second_name_of_a_file_is_replaced_by_its_first_and_goes()
    {
        await using var folder = new LocalFolder();
        await folder.WriteAsync("f", "x");
        await folder.Store.HardLinks!.LinkAsync(folder.Store.Identity, At("f"), At("g"), default);
        await folder.Store.Rename!.RenameAsync(At("f"), At("g"), createOnly: false, default);
        Assert.Equal(["g"], folder.Names());
    }

    [Fact]
    public async Task An_upload_is_resumed_by_path_and_tag_and_read_before_it_is_published()
    {
        await using var folder = new LocalFolder(new LocalOptions { OpenUploads = 1 });
        byte[] bytes = RandomNumberGenerator.GetBytes((3 * Mebi) + 17);
        IPartedWrite parts = folder.Store.PartedWrite!;
        var options = new WriteOptions { CreateOnly = true };
        PartedUpload upload = await parts.BeginAsync(At("d/f"), "tag", bytes.Length, options, default);
        StoredPart last = await parts.WritePartAsync(upload, 2, 2 * Mebi, WriteSource.From(bytes.AsMemory(2 * Mebi)), null, default);
        await using var restarted = LocalStore.In(folder.Root, new LocalOptions { OpenUploads = 0 });
        parts = restarted.PartedWrite!;
        PartedUpload resumed = (await parts.ResumeAsync(At("d/f"), "tag", null, bytes.Length, options, default))!;
        Assert.Equal(upload.Id, resumed.Id);
        Assert.Equal(upload.Id, (await parts.BeginAsync(At("d/f"), "tag", bytes.Length, options, default)).Id);
        Assert.Null(await parts.ResumeAsync(At("d/f"), "other", null, null, options, default));
        StoredPart first = await parts.WritePartAsync(resumed, 1, 0, WriteSource.From(bytes.AsMemory(0, 2 * Mebi)), null, default);
        await restarted.Durability!.SyncUploadsAsync([resumed], default);
        await using (Stream again = await parts.UnpublishedRead!.OpenRangeAsync(resumed, 0, bytes.Length, default))
        {
            Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(again));
        }

        await FailsAsync(StoreErrorKind.Integrity, async () => await parts.CompleteAsync(resumed, [first], default));
        await FailsAsync(StoreErrorKind.Integrity, async () => await parts.CompleteAsync(resumed, [last, first], default));
        Assert.Null(await restarted.StatAsync(At("d/f"), default));
        await parts.CompleteAsync(resumed, [first, last], default);
        await restarted.Durability.SyncPublishedAsync([At("d/f")], default);
        await FailsAsync(StoreErrorKind.NotFound, async () => await parts.CompleteAsync(resumed, [first, last], default));
        Assert.Equal(["d", "d/f"], folder.Names());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.On("d/f")));
    }

    [Fact]
    public async Task Only_one_of_many_create_only_writers_wins_and_nothing_else_stays()
    {
        await using var folder = new LocalFolder();
        var options = new WriteOptions { CreateOnly = true };
        Task<bool>[] writers = [.. Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await folder.WriteAsync("d/f", $"{i}", options);
                return true;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
            {
                return false;
            }
        }))];
        Assert.Single(await Task.WhenAll(writers), won => won);
        Assert.Equal(["d", "d/f"], folder.Names());
    }

    [Fact]
    public async Task A_cancelled_or_lying_source_leaves_nothing()
    {
        await using var folder = new LocalFolder();
        using var cancel = new CancellationTokenSource();
        var cancelling = new WriteSource(4 * Mebi, async _ =>
        {
            await cancel.CancelAsync();
            return new MemoryStream(new byte[4 * Mebi]);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await folder.Store.WriteAsync(At("f"), cancelling, WriteOptions.Default, cancel.Token));
        foreach (int promised in (int[])[9, 11])
        {
            WriteSource inMemory = WriteSource.From(new byte[10]) with { Length = promised };
            var streamed = new WriteSource(promised, _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[10])));
            await FailsAsync(StoreErrorKind.Integrity, async () => await folder.Store.WriteAsync(At("f"), inMemory, WriteOptions.Default, default));
            await FailsAsync(StoreErrorKind.Integrity, async () => await folder.Store.WriteAsync(At("f"), streamed, WriteOptions.Default, default));
        }

        Assert.Empty(folder.Names());
    }

    [Fact]
    public async Task A_directory_in_the_way_is_never_replaced()
    {
        await using var folder = new LocalFolder();
        await folder.Store.Directories!.CreateAsync(At("d/sub"), default);
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.WriteAsync("d/sub", "x"));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.DeleteAsync(At("d"), default));
        await folder.WriteAsync("file", "x");
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.WriteAsync("file/below", "x"));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.Directories.CreateAsync(At("file"), default));
        Assert.Equal(["d", "d/sub", "file"], folder.Names());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sparse_file_stays_sparse_and_a_repeated_part_leaves_nothing_of_the_first(bool inMemory)
    {
        await using var folder = new LocalFolder();
        byte[] bytes = new byte[16 * Mebi];
        bytes[5 * Mebi] = 1;
        byte[] noise = RandomNumberGenerator.GetBytes(bytes.Length);
        WriteSource source = inMemory ? WriteSource.From(bytes) : new WriteSource(bytes.Length, _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes)));
        IPartedWrite parts = folder.Store.PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(At("f"), "tag", bytes.Length, WriteOptions.Default, default);
        await parts.WritePartAsync(upload, 1, 0, WriteSource.From(noise), null, default);
        StoredPart part = await parts.WritePartAsync(upload, 1, 0, source, null, default);
        StoreEntry entry = await parts.CompleteAsync(upload, [part], default);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.On("f")));
        Assert.InRange(entry.Allocated!.Value, 1, Mebi);

        StoreEntry copy = await folder.Store.ServerCopy!.CopyAsync(folder.Store.Identity, At("f"), entry.Version, At("copy"), WriteOptions.Default, default);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.On("copy")));
        Assert.InRange(copy.Allocated!.Value, 1, Mebi);
        await FailsAsync(StoreErrorKind.PreconditionFailed, async () =>
            await folder.Store.ServerCopy.CopyAsync(folder.Store.Identity, At("f"), copy.Version, At("third"), WriteOptions.Default, default));
        Assert.Equal(["copy", "f"], folder.Names());
    }

    [Fact]
    public async Task An_upload_whose_partial_file_was_replaced_or_removed_is_gone()
    {
        await using var folder = new LocalFolder();
        IPartedWrite parts = folder.Store.PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(At("f"), "tag", null, WriteOptions.Default, default);
        StoredPart part = await parts.WritePartAsync(upload, 1, 0, Text("ours"), null, default);
        File.Delete(folder.On(upload.Id));
        File.WriteAllText(folder.On(upload.Id), "evil");
        await FailsAsync(StoreErrorKind.NotFound, async () => await parts.CompleteAsync(upload, [part], default));
        await parts.AbortAsync(upload, default);
        await parts.AbortAsync(upload, default);
        await FailsAsync(StoreErrorKind.NotFound, async () => await parts.WritePartAsync(upload, 1, 0, Text("late"), null, default));
        Assert.Empty(folder.Names());
    }

    [Fact]
    public async Task A_rename_between_two_names_of_one_file_leaves_the_new_one_only()
    {
        await using var folder = new LocalFolder();
        await folder.WriteAsync("a", "x");
        Run("ln", folder.On("a"), folder.On("b"));
        await FailsAsync(StoreErrorKind.AlreadyExists, async () => await folder.Store.Rename!.RenameAsync(At("a"), At("b"), true, default));
        await folder.Store.Rename!.RenameAsync(At("a"), At("b"), false, default);
        Assert.Equal(["b"], folder.Names());
    }

    [Theory]
    [InlineData(Mebi)]
    [InlineData(100)]
    public async Task A_full_disk_is_a_quota_error_and_leaves_nothing(long preallocateFrom)
    {
        await using var folder = new LocalFolder();
        Run("mount", "-t", "tmpfs", "-o", "size=1m", "godwit-test", folder.Root);
        try
        {
            await using var full = LocalStore.In(folder.Root, new LocalOptions { PreallocateFrom = preallocateFrom == Mebi ? Mebi : long.MaxValue });
            byte[] noise = RandomNumberGenerator.GetBytes(2 * Mebi);
            int opened = 0;
            var source = new WriteSource(noise.Length, _ =>
            {
                opened++;
                return ValueTask.FromResult<Stream>(new MemoryStream(noise));
            });
            StoreException error = await FailsAsync(StoreErrorKind.QuotaExceeded, async () => await full.WriteAsync(At("f"), source, WriteOptions.Default, default));
            Assert.Equal((NextStep.WaitForOperator, preallocateFrom == Mebi ? 0 : 1), (error.Next, opened));
            Assert.Empty(folder.Names());
            await FailsAsync(StoreErrorKind.Unsupported, async () =>
            {
                await using var other = LocalStore.In(folder.Outside);
                await other.WriteAsync(At("beside"), Text("x"), WriteOptions.Default, default);
                await other.Rename!.RenameAsync(At("beside"), At("root/moved"), false, default);
            });
            Run("mount", "-o", "remount,ro", folder.Root);
            await FailsAsync(StoreErrorKind.Forbidden, async () => await full.WriteAsync(At("f"), Text("x"), WriteOptions.Default, default));
        }
        finally
        {
            Run("umount", folder.Root);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task Syncing_works_for_few_and_for_many_and_tells_what_is_missing(int files)
    {
        await using var folder = new LocalFolder();
        var uploads = new List<PartedUpload>();
        for (int i = 0; i < files; i++)
        {
            uploads.Add(await folder.Store.PartedWrite!.BeginAsync(At($"d{i}/f"), $"tag{i}", null, WriteOptions.Default, default));
        }

        await folder.Store.Durability!.SyncUploadsAsync(uploads, default);
        foreach (PartedUpload upload in uploads)
        {
            await folder.Store.PartedWrite!.CompleteAsync(upload, [], default);
        }

        StorePath[] paths = [.. uploads.Select(u => u.Path)];
        await folder.Store.Durability.SyncPublishedAsync(paths, default);
        await folder.Store.DeleteAsync(paths[1], default);
        await FailsAsync(StoreErrorKind.NotFound, async () => await folder.Store.Durability.SyncPublishedAsync(paths, default));
    }
}
