using Godwit.Backends.Sftp;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>A directory that a server tells only in part is never taken for a whole one.</summary>
public sealed class SftpListingTests
{
    /// <summary>More than one page.</summary>
    private const int Huge = 24_000;

    public static TheoryData<string> Accounts { get; } = [.. SftpTestServer.Accounts.Keys];

    [Theory]
    [MemberData(nameof(Accounts))]
    public async Task A_directory_that_may_be_read_and_not_searched_is_not_listed_as_empty(string account)
    {
        await using SftpConnections connections = SftpTestServer.Connect(account);
        string name = SftpTestServer.Fresh();
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        await store.WriteAsync(StorePath.FromText("d/file"), WriteSource.From("content"u8.ToArray()), WriteOptions.Default, default);
        ChangeMode(account, $"{SftpTestServer.Root(account)}{name}/d", "644");
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => store.ListAsync(StorePath.FromText("d"), null, default).AsTask());
        Assert.Equal(StoreErrorKind.Forbidden, e.Kind);
        ChangeMode(account, $"{SftpTestServer.Root(account)}{name}/d", "755");
        Assert.Single((await store.ListAsync(StorePath.FromText("d"), null, default)).Entries);
        await SftpTestServer.CleanAsync(store);
    }

    [Fact]
    public async Task Where_whole_paths_may_be_too_long_for_the_server_names_are_missed_loudly()
    {
        await using SftpConnections connections = SftpTestServer.Connect("shell");
        string name = SftpTestServer.Fresh();
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        string segment = new('d', 200);
        int count = (3900 - store.Identity.Root.Bytes.Length) / 201;
        SftpCommandLine.Run(
            0, "ssh", "-F", SftpTestServer.Config, "shell",
            $"mkdir -p {name}; cd {name}; for i in $(seq {count}); do mkdir {segment}; cd -P {segment}; done; touch {new string('f', 255)}");
        var deep = StorePath.FromText(string.Join('/', Enumerable.Repeat(segment, count)));
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => store.ListAsync(deep, null, default).AsTask());
        Assert.Equal(StoreErrorKind.Unsupported, e.Kind);
        Assert.Single((await store.ListAsync(deep.Parent, null, default)).Entries);
        SftpCommandLine.Run(0, "ssh", "-F", SftpTestServer.Config, "shell", $"rm -rf {name}");
    }

    [Fact]
    public async Task What_may_be_written_may_be_listed()
    {
        await using SftpConnections connections = SftpTestServer.Connect("shell");
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        int room = store.Limits.PathBytes - store.Identity.Root.Bytes.Length - 1;
        var path = StorePath.FromText(string.Concat(Enumerable.Repeat(new string('d', 99) + "/", (room - 1) / 100)) + "f");
        await store.WriteAsync(path, WriteSource.From("content"u8.ToArray()), WriteOptions.Default, default);
        Assert.Single((await store.ListAsync(path.Parent, null, default)).Entries);
        await SftpTestServer.CleanAsync(store);
    }

    /// <summary>Once within the second page, and once more while what was told is read over.</summary>
    [Fact]
    public async Task A_lost_connection_in_a_huge_directory_skips_nothing_and_doubles_nothing()
    {
        string name = MakeHuge();
        int asked = 0;
        using var proxy = new SftpProxy("shell");
        await using SftpConnections connections = proxy.Connect(1);
        proxy.Asked = asking =>
        {
            if (asking.Type == PacketType.ReadDirectory && Interlocked.Increment(ref asked) is 213 or 300)
            {
                Cut(connections);
            }
        };
        IStore store = StoreStack.Build(await SftpTestServer.OpenAsync(connections, name), StoreStackOptions.Remote, TimeProvider.System);
        StorePage page = await store.ListAsync(StorePath.Root, null, default);
        List<StoreEntry> found = [.. page.Entries];
        while (page.Next is not null)
        {
            page = await store.ListAsync(StorePath.Root, page.Next, default);
            found.AddRange(page.Entries);
        }

        Assert.Equal((Huge, Huge), (found.Count, found.DistinctBy(entry => entry.Path).Count()));
        Assert.True(asked > 500, $"{asked} requests: nothing was read over");
        SftpCommandLine.Run(0, "rm", "-rf", Path.Combine(SftpTestServer.Home, name));
    }

    [Fact]
    public async Task A_huge_directory_that_changed_meanwhile_is_not_pieced_together()
    {
        string name = MakeHuge();
        string there = Path.Combine(SftpTestServer.Home, name);
        await using SftpConnections connections = SftpTestServer.Connect("shell", options => options with { Connections = 1 });
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        foreach (string change in (string[])["true", "rm \"$1\"", "mv \"$1\" \"$1.x\"", "rm -r \"$2\""])
        {
            StorePage page = await store.ListAsync(StorePath.Root, null, default);
            Cut(connections);
            SftpCommandLine.Run(0, "sh", "-c", change, "-", Path.Combine(there, page.Entries[5].Path.ToString()), there);
            Task<StorePage> rest = store.ListAsync(StorePath.Root, page.Next, default).AsTask();
            if (change == "true")
            {
                Assert.Equal(Huge, page.Entries.Count + (await rest).Entries.Count);
                continue;
            }

            StoreException e = await Assert.ThrowsAsync<StoreException>(() => rest);
            Assert.True(e.Kind is StoreErrorKind.Interrupted or StoreErrorKind.NotFound, e.Message);
            page.Next?.Dispose();
        }
    }

    private static void Cut(SftpConnections connections) => connections.GetAsync(default).AsTask().GetAwaiter().GetResult().Abandon();

    private static string MakeHuge()
    {
        string name = SftpTestServer.Fresh();
        SftpCommandLine.Run(0, "sh", "-c", "mkdir -m 777 \"$1\" && cd \"$1\" && seq \"$2\" | xargs touch", "-", Path.Combine(SftpTestServer.Home, name), $"{Huge}");
        return name;
    }

    private static void ChangeMode(string account, string path, string mode)
    {
        string batch = Path.GetTempFileName();
        File.WriteAllText(batch, $"chmod {mode} {path}\n");
        SftpCommandLine.Run(0, "sftp", "-q", "-F", SftpTestServer.Config, "-b", batch, account);
        File.Delete(batch);
    }
}
