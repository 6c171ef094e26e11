using System.Collections.Concurrent;
using Godwit.Backends.Sftp;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>What a server says late or in passing counts: nothing gets its name, and nothing is called durable, before all was heard.</summary>
public sealed class SftpProofTests
{
    private const string Sync = "fsync@openssh.com";
    private const string Rename = "posix-rename@openssh.com";
    private static readonly StorePath s_file = StorePath.FromText("d/file");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_whose_end_the_server_refuses_gets_no_name(bool syncs)
    {
        using var proxy = new SftpProxy("shell")
        {
            Hidden = syncs ? [] : [Sync],
            Instead = request => request is { Type: PacketType.Close, Writes: true } ? StatusCode.Failure : null,
        };
        await using SftpConnections connections = proxy.Connect();
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        await Assert.ThrowsAsync<StoreException>(
            () => store.WriteAsync(s_file, WriteSource.From(new byte[100]), WriteOptions.Default, default).AsTask());
        Assert.Empty((await store.ListAsync(s_file.Parent, null, default)).Entries);
        await SftpTestServer.CleanAsync(store);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_file_whose_end_the_server_refuses_gets_no_name(bool syncs)
    {
        using var proxy = new SftpProxy("shell")
        {
            Hidden = syncs ? [] : [Sync],
            Instead = request => request is { Type: PacketType.Close, Writes: true } ? StatusCode.Failure : null,
        };
        await using SftpConnections connections = proxy.Connect();
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        PartedUpload upload = await store.PartedWrite!.BeginAsync(s_file, "tag", 0, WriteOptions.Default, default);
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => store.PartedWrite.CompleteAsync(upload, [], default).AsTask());
        Assert.Equal(NextStep.RestartFile, e.Next);
        await store.PartedWrite.AbortAsync(upload, default);
        await SftpTestServer.CleanAsync(store);
    }

    [Theory]
    [InlineData(true, 100)]
    [InlineData(true, 2 << 20)]
    [InlineData(false, 100)]
    [InlineData(false, 2 << 20)]
    public async Task All_that_wrote_a_file_is_closed_before_it_gets_its_name_and_without_syncs_before_it_is_read_again(bool syncs, int partBytes)
    {
        using var never = new ManualResetEventSlim();
        int atPublishing = -1, closes = 0;
        using var proxy = new SftpProxy("shell") { Hidden = syncs ? [] : [Sync] };
        proxy.Asked = request => atPublishing = request.Publishes ? proxy.Written : atPublishing;
        proxy.Instead = request =>
        {
            if (request is { Type: PacketType.Close, Writes: true })
            {
                never.Wait(50 * Interlocked.Increment(ref closes));
            }

            return null;
        };
        await using SftpConnections connections = proxy.Connect();
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        var content = new byte[4 * partBytes];
        new Random(1).NextBytes(content);
        IPartedWrite parts = store.PartedWrite!;
        PartedUpload upload = await parts.BeginAsync(s_file, "tag", content.Length, WriteOptions.Default, default);
        StoredPart[] stored = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => parts.WritePartAsync(
            upload, i + 1, i * partBytes, WriteSource.From(content.AsMemory(i * partBytes, partBytes)), null, default).AsTask()));
        await using (Stream again = await parts.UnpublishedRead!.OpenRangeAsync(upload, 0, content.Length, default))
        {
            Assert.True(syncs || proxy.Written == 0, $"{proxy.Written} handles were open");
            using var all = new MemoryStream();
            await again.CopyToAsync(all);
            Assert.Equal(content, all.ToArray());
        }

        await parts.CompleteAsync(upload, stored, default);
        Assert.Equal(0, atPublishing);
        await SftpTestServer.CleanAsync(store);
    }

    [Fact]
    public async Task A_file_that_was_there_is_synced_itself_and_one_that_was_synced_is_not_again()
    {
        var synced = new ConcurrentQueue<string>();
        using var proxy = new SftpProxy("shell") { Asked = request => synced.Enqueue(request.Extension == Sync ? request.Place : "") };
        await using SftpConnections connections = proxy.Connect();
        string name = SftpTestServer.Fresh();
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        var theirs = StorePath.FromText("d/theirs");
        await store.WriteAsync(s_file, WriteSource.From(new byte[100]), WriteOptions.Default, default);
        SftpCommandLine.Run(0, "ssh", "-F", SftpTestServer.Config, "shell", $"echo theirs > {name}/d/theirs");
        synced.Clear();
        await store.Durability!.SyncPublishedAsync([s_file, theirs], default);
        Assert.Single(synced, place => place.EndsWith("/d/theirs", StringComparison.Ordinal));
        Assert.Single(synced, place => place.EndsWith("/d", StringComparison.Ordinal));
        Assert.DoesNotContain(synced, place => place.EndsWith("/d/file", StringComparison.Ordinal));

        // Another's by now, for all that this store knows.
        synced.Clear();
        await store.Durability.SyncPublishedAsync([s_file], default);
        Assert.Single(synced, place => place.EndsWith("/d/file", StringComparison.Ordinal));
        await SftpTestServer.CleanAsync(store);
    }

    [Theory]
    [InlineData("/d/theirs", true)]
    [InlineData("/d", true)]
    [InlineData("", false)]
    public async Task A_sync_that_fails_is_an_error_unless_the_server_syncs_no_directory_at_all(string place, bool isError)
    {
        using var proxy = new SftpProxy("shell") { Hidden = isError ? [] : ["limits@openssh.com"] };
        proxy.Instead = request => request.Extension == Sync && (place.Length > 0
            ? request.Place.EndsWith(place, StringComparison.Ordinal)
            : !request.Place.EndsWith("/theirs", StringComparison.Ordinal)) ? StatusCode.Failure : null;
        await using SftpConnections connections = proxy.Connect();
        string name = SftpTestServer.Fresh();
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        SftpCommandLine.Run(0, "ssh", "-F", SftpTestServer.Config, "shell", $"mkdir -p {name}/d; echo theirs > {name}/d/theirs");
        Func<Task> sync = () => store.Durability!.SyncPublishedAsync([StorePath.FromText("d/theirs")], default).AsTask();
        await (isError ? Assert.ThrowsAsync<StoreException>(sync) : sync());
        await SftpTestServer.CleanAsync(store);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_made_link_is_told_as_it_was_made_and_not_as_another_writers(bool isGone)
    {
        string name = SftpTestServer.Fresh();
        using var proxy = new SftpProxy("shell");
        proxy.Instead = request =>
        {
            if (request.Extension == Rename)
            {
                SftpCommandLine.Run(0, "ssh", "-F", SftpTestServer.Config, "shell", isGone ? $"rm {name}/link" : $"ln -sfn theirs {name}/link");
            }

            return null;
        };
        await using SftpConnections connections = proxy.Connect();
        SftpStore store = await SftpTestServer.OpenAsync(connections, name);
        StoreEntry made = await store.Links!.CreateAsync(StorePath.FromText("link"), "ours"u8.ToArray(), WriteOptions.Default, default);
        Assert.Equal((EntryKind.Link, StorePath.FromText("link")), (made.Kind, made.Path));
        Assert.Equal("ours"u8.ToArray(), made.LinkTarget?.ToArray());
        await SftpTestServer.CleanAsync(store);
    }
}
