using System.Diagnostics;
using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>One process for each credential and server, which may hang, crash and be replaced.</summary>
public sealed class GfalWorkerTests
{
    private static readonly StorePath Name = StorePath.FromText("file");

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task Two_users_of_one_server_see_their_own_files_and_not_each_others(string server)
    {
        await using GfalWorkers alice = GridServer.Connect(server);
        await using GfalWorkers bob = GridServer.Connect(server, "BOB");
        string directory = GridServer.Fresh();
        await using GfalStore hers = GridServer.Open(alice, server, directory);
        await using var his = new GfalStore(bob, GridServer.Home(server, "BOB").Join(StorePath.FromText(directory)), createRoot: true);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            await hers.WriteAsync(StorePath.FromText($"hers{i}"), WriteSource.From("hers"u8.ToArray()), WriteOptions.Default, default);
            await his.WriteAsync(StorePath.FromText($"his{i}"), WriteSource.From("his"u8.ToArray()), WriteOptions.Default, default);
        }));
        Assert.All((await hers.ListAsync(default, null, default)).Entries, entry => Assert.StartsWith("hers", entry.Path.ToString(), StringComparison.Ordinal));
        Assert.All((await his.ListAsync(default, null, default)).Entries, entry => Assert.StartsWith("his", entry.Path.ToString(), StringComparison.Ordinal));
        Assert.NotEqual(alice.ProcessId, bob.ProcessId);

        await using var hisPlaceForHer = new GfalStore(alice, his.Identity.Root, createRoot: false);
        Assert.Equal(StoreErrorKind.Forbidden, (await FailsAsync(async () => await hisPlaceForHer.OpenReadAsync(StorePath.FromText("his0"), default))).Kind);
        Assert.Equal(StoreErrorKind.Forbidden, (await FailsAsync(async () => await hisPlaceForHer.ListAsync(default, null, default))).Kind);
        Assert.Equal(StoreErrorKind.Forbidden, (await FailsAsync(async () => await hisPlaceForHer.WriteAsync(
            StorePath.FromText("mine"), WriteSource.From(new byte[1]), WriteOptions.Default, default))).Kind);
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task A_worker_that_is_killed_while_it_writes_is_replaced_and_the_write_repeated(string server)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        await using GfalStore bare = GridServer.Open(workers, server);
        await using IStore store = StoreStack.Build(bare, StoreStackOptions.Remote, TimeProvider.System);
        byte[] content = Content();
        int killed = 0;
        var source = new WriteSource(content.Length, _ => ValueTask.FromResult<Stream>(new KillingStream(content, () =>
        {
            if (Interlocked.Exchange(ref killed, 1) == 0)
            {
                Kill(workers);
            }
        })));
        await store.WriteAsync(Name, source, WriteOptions.Default, default);
        Assert.Equal(1, killed);
        Assert.Equal(content, await ReadAsync(store));
        Assert.Single((await store.ListAsync(default, null, default)).Entries, entry => entry.Path == Name);
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task A_worker_that_is_killed_while_it_reads_fails_the_body_and_the_next_read_succeeds(string server)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        await using GfalStore store = GridServer.Open(workers, server);
        byte[] content = Content();
        await store.WriteAsync(Name, WriteSource.From(content), WriteOptions.Default, default);
        StoreException lost = await FailsAsync(async () =>
        {
            await using StoreBody body = await store.OpenReadAsync(Name, default);
            await body.Content.ReadExactlyAsync(new byte[1000]);
            Kill(workers);
            await body.Content.CopyToAsync(Stream.Null);
        });
        Assert.Equal((StoreErrorKind.Interrupted, NextStep.RepeatCall), (lost.Kind, lost.Next));
        Assert.Contains("worker process", lost.Message, StringComparison.Ordinal);
        Assert.Equal(content, await ReadAsync(store));
    }

    [Fact]
    public async Task A_worker_that_was_begun_is_the_one_that_is_used()
    {
        await using GfalWorkers workers = GridServer.Connect("gridftp");
        workers.Begin();
        workers.Begin();
        await using GfalStore store = GridServer.Open(workers, "gridftp");
        await store.StatAsync(StorePath.Root, default);
        int? begun = workers.ProcessId;
        workers.Begin();
        await store.StatAsync(StorePath.Root, default);
        Assert.NotNull(begun);
        Assert.Equal(begun, workers.ProcessId);
        Assert.Equal(1, workers.Started);
    }

    [Fact]
    public async Task A_worker_that_cannot_be_begun_is_told_to_whoever_needs_it()
    {
        await using var workers = new GfalWorkers(
            new GfalOptions { Server = new GfalServer("gsiftp", "localhost", 2811), Worker = ["/nowhere/godwit"] }, TimeProvider.System);
        workers.Begin();
        await using var store = new GfalStore(workers, StorePath.Root, createRoot: false);
        StoreException told = await Assert.ThrowsAsync<StoreException>(() => store.StatAsync(StorePath.Root, default).AsTask());
        Assert.Contains("/nowhere/godwit", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task A_large_file_that_is_given_up_in_the_middle_takes_nothing_from_other_reads(string server)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        await using GfalStore store = GridServer.Open(workers, server);
        byte[] content = new byte[40 << 20];
        new Random(7).NextBytes(content);
        await store.WriteAsync(Name, WriteSource.From(content), WriteOptions.Default, default);
        await using StoreBody other = await store.OpenReadAsync(Name, default);
        byte[] read = new byte[content.Length];
        await other.Content.ReadExactlyAsync(read.AsMemory(0, 5 << 20));
        int? former = workers.ProcessId;
        await using (StoreBody givenUp = await store.OpenReadAsync(Name, default))
        {
            await givenUp.Content.ReadExactlyAsync(new byte[5 << 20]);
        }

        await other.Content.ReadExactlyAsync(read.AsMemory(5 << 20));
        Assert.Equal(0, await other.Content.ReadAsync(new byte[1]));
        Assert.Equal(content, read);
        Assert.Equal(content, await ReadAsync(store));
        if (server == "gridftp")
        {
            // The one that was given up is not broken off.
            Assert.NotEqual(former, workers.ProcessId);
            int? now = workers.ProcessId;
            Assert.Equal(content, await ReadAsync(store));
            Assert.Equal(now, workers.ProcessId);
        }
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task A_worker_that_may_not_share_memory_moves_the_same_bytes(string server)
    {
        await using GfalWorkers sharing = GridServer.Connect(server);
        await using var piping = new GfalWorkers(sharing.Options with { SharesMemory = false }, TimeProvider.System);
        string directory = GridServer.Fresh();
        byte[] content = new byte[(33 << 20) + 1];
        new Random(8).NextBytes(content);
        foreach ((GfalWorkers writer, GfalWorkers reader) in ((GfalWorkers, GfalWorkers)[])[(piping, sharing), (sharing, piping)])
        {
            await using GfalStore there = GridServer.Open(writer, server, directory);
            await using GfalStore here = GridServer.Open(reader, server, directory);
            await there.WriteAsync(Name, WriteSource.From(content), WriteOptions.Default, default);
            Assert.Equal(content, await ReadAsync(here));
            var streamed = new WriteSource(content.Length, _ => ValueTask.FromResult<Stream>(new MemoryStream(content)));
            await there.WriteAsync(Name, streamed, WriteOptions.Default, default);
            Assert.Equal(content, await ReadAsync(here));
        }
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task A_body_may_be_closed_after_the_worker_was_ended(string server)
    {
        GfalWorkers workers = GridServer.Connect(server);
        await using GfalStore store = GridServer.Open(workers, server);
        await store.WriteAsync(Name, WriteSource.From(Content()), WriteOptions.Default, default);
        StoreBody body = await store.OpenReadAsync(Name, default);
        await workers.DisposeAsync();
        await body.DisposeAsync();
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task Nobody_at_the_address_is_told_as_that(string server)
    {
        GfalOptions options = GridServer.Connect(server).Options;
        await using var workers = new GfalWorkers(options with { Server = options.Server with { Port = 1 } }, TimeProvider.System);
        await using GfalStore store = GridServer.Open(workers, server);
        StoreException nobody = await FailsAsync(async () => await store.StatAsync(default, default));
        Assert.Equal((StoreErrorKind.Unavailable, true), (nobody.Kind, nobody.NobodyAnswered));
        Assert.Contains($"{options.Server.Scheme}://localhost:1", nobody.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_machine_without_libgfal2_the_packages_are_named()
    {
        string libraries = Directory.CreateTempSubdirectory("godwit-missing-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(libraries, "libgfal2.so.2"), "");
            GfalOptions options = GridServer.Connect("gridftp").Options;
            await using var workers = new GfalWorkers(
                options with { Worker = ["env", $"LD_LIBRARY_PATH={libraries}", .. options.Worker] }, TimeProvider.System);
            await using GfalStore store = GridServer.Open(workers, "gridftp");
            StoreException missing = await FailsAsync(async () => await store.StatAsync(default, default));
            Assert.Equal(StoreErrorKind.Unsupported, missing.Kind);
            Assert.Contains("apt install libgfal2-2", missing.Message, StringComparison.Ordinal);
            Assert.Contains("dnf install gfal2", missing.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(libraries, recursive: true);
        }
    }

    [Fact]
    public async Task A_kind_of_address_without_a_plugin_is_told_as_that()
    {
        GfalOptions options = GridServer.Connect("xrootd").Options;
        await using var workers = new GfalWorkers(options with { Server = new GfalServer("srm", "localhost", 1) }, TimeProvider.System);
        await using var store = new GfalStore(workers, StorePath.FromText("x"), createRoot: false);
        StoreException unknown = await FailsAsync(async () => await store.StatAsync(default, default));
        Assert.Equal(StoreErrorKind.Unsupported, unknown.Kind);
        Assert.Contains("no plugin", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_whose_server_hangs_is_killed_and_others_are_not_held_up()
    {
        // A server that takes the connection and never says a word.
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        int port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        GfalOptions options = GridServer.Connect("gridftp").Options with { CancelPatience = TimeSpan.FromMilliseconds(300) };
        await using var workers = new GfalWorkers(options with { Server = new GfalServer("gsiftp", "localhost", port) }, TimeProvider.System);
        await using var store = new GfalStore(workers, StorePath.FromText("x"), createRoot: false);
        using var enough = new CancellationTokenSource();
        Task asked = store.StatAsync(default, enough.Token).AsTask();
        using System.Net.Sockets.TcpClient client = await silent.AcceptTcpClientAsync();
        using var hanging = Process.GetProcessById(workers.ProcessId!.Value);
        await enough.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => asked);
        await hanging.WaitForExitAsync();
        Assert.Null(workers.ProcessId);
    }

    private static void Kill(GfalWorkers workers)
    {
        using var process = Process.GetProcessById(workers.ProcessId ?? throw new InvalidOperationException("no worker runs"));
        process.Kill();
        process.WaitForExit();
    }

    private static byte[] Content()
    {
        var content = new byte[30 << 20];
        new Random(1).NextBytes(content);
        return content;
    }

    private static async Task<byte[]> ReadAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Name, default);
        using var bytes = new MemoryStream();
        await body.Content.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static async Task<StoreException> FailsAsync(Func<Task> call) => await Assert.ThrowsAsync<StoreException>(call);

    /// <summary>Acts when half of the bytes were given.</summary>
    private sealed class KillingStream(byte[] bytes, Action atHalf) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= Length / 2)
            {
                atHalf();
            }

            return base.ReadAsync(buffer, cancellationToken);
        }
    }
}
