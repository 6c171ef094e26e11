using System.Runtime.InteropServices;
using System.Text;
using Godwit.Backends.Local;
using Godwit.Storage;
using static Godwit.Tests.Backends.Local.LocalFolder;

namespace Godwit.Tests.Backends.Local;

public sealed class LocalLinksTests
{
    [DllImport("libc", EntryPoint = "renameat2")]
    private static extern int Exchange(int oldDirectory, byte[] old, int newDirectory, byte[] name, uint flags);

    [Theory]
    [InlineData(false, LinkPolicy.AsLinks)]
    [InlineData(true, LinkPolicy.AsLinks)]
    [InlineData(false, LinkPolicy.Follow)]
    public async Task A_directory_swapped_for_a_link_redirects_no_call(bool stepByStep, LinkPolicy links)
    {
        await using var folder = new LocalFolder(new LocalOptions { StepByStep = stepByStep, Links = links });
        await folder.WriteAsync("d/e/file", "inside");
        PartedUpload upload = await folder.Store.PartedWrite!.BeginAsync(At("d/e/late"), "tag", null, WriteOptions.Default, default);
        string victim = Path.Combine(folder.Outside, "victim");
        Directory.CreateDirectory(Path.Combine(victim, "e"));
        File.WriteAllText(Path.Combine(victim, "e", "file"), "outside");
        File.Copy(folder.On("d/e/" + upload.Id), Path.Combine(victim, "e", upload.Id));
        Directory.Move(folder.On("d"), folder.On("old"));
        File.CreateSymbolicLink(folder.On("d"), victim);

        LocalStore store = folder.Store;
        await Assert.ThrowsAsync<StoreException>(async () => await folder.WriteAsync("d/e/file", "x"));
        await Assert.ThrowsAsync<StoreException>(async () => await folder.WriteAsync("d/new/file", "x"));
        await Assert.ThrowsAsync<StoreException>(async () => await folder.ReadAsync("d/e/file"));
        await Assert.ThrowsAsync<StoreException>(async () => await store.RangedRead!.OpenRangeAsync(At("d/e/file"), null, 0, 1, default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.DeleteAsync(At("d/e/file"), default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(At("d/e"), null, default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.Directories!.CreateAsync(At("d/e/sub"), default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.Links!.CreateAsync(At("d/e/l"), "x"u8.ToArray(), WriteOptions.Default, default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.Rename!.RenameAsync(At("d/e/file"), At("got"), false, default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.SettableTime!.SetAsync(At("d/e/file"), new Timestamp(1), default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.PartedWrite!.CompleteAsync(upload, [], default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.PartedWrite!.AbortAsync(upload, default));
        Assert.Null(await store.StatAsync(At("d/e/file"), default));

        string[] untouched = [.. Directory.EnumerateFiles(victim, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order()!];
        Assert.Equal(new[] { upload.Id, "file" }.Order(), untouched);
        Assert.Equal("outside", File.ReadAllText(Path.Combine(victim, "e", "file")));
        Assert.False(Directory.Exists(Path.Combine(victim, "e", "sub")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_that_is_swapped_in_and_out_all_the_time_never_leads_outside(bool stepByStep)
    {
        await using var folder = new LocalFolder(new LocalOptions { StepByStep = stepByStep, Links = LinkPolicy.Follow });
        await folder.WriteAsync("d/file", "inside");
        string victim = Path.Combine(folder.Outside, "victim");
        Directory.CreateDirectory(victim);
        File.WriteAllText(Path.Combine(victim, "file"), "outside");
        File.CreateSymbolicLink(folder.On("link"), victim);
        byte[] dir = Encoding.UTF8.GetBytes(folder.On("d") + "\0");
        byte[] link = Encoding.UTF8.GetBytes(folder.On("link") + "\0");
        using var done = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            for (int round = 0; round < 3000 || !done.IsCancellationRequested; round++)
            {
                int error = Exchange(-100, dir, -100, link, 2);
                Assert.Equal(0, error);
            }
        });

        int reads = 0;
        for (int round = 0; round < 3000; round++)
        {
            try
            {
                Assert.Equal("inside", await folder.ReadAsync("d/file"));
                reads++;
                await folder.WriteAsync("d/new", "new");
                await folder.Store.DeleteAsync(At("d/new"), default);
            }
            catch (StoreException)
            {
                // The directory was away or a link: the calls may fail, never redirect.
            }
        }

        await done.CancelAsync();
        await swapping;
        Assert.True(reads > 0, "no read came through: the race was not run");
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(victim).Select(Path.GetFileName));
        Assert.Equal("outside", File.ReadAllText(Path.Combine(victim, "file")));
    }

    [Fact]
    public async Task By_default_a_link_is_listed_with_its_target_and_nothing_lies_below_it()
    {
        await using var folder = new LocalFolder();
        await folder.WriteAsync("dir/file", "x");
        StoreEntry made = await folder.Store.Links!.CreateAsync(At("link"), "dir"u8.ToArray(), WriteOptions.Default with { Metadata = new() { Modified = new Timestamp(5) } }, default);
        StoreEntry listed = (await folder.ListAsync(StorePath.Root)).Single(e => e.Kind == EntryKind.Link);
        Assert.Equal(("link", 5L, "dir"), (listed.Path.ToString(), listed.Modified!.Value.Nanoseconds, PathText.Escape(made.LinkTarget!.Value.Span)));
        Assert.Equal("dir"u8.ToArray(), listed.LinkTarget!.Value.ToArray());
        Assert.Null(await folder.Store.StatAsync(At("link/file"), default));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.ListAsync(At("link"), null, default));
        await FailsAsync(StoreErrorKind.Unsupported, async () => await folder.Store.OpenReadAsync(At("link"), default));
        await FailsAsync(StoreErrorKind.AlreadyExists, async () => await folder.Store.Links.CreateAsync(At("link"), "y"u8.ToArray(), new() { CreateOnly = true }, default));
        await folder.Store.Links.CreateAsync(At("link"), "elsewhere"u8.ToArray(), WriteOptions.Default, default);
        await folder.WriteAsync("link", "a file now");
        Assert.Equal(["dir", "dir/file", "link"], folder.Names());
        Assert.Equal("x", await folder.ReadAsync("dir/file"));
    }

    [Fact]
    public async Task Followed_links_are_what_they_point_to_unless_they_lead_out_nowhere_or_round()
    {
        await using var folder = new LocalFolder(new LocalOptions { Links = LinkPolicy.Follow });
        await folder.WriteAsync("a/real", "content");
        await folder.WriteAsync("b/other", "other");
        File.WriteAllText(Path.Combine(folder.Outside, "secret"), "secret");
        (string Name, string Target)[] links =
        [
            ("a/file", "real"), ("a/up", "../b"), ("a/absolute", folder.On("b/other")), ("a/chain", "file"), ("a/dangling", "nothing"),
            ("a/out", "../../secret"), ("a/absolute-out", Path.Combine(folder.Outside, "secret")), ("a/round", "../a"), ("a/root", ".."), ("a/self", "self"),
        ];
        foreach ((string name, string target) in links)
        {
            File.CreateSymbolicLink(folder.On(name), target);
        }

        var kinds = (await folder.ListAsync(At("a"))).ToDictionary(e => PathText.Escape(e.Path.Name), e => e);
        Assert.Equal(
            "absolute File, absolute-out Link, chain File, dangling Link, file File, out Link, real File, root Link, round Link, self Link, up Directory",
            string.Join(", ", kinds.OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => $"{k.Key} {k.Value.Kind}")));
        Assert.Equal(7, kinds["file"].Length);
        foreach (string same in (string[])["absolute", "absolute-out", "chain", "dangling", "file", "out", "real", "self", "up"])
        {
            Assert.Equal(kinds[same].Kind, (await folder.Store.StatAsync(At("a/" + same), default))!.Kind);
        }

        Assert.Equal("content", await folder.ReadAsync("a/chain"));
        Assert.Equal("other", await folder.ReadAsync("a/up/other"));
        Assert.Equal("other", await folder.ReadAsync("a/absolute"));
        await Assert.ThrowsAsync<StoreException>(async () => await folder.ReadAsync("a/out"));
        await Assert.ThrowsAsync<StoreException>(async () => await folder.WriteAsync("a/up/new", "never through a link"));
    }
}
