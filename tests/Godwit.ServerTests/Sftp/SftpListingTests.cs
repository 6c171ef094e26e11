using Godwit.Backends.Sftp;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>A directory that a server tells only in part is never taken for a whole one.</summary>
public sealed class SftpListingTests
{
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

    private static void ChangeMode(string account, string path, string mode)
    {
        string batch = Path.GetTempFileName();
        File.WriteAllText(batch, $"chmod {mode} {path}\n");
        SftpCommandLine.Run(0, "sftp", "-q", "-F", SftpTestServer.Config, "-b", batch, account);
        File.Delete(batch);
    }
}
