using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Godwit.Tests.Cli.Service;

/// <summary>Stands before a service, hands every request on, and loses the first answers.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    /// <summary>In place of an answer: none, and the connection stays.</summary>
    public const string Silence = "silence";

    private readonly Uri _server;
    private readonly string[] _instead;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _end = new();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    /// <param name="server">The service.</param>
    /// <param name="instead">What the first requests are answered in place of what the service says; empty where the connection is closed.</param>
    public LossyProxy(Uri server, params string[] instead)
    {
        (_server, _instead) = (server, instead);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Its address.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>What came.</summary>
    public ConcurrentQueue<string> Came { get; } = [];

    /// <summary>The service has answered the first request.</summary>
    public Task Arrived => _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        _end.SetResult();
        _listener.Stop();
        await _serving;
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                all.Add(HandOnAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task HandOnAsync(Socket client)
    {
        using (client)
        {
            string request = await RawHttp.ReadAsync(client);
            int before = Came.Count;
            Came.Enqueue(request);
            byte[] answer = await RawHttp.AskAsync(_server, request);
            _arrived.TrySetResult();
            string? instead = before < _instead.Length ? _instead[before] : null;
            if (instead == Silence)
            {
                await _end.Task;
            }
            else if (instead != "")
            {
                await client.SendAsync(instead is null ? answer : Encoding.ASCII.GetBytes(instead));
            }
        }
    }
}
