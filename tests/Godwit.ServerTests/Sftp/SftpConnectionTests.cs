using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Godwit.Backends.Sftp;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>Connections: how they come about, what ssh says when they do not, and how they end.</summary>
[Collection(nameof(SftpConnectionTests))]
public sealed class SftpConnectionTests
{
    [Theory]
    [InlineData("shell")]
    [InlineData("chroot")]
    public async Task Sixteen_connections_are_opened_one_after_the_other_and_carry_sixteen_bodies(string account)
    {
        await using SftpConnections connections = SftpTestServer.Connect(account, options => options with { Connections = 16 });
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        byte[] content = Content(2 << 20);
        var names = Enumerable.Range(0, 16).Select(i => StorePath.FromText($"file{i}")).ToList();
        await Task.WhenAll(names.Select(name => store.WriteAsync(name, Source(content), WriteOptions.Default, default).AsTask()));
        StoreBody[] bodies = await Task.WhenAll(names.Select(name => store.OpenReadAsync(name, default).AsTask()));
        foreach (StoreBody body in bodies)
        {
            Assert.Equal(content, await DrainAsync(body));
        }

        Assert.InRange(connections.Count, 8, 16);
        await SftpTestServer.CleanAsync(store);
    }

    [Fact]
    public async Task A_server_that_turns_connections_away_is_asked_again_later()
    {
        // Connections that never log in: from the tenth on the server drops three of ten, and more with each further one.
        var idle = new List<TcpClient>();
        try
        {
            for (int i = 0; i < 25; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, SftpTestServer.Port);
                idle.Add(client);
            }

            await using SftpConnections connections = SftpTestServer.Connect("shell", options => options with { Connections = 4 });
            SftpStore store = await SftpTestServer.OpenAsync(connections);
            byte[] content = Content(100_000);
            await store.WriteAsync(StorePath.FromText("file"), Source(content), WriteOptions.Default, default);
            Assert.Equal(content, await DrainAsync(await store.OpenReadAsync(StorePath.FromText("file"), default)));
            await SftpTestServer.CleanAsync(store);
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_password_is_given_through_askpass_and_left_nowhere()
    {
        await using SftpConnections connections = SftpTestServer.Connect("password", options => options with { Password = () => SftpTestServer.Password });
        SftpStore store = await SftpStore.OpenAsync(connections, "."u8.ToArray(), createRoot: false, followLinks: false, default);
        Assert.Equal(EntryKind.Directory, (await store.StatAsync(StorePath.Root, default))?.Kind);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "godwit-askpass-*"));
    }

    [Fact]
    public async Task A_wrong_password_ends_at_once_and_names_the_account()
    {
        StoreException e = await RefusedAsync("password", options => options with { Password = () => "wrong" });
        Assert.Equal((StoreErrorKind.Unauthenticated, NextStep.GiveUp), (e.Kind, e.Next));
        Assert.Contains("Permission denied", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_password_nobody_is_asked()
    {
        StoreException e = await RefusedAsync("password");
        Assert.Equal(StoreErrorKind.Unauthenticated, e.Kind);
    }

    [Fact]
    public async Task An_unknown_host_key_is_refused_with_the_command_that_adds_it()
    {
        StoreException e = await RefusedAsync("127.0.0.1", options => options with
        {
            Server = new SftpServer("127.0.0.1", SftpTestServer.User, SftpTestServer.Port),
            KnownHostsFile = "/dev/null",
        });
        Assert.Equal((StoreErrorKind.Unauthenticated, NextStep.GiveUp), (e.Kind, e.Next));
        Assert.Contains($"ssh-keyscan -p {SftpTestServer.Port} 127.0.0.1 >> ~/.ssh/known_hosts", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_and_a_port_that_are_not_there_are_unavailable_with_the_words_of_ssh()
    {
        StoreException closed = await RefusedAsync("127.0.0.1", options => options with { Server = new SftpServer("127.0.0.1", null, 1) });
        Assert.Equal(StoreErrorKind.Unavailable, closed.Kind);
        Assert.Contains("Connection refused", closed.Message, StringComparison.Ordinal);
        StoreException unknown = await RefusedAsync("none.invalid", options => options with { Server = new SftpServer("none.invalid"), Command = ["ssh"] });
        Assert.Equal(StoreErrorKind.Unavailable, unknown.Kind);
        Assert.Contains("none.invalid", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_looks_like_an_option_is_no_option()
    {
        string trace = Path.Combine(Path.GetTempPath(), SftpTestServer.Fresh());
        await RefusedAsync("x", options => options with { Server = new SftpServer($"-oProxyCommand=touch {trace}") });
        Assert.False(Path.Exists(trace));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        StoreException e = await RefusedAsync("shell", options => options with { Command = ["/no/such/ssh"] });
        Assert.Contains("/no/such/ssh", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_answers_no_sftp_is_told_with_its_first_words()
    {
        StoreException e = await RefusedAsync("shell", options => options with { Command = ["/bin/echo", "Welcome to the machine"] });
        Assert.Contains("Welcome to the machine", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_bodies_go_on_where_they_are_while_another_login_takes_for_ever()
    {
        using var ssh = new SshStandIn("", "mkdir \"$notes/first\" 2>/dev/null || exec sleep 1000", []);
        SftpConnections connections = SftpTestServer.Connect(
            "shell", options => options with { Command = [ssh.Program, "-F", SftpTestServer.Config], ShellChecksums = false });
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        byte[] content = Content(4 << 20);
        PartedUpload upload = await store.PartedWrite!.BeginAsync(StorePath.FromText("file"), "tag", content.Length, WriteOptions.Default, default);
        Task<StoredPart>[] parts = [.. new[] { 1, 2 }.Select(number => store.PartedWrite.WritePartAsync(
            upload, number, (number - 1) * (2 << 20), WriteSource.From(content.AsMemory((number - 1) * (2 << 20), 2 << 20)), null, default).AsTask())];
        await store.PartedWrite.CompleteAsync(upload, await Task.WhenAll(parts).WaitAsync(TimeSpan.FromSeconds(40)), default);
        await connections.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(40));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ssh_that_dies_within_a_write_is_replaced_and_the_file_is_whole(bool layered)
    {
        await using SftpConnections connections = SftpTestServer.Connect("shell", options => options with { Connections = 1 });
        SftpStore backend = await SftpTestServer.OpenAsync(connections);
        IStore store = layered ? StoreStack.Build(backend, StoreStackOptions.Remote, TimeProvider.System) : backend;
        byte[] content = Content(20 << 20);
        var path = StorePath.FromText("file");
        bool killed = false;
        var source = new WriteSource(content.Length, _ => ValueTask.FromResult<Stream>(new HalfwayStream(content, () =>
        {
            if (!killed)
            {
                killed = true;
                KillChildren();
            }
        })));
        if (layered)
        {
            await store.WriteAsync(path, source, WriteOptions.Default, default);
            Assert.Equal(content, await DrainAsync(await store.OpenReadAsync(path, default)));
        }
        else
        {
            StoreException e = await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync(path, source, WriteOptions.Default, default).AsTask());
            Assert.Equal((StoreErrorKind.Interrupted, NextStep.RepeatCall), (e.Kind, e.Next));
            Assert.Empty((await store.ListAsync(StorePath.Root, null, default)).Entries);
        }

        await SftpTestServer.CleanAsync(backend);
    }

    [Fact]
    public async Task Nothing_is_left_running()
    {
        SftpConnections connections = SftpTestServer.Connect("shell", options => options with { Connections = 3 });
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        await store.StatAsync(StorePath.Root, default);
        Assert.NotEmpty(Children());
        await connections.DisposeAsync();
        Assert.Empty(Children());
    }

    private static async Task<StoreException> RefusedAsync(string account, Func<SftpOptions, SftpOptions>? change = null)
    {
        var time = Stopwatch.StartNew();
        SftpOptions options = SftpTestServer.Options(account);
        await using var connections = new SftpConnections((change ?? (same => same))(options), TimeProvider.System);
        StoreException e = await Assert.ThrowsAsync<StoreException>(
            () => SftpStore.OpenAsync(connections, "x"u8.ToArray(), createRoot: false, followLinks: false, default));
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        return e;
    }

    /// <summary>The ssh processes that this one started.</summary>
    private static List<int> Children()
    {
        var children = new List<int>();
        foreach (string directory in Directory.GetDirectories("/proc").Where(name => int.TryParse(Path.GetFileName(name), out int _)))
        {
            try
            {
                string[] stat = File.ReadAllText(Path.Combine(directory, "stat")).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (stat[0] != "Z" && stat[1] == Environment.ProcessId.ToString() && File.ReadAllText(Path.Combine(directory, "comm")) == "ssh\n")
                {
                    children.Add(int.Parse(Path.GetFileName(directory)));
                }
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return children;
    }

    private static void KillChildren() => Children().ForEach(child => Process.GetProcessById(child).Kill());

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private static WriteSource Source(byte[] content) => new(content.Length, _ => ValueTask.FromResult<Stream>(new MemoryStream(content)));

    private static async Task<byte[]> DrainAsync(StoreBody body)
    {
        await using (body)
        {
            using var all = new MemoryStream();
            await body.Content.CopyToAsync(all);
            return all.ToArray();
        }
    }

    private sealed class HalfwayStream(byte[] content, Action halfway) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= Length / 2)
            {
                halfway();
            }

            return base.ReadAsync(buffer, cancellationToken);
        }
    }
}

/// <summary>These count and kill the processes of the whole test run, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(SftpConnectionTests), DisableParallelization = true)]
public sealed class SftpConnectionsAlone;
