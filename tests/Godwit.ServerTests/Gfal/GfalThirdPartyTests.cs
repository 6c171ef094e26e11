using System.Diagnostics;
using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>One server fetches from the other; what the kit cannot ask of a single store.</summary>
public sealed class GfalThirdPartyTests
{
    private const int Large = 600 << 20;
    private static readonly StorePath s_name = StorePath.FromText("a file of 100% # ü");

    [Theory]
    [InlineData("gridftp", "gridftp-b")]
    [InlineData("xrootd", "xrootd-b")]
    public async Task A_file_goes_from_one_server_to_the_other(string from, string to)
    {
        await using GfalWorkers here = GridServer.Connect(from);
        await using GfalWorkers there = GridServer.Connect(to);
        await using GfalStore source = GridServer.Open(here, from);
        await using GfalStore destination = GridServer.Open(there, to);
        byte[] content = Content(3 << 20);
        await source.WriteAsync(s_name, WriteSource.From(content), WriteOptions.Default, default);
        await PublishAsync(source, destination, null, default);
        Assert.Equal(content, await ReadAsync(destination));
    }

    [Theory]
    [InlineData("gridftp", "gridftp-b")]
    [InlineData("xrootd", "xrootd-b")]
    public async Task A_copy_that_is_given_up_ends_and_leaves_nothing_and_the_worker_lives(string from, string to)
    {
        await using GfalWorkers here = GridServer.Connect(from);

        // Where much else is done meanwhile, servers need longer to end it.
        await using var there = new GfalWorkers(GridServer.Connect(to).Options with { CancelPatience = TimeSpan.FromMinutes(2) }, TimeProvider.System);
        await using GfalStore source = GridServer.Open(here, from);
        await using GfalStore destination = GridServer.Open(there, to);
        await FillAsync(source);
        await destination.WriteAsync(StorePath.FromText("other"), WriteSource.From(new byte[1]), WriteOptions.Default, default);
        int? worker = there.ProcessId;
        PartedUpload upload = await BeginAsync(destination);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        OperationCanceledException given = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await destination.ThirdPartyCopy!.PullAsync(source.ThirdPartySource!, s_name, upload, null, stop.Token));
        Assert.Equal(stop.Token, given.CancellationToken);
        await destination.PartedWrite!.AbortAsync(upload, default);
        Assert.Equal(["other"], (await destination.ListAsync(default, null, default)).Entries.Select(entry => entry.Path.ToString()));
        Assert.Equal(worker, there.ProcessId);
        await source.DeleteAsync(s_name, default);
    }

    [Theory]
    [InlineData("gridftp", "gridftp-b")]
    [InlineData("xrootd", "xrootd-b")]
    public async Task A_worker_that_is_killed_while_servers_copy_fails_the_copy_and_the_next_one_succeeds(string from, string to)
    {
        await using GfalWorkers here = GridServer.Connect(from);
        await using GfalWorkers there = GridServer.Connect(to);
        await using GfalStore source = GridServer.Open(here, from);
        string directory = GridServer.Fresh();
        await using GfalStore destination = GridServer.Open(there, to, directory);
        await FillAsync(source);
        PartedUpload upload = await BeginAsync(destination);
        Task<StoredPart> pull = destination.ThirdPartyCopy!.PullAsync(source.ThirdPartySource!, s_name, upload, null, default).AsTask();
        await HasBegunAsync(GridServer.OnDisk(to, directory));
        using (var process = Process.GetProcessById(there.ProcessId!.Value))
        {
            process.Kill();
        }

        StoreException lost = await Assert.ThrowsAsync<StoreException>(() => pull);
        Assert.Contains("worker process", lost.Message, StringComparison.Ordinal);
        await destination.PartedWrite!.AbortAsync(upload, default);
        await PublishAsync(source, destination, null, default);
        Assert.Equal(Large, (await destination.StatAsync(s_name, default))!.Length);
        await source.DeleteAsync(s_name, default);
        await destination.DeleteAsync(s_name, default);
    }

    [Fact]
    public async Task A_name_that_xrootd_would_misread_is_refused()
    {
        await using GfalWorkers here = GridServer.Connect("xrootd");
        await using GfalStore source = GridServer.Open(here, "xrootd");
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 100), 15));
        foreach (string name in (string[])["n", "n&m", deep])
        {
            await source.WriteAsync(StorePath.FromText(name), WriteSource.From(Content(100)), WriteOptions.Default, default);
        }

        PartedUpload upload = await BeginAsync(source);
        foreach (string name in (string[])["n&m", deep])
        {
            var from = StorePath.FromText(name);
            Assert.NotNull(source.ThirdPartyCopy!.RefusesName(source.ThirdPartySource!, from));
            StoreException refused = await Assert.ThrowsAsync<StoreException>(
                async () => await source.ThirdPartyCopy.PullAsync(source.ThirdPartySource!, from, upload, null, default));
            Assert.Equal(StoreErrorKind.InvalidRequest, refused.Kind);
        }
    }

    [Fact]
    public async Task Xrootd_tells_how_far_a_copy_is_to_its_last_byte()
    {
        await using GfalWorkers here = GridServer.Connect("xrootd");
        await using GfalWorkers there = GridServer.Connect("xrootd-b");
        await using GfalStore source = GridServer.Open(here, "xrootd");
        await using GfalStore destination = GridServer.Open(there, "xrootd-b");
        await FillAsync(source);
        var told = new Told();
        await PublishAsync(source, destination, told, default);
        Assert.Equal(Large, told.Values.Max());
        await source.DeleteAsync(s_name, default);
        await destination.DeleteAsync(s_name, default);
    }

    [Fact]
    public async Task Servers_that_report_no_bytes_for_too_long_are_told_to_stop()
    {
        await using GfalWorkers here = GridServer.Connect("gridftp");
        await using GfalWorkers there = new(
            GridServer.Connect("gridftp-b").Options with { FirstBytePatience = TimeSpan.FromSeconds(1) }, TimeProvider.System);
        await using GfalStore source = GridServer.Open(here, "gridftp");
        await using GfalStore destination = GridServer.Open(there, "gridftp-b");
        await FillAsync(source);
        await destination.StatAsync(default, default);
        PartedUpload upload = await BeginAsync(destination);
        StoreException slow = await Assert.ThrowsAsync<StoreException>(
            async () => await destination.ThirdPartyCopy!.PullAsync(source.ThirdPartySource!, s_name, upload, null, default));
        Assert.Equal(StoreErrorKind.TimedOut, slow.Kind);
        await source.DeleteAsync(s_name, default);
    }

    [Theory]
    [InlineData("gridftp", "ALICE", "gridftp-b", null)]
    [InlineData("xrootd-tls", "ALICE", "xrootd-b", "over TLS")]
    [InlineData("xrootd-b", "ALICE", "xrootd-tls", "over TLS")]
    [InlineData("gridftp", "ALICE", "xrootd", "only within their protocol")]
    [InlineData("xrootd", "ALICE", "gridftp", "only within their protocol")]
    [InlineData("gridftp", "BOB", "gridftp-b", "as another user")]
    [InlineData("xrootd", "BOB", "xrootd-b", "as another user")]
    public async Task Only_servers_of_one_protocol_that_are_asked_as_one_user_copy_among_themselves(string from, string who, string to, string? why)
    {
        await using GfalWorkers here = GridServer.Connect(from, who);
        await using GfalWorkers there = GridServer.Connect(to);
        await using GfalStore source = GridServer.Open(here, from);
        await using GfalStore destination = GridServer.Open(there, to);
        string? refused = destination.ThirdPartyCopy!.Refuses(source.ThirdPartySource!);
        Assert.True(why is null ? refused is null : refused?.Contains(why, StringComparison.Ordinal) == true, refused);
    }

    private static async Task PublishAsync(GfalStore source, GfalStore destination, IProgress<long>? progress, CancellationToken ct)
    {
        PartedUpload upload = await BeginAsync(destination);
        StoredPart part = await destination.ThirdPartyCopy!.PullAsync(source.ThirdPartySource!, s_name, upload, progress, ct);
        Assert.Null(await destination.StatAsync(s_name, default));
        await destination.PartedWrite!.CompleteAsync(upload, [part], ct);
    }

    private static ValueTask<PartedUpload> BeginAsync(GfalStore store) =>
        store.PartedWrite!.BeginAsync(s_name, Guid.NewGuid().ToString("N"), null, WriteOptions.Default, default);

    private static async Task FillAsync(GfalStore store) => await store.WriteAsync(
        s_name, new WriteSource(Large, _ => ValueTask.FromResult<Stream>(Zeros())), WriteOptions.Default, default);

    private static FileStream Zeros()
    {
        var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        file.SetLength(Large);
        return file;
    }

    /// <summary>Bytes come in.</summary>
    private static async Task HasBegunAsync(string directory)
    {
        while (!Directory.Exists(directory) || !new DirectoryInfo(directory).EnumerateFiles().Any(file => file.Length > 1 << 20))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    private static async Task<byte[]> ReadAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(s_name, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private sealed class Told : IProgress<long>
    {
        public List<long> Values { get; } = [];

        public void Report(long value) => Values.Add(value);
    }
}
