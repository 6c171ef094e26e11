using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Godwit.Conformance;

/// <summary>
/// A door in front of a real server that harms what passes: real sockets, real bytes. It listens on a free port of the loopback
/// address; each connection gets its fault from a plan, by its number.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ConnectionFault> _met = new();
    private readonly EndPoint _target;
    private readonly Func<int, ConnectionFault> _plan;
    private readonly TimeProvider _time;
    private readonly Task _accepting;

    private FaultProxy(EndPoint target, Func<int, ConnectionFault> plan, TimeProvider time)
    {
        _target = target;
        _plan = plan;
        _time = time;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The faults of the connections so far, in order, also those that have none.</summary>
    public IReadOnlyCollection<ConnectionFault> Met => _met;

    /// <summary>Opens the door. It listens when this returns.</summary>
    /// <param name="target">The server.</param>
    /// <param name="plan">The fault of each connection by its number, from 1.</param>
    /// <param name="time">The clock of delays.</param>
    public static FaultProxy Start(EndPoint target, Func<int, ConnectionFault> plan, TimeProvider time) => new(target, plan, time);

    /// <summary>Closes the door and every connection, and waits until all of them are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            for (int number = 1; ; number++)
            {
                Socket client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(CarryAsync(client, _plan(number)));
            }
        }
        catch (OperationCanceledException)
        {
            // The door is closed.
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private async Task CarryAsync(Socket client, ConnectionFault fault)
    {
        _met.Enqueue(fault);
        using var server = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            if (fault.Fault == ProxyFault.Refuse)
            {
                client.LingerState = new LingerOption(true, 0);
                return;
            }

            var both = new ProxyConnection(client, server, fault, _time);
            try
            {
                await server.ConnectAsync(_target, _stop.Token).ConfigureAwait(false);
                await Task.WhenAll(
                    both.PumpAsync(ProxyDirection.ToServer, _stop.Token),
                    both.PumpAsync(ProxyDirection.ToClient, _stop.Token)).ConfigureAwait(false);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One of the two ends is gone, or the door is closed: so is this connection.
            }
        }
    }
}
