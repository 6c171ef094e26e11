using Godwit.Backends.Local;
using Godwit.Storage;
using static Godwit.Tests.Backends.Local.LocalFolder;

namespace Godwit.Tests.Backends.Local;

public sealed class LocalReadsTests
{
    [Fact]
    public async Task A_pipe_blocks_nobody_and_is_listed_as_something_else()
    {
        await using var folder = new LocalFolder();
        Run("mkfifo", folder.On("pipe"));
        Run("mkfifo", folder.On("writing"));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.OpenReadAsync(At("pipe"), default));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.RangedRead!.OpenRangeAsync(At("pipe"), null, 0, 1, default));
        Assert.All(await folder.ListAsync(StorePath.Root), e => Assert.Equal((EntryKind.Other, null), (e.Kind, e.Version)));
        PartedUpload upload = await folder.Store.PartedWrite!.BeginAsync(At("f"), "tag", null, WriteOptions.Default, default);
        await folder.Store.PartedWrite.AbortAsync(upload, default);
        File.Move(folder.On("writing"), folder.On(upload.Id));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.PartedWrite.BeginAsync(At("f"), "tag", null, WriteOptions.Default, default));
    }

    [Fact]
    public async Task A_file_that_shrinks_or_grows_while_it_is_read_is_never_passed_off_as_whole()
    {
        await using var folder = new LocalFolder();
        await folder.WriteAsync("shrinks", new string('a', 100));
        await folder.WriteAsync("grows", new string('a', 100));
        await using StoreBody shrinking = await folder.Store.OpenReadAsync(At("shrinks"), default);
        await using StoreBody growing = await folder.Store.OpenReadAsync(At("grows"), default);
        await using (FileStream file = File.OpenWrite(folder.On("shrinks")))
        {
            file.SetLength(40);
        }

        File.AppendAllText(folder.On("grows"), "more");
        await FailsAsync(StoreErrorKind.Interrupted, async () => await shrinking.Content.CopyToAsync(Stream.Null));
        await FailsAsync(StoreErrorKind.PreconditionFailed, async () => await growing.Content.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task A_file_rewritten_in_its_place_while_it_is_read_does_not_give_its_last_byte()
    {
        await using var folder = new LocalFolder();
        StoreEntry entry = await folder.WriteAsync("f", new string('a', 100));
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        await using StoreBody whole = await folder.Store.OpenReadAsync(At("f"), default);
        await using Stream range = await folder.Store.RangedRead!.OpenRangeAsync(At("f"), entry.Version, 10, 20, default);
        byte[] some = new byte[10];
        await whole.Content.ReadExactlyAsync(some);
        await range.ReadExactlyAsync(some);
        await using (FileStream file = File.OpenWrite(folder.On("f")))
        {
            file.Write("bbbb"u8);
        }

        await folder.Store.SettableTime!.SetAsync(At("f"), entry.Modified!.Value, default);
        await FailsAsync(StoreErrorKind.PreconditionFailed, async () => await whole.Content.CopyToAsync(Stream.Null));
        await FailsAsync(StoreErrorKind.PreconditionFailed, async () => await range.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task A_rewrite_of_the_same_length_and_time_is_another_version()
    {
        await using var folder = new LocalFolder();
        StoreEntry first = await folder.WriteAsync("f", "aaaa");
        await using (FileStream file = File.OpenWrite(folder.On("f")))
        {
            file.Write("bbbb"u8);
        }

        await folder.Store.SettableTime!.SetAsync(At("f"), first.Modified!.Value, default);
        StoreEntry second = (await folder.Store.StatAsync(At("f"), default))!;
        Assert.Equal((first.Length, first.Modified, first.ResumeVersion), (second.Length, second.Modified, second.ResumeVersion));
        Assert.NotEqual(first.Version, second.Version);
        await FailsAsync(StoreErrorKind.PreconditionFailed, async () => await folder.Store.RangedRead!.OpenRangeAsync(At("f"), first.Version, 0, 4, default));
        await using Stream range = await folder.Store.RangedRead!.OpenRangeAsync(At("f"), second.Version, 1, 2, default);
        using var reader = new StreamReader(range);
        Assert.Equal("bb", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_listing_of_many_pages_gives_each_name_once_and_the_same_page_again()
    {
        await using var folder = new LocalFolder();
        for (int i = 0; i < 9000; i++)
        {
            File.Create(folder.On($"f{i}")).Dispose();
        }

        StorePage first = await folder.Store.ListAsync(StorePath.Root, null, default);
        ListPosition second = first.Next!;
        using (var cancelled = new CancellationTokenSource())
        {
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await folder.Store.ListAsync(StorePath.Root, second, cancelled.Token));
        }

        StorePage once = await folder.Store.ListAsync(StorePath.Root, second, default);
        StorePage third = await folder.Store.ListAsync(StorePath.Root, once.Next, default);
        StorePage again = await folder.Store.ListAsync(StorePath.Root, second, default);
        Assert.Equal(once.Entries, again.Entries);
        StorePath[] all = [.. first.Entries.Concat(once.Entries).Concat(third.Entries).Select(e => e.Path)];
        Assert.Equal((9000, 9000), (all.Length, all.Distinct().Count()));
    }

    [Fact]
    public async Task A_directory_that_vanishes_while_it_is_listed_is_an_error_and_no_empty_page()
    {
        await using var folder = new LocalFolder();
        Directory.CreateDirectory(folder.On("d"));
        for (int i = 0; i < 9000; i++)
        {
            File.Create(folder.On($"d/f{i}")).Dispose();
        }

        StorePage first = await folder.Store.ListAsync(At("d"), null, default);
        Directory.Delete(folder.On("d"), recursive: true);
        await FailsAsync(StoreErrorKind.NotFound, async () => await folder.Store.ListAsync(At("d"), first.Next, default));
        await FailsAsync(StoreErrorKind.NotFound, async () => await folder.Store.ListAsync(At("d"), null, default));
    }

    [Fact]
    public async Task A_missing_root_is_named_and_made_only_when_asked_for()
    {
        await using var folder = new LocalFolder();
        string missing = Path.Combine(folder.Outside, "not", "there");
        await using var source = LocalStore.In(missing);
        StoreException error = await FailsAsync(StoreErrorKind.NotFound, async () => await source.ListAsync(StorePath.Root, null, default));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        await FailsAsync(StoreErrorKind.NotFound, async () => await source.WriteAsync(At("f"), Text("x"), WriteOptions.Default, default));
        Assert.Null(await source.StatAsync(StorePath.Root, default));
        Assert.True((await source.FreeSpace!.GetAsync(At("a/b"), default)).FreeBytes > 0);
        await using var destination = LocalStore.In(missing, new LocalOptions { CreateRoot = true });
        await destination.WriteAsync(At("f"), Text("x"), WriteOptions.Default, default);
        Assert.Equal("x", File.ReadAllText(Path.Combine(missing, "f")));
    }

    [Fact]
    public async Task An_identity_is_the_same_whichever_way_the_root_was_named()
    {
        await using var folder = new LocalFolder();
        File.CreateSymbolicLink(Path.Combine(folder.Outside, "other"), folder.Root);
        await using var viaLink = LocalStore.In(Path.Combine(folder.Outside, "other"));
        await using var viaDots = LocalStore.In(folder.Root + "/../root/.//");
        await using var below = LocalStore.In(Path.Combine(folder.Outside, "other", "new", "..", "new", "sub"));
        Assert.Equal(folder.Store.Identity, viaLink.Identity);
        Assert.Equal(folder.Store.Identity, viaDots.Identity);
        Assert.Equal(folder.Store.Identity.Absolute(At("new/sub")), below.Identity.Root);
    }
}
