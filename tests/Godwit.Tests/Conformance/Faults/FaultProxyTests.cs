using System.Net;
using System.Net.Sockets;
using Godwit.Conformance;

namespace Godwit.Tests.Conformance.Faults;

/// <summary>A proxy in front of a server that counts what it got and then answers with the same bytes.</summary>
public sealed class FaultProxyTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] Message = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<byte[]> _received = new();
    private readonly FakeTime _time = new();
    private Task _serving = Task.CompletedTask;

    public Task InitializeAsync()
    {
        _server.Start();
        _serving = ServeAsync();
        return Task.CompletedTask;
    }

    public void Dispose() => _server.Dispose();

    public async Task DisposeAsync()
    {
        _server.Stop();
        await _serving.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Without_a_fault_every_byte_passes_both_ways()
    {
        await using FaultProxy proxy = Proxy(ConnectionFault.None);
        Assert.Equal(Message, await TalkAsync(proxy));
        Assert.Equal(Message, await _received.Task);
    }

    [Theory]
    [InlineData(ProxyFault.Refuse)]
    [InlineData(ProxyFault.Reset)]
    public async Task A_refused_or_reset_connection_is_an_error(ProxyFault fault)
    {
        await using FaultProxy proxy = Proxy(new ConnectionFault(fault, AfterBytes: 20_000));
        Exception? error = await Record.ExceptionAsync(() => TalkAsync(proxy));
        Assert.True(error is IOException or SocketException, error?.ToString());
    }

    [Fact]
    public async Task A_truncated_answer_ends_quietly_after_exactly_so_many_bytes()
    {
        await using FaultProxy proxy = Proxy(new ConnectionFault(ProxyFault.Truncate, AfterBytes: 54_321));
        Assert.Equal(Message[..54_321], await TalkAsync(proxy));
    }

    [Fact]
    public async Task A_cut_request_reaches_the_server_up_to_the_cut()
    {
        await using FaultProxy proxy = Proxy(new ConnectionFault(ProxyFault.Cut, ProxyDirection.ToServer, 12_345));
        await Record.ExceptionAsync(() => TalkAsync(proxy));
        Assert.Equal(Message[..12_345], await _received.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData(ProxyDirection.ToClient)]
    [InlineData(ProxyDirection.ToServer)]
    public async Task One_byte_is_flipped_in_its_direction(ProxyDirection direction)
    {
        await using FaultProxy proxy = Proxy(new ConnectionFault(ProxyFault.Flip, direction, 70_000));
        byte[] answer = await TalkAsync(proxy);
        byte[] received = await _received.Task;
        Assert.Equal([70_000], Enumerable.Range(0, Message.Length).Where(i => answer[i] != Message[i]));
        Assert.Equal(direction == ProxyDirection.ToServer, !received.SequenceEqual(Message));
    }

    [Fact]
    public async Task A_swallowed_answer_never_comes_although_the_server_has_done_its_work()
    {
        await using FaultProxy proxy = Proxy(new ConnectionFault(ProxyFault.Swallow));
        using var patience = new CancellationTokenSource();
        Task<byte[]> talk = TalkAsync(proxy, patience.Token);
        Assert.Equal(Message, await _received.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.False(talk.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talk);
    }

    [Theory]
    [InlineData(ProxyFault.Delay)]
    [InlineData(ProxyFault.Throttle)]
    public async Task A_slow_connection_is_slow_by_the_given_clock_and_whole(ProxyFault fault)
    {
        await using FaultProxy proxy = Proxy(
            new ConnectionFault(fault) { Delay = TimeSpan.FromSeconds(10), BytesPerSecond = 10_000 });
        Task<byte[]> talk = TalkAsync(proxy);
        await _time.RunAsync(talk);
        Assert.Equal(Message, await talk);
        Assert.InRange(_time.Elapsed.TotalSeconds, 8, 10);
    }

    [Fact]
    public async Task The_plan_follows_from_the_seed()
    {
        ProxyFault[] faults = [ProxyFault.Cut, ProxyFault.Flip, ProxyFault.Delay];
        ConnectionFault[] Plan(int seed) => [.. Enumerable.Range(1, 100)
            .Select(ConnectionFault.FromSeed(seed, 0.5, 1000, TimeSpan.FromSeconds(1), faults))];
        Assert.Equal(Plan(1), Plan(1));
        Assert.NotEqual(Plan(1), Plan(2));
        Assert.InRange(Plan(1).Count(fault => fault.Fault == ProxyFault.None), 30, 70);
        await using var proxy = FaultProxy.Start(_server.LocalEndpoint, n => Plan(1)[n - 1], TimeProvider.System);
        await Record.ExceptionAsync(() => TalkAsync(proxy));
        Assert.Equal(Plan(1)[0], Assert.Single(proxy.Met));
    }

    [Fact]
    public async Task Closing_the_proxy_ends_what_is_under_way()
    {
        FaultProxy proxy = Proxy(new ConnectionFault(ProxyFault.Swallow));
        Task<byte[]> talk = TalkAsync(proxy);
        await _received.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await proxy.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await Record.ExceptionAsync(() => talk).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(talk.IsCompleted);
    }

    private static async Task<byte[]> TalkAsync(FaultProxy proxy, CancellationToken ct = default)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(proxy.Endpoint, ct);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Message, ct);
        client.Client.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, ct);
        return answer.ToArray();
    }

    private FaultProxy Proxy(ConnectionFault fault) => FaultProxy.Start(_server.LocalEndpoint, _ => fault, _time);

    private async Task ServeAsync()
    {
        try
        {
            using TcpClient client = await _server.AcceptTcpClientAsync();
            await using NetworkStream stream = client.GetStream();
            using var received = new MemoryStream();
            await stream.CopyToAsync(received);
            _received.TrySetResult(received.ToArray());
            await stream.WriteAsync(received.ToArray());
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            _received.TrySetException(error);
        }
    }
}
