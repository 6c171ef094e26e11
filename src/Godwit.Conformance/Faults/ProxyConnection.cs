using System.Net.Sockets;

namespace Godwit.Conformance;

/// <summary>The two ends of one connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class ProxyConnection(Socket client, Socket server, ConnectionFault planned, TimeProvider time)
{
    /// <summary>Carries the bytes of one direction until it ends.</summary>
    public async Task PumpAsync(ProxyDirection direction, CancellationToken ct)
    {
        (Socket from, Socket to) = direction == ProxyDirection.ToServer ? (client, server) : (server, client);
        ConnectionFault fault = direction == planned.Direction ? planned : ConnectionFault.None;
        try
        {
            await CarryAsync(from, to, fault, ct).ConfigureAwait(false);
        }
        catch
        {
            // The other direction has to notice.
            client.Dispose();
            server.Dispose();
            throw;
        }
    }

    private async Task CarryAsync(Socket from, Socket to, ConnectionFault fault, CancellationToken ct)
    {
        var buffer = new byte[16 * 1024];
        long passed = 0;
        while (await from.ReceiveAsync(buffer, ct).ConfigureAwait(false) is var count and > 0)
        {
            if (fault.Fault == ProxyFault.Delay && passed == 0)
            {
                await Task.Delay(fault.Delay, time, ct).ConfigureAwait(false);
            }

            if (fault.Fault is ProxyFault.Reset or ProxyFault.Cut or ProxyFault.Truncate or ProxyFault.Swallow
                && passed + count >= fault.AfterBytes)
            {
                await to.SendAsync(buffer.AsMemory(0, (int)(fault.AfterBytes - passed)), ct).ConfigureAwait(false);
                await EndAsync(from, to, fault, buffer, ct).ConfigureAwait(false);
                return;
            }

            if (fault.Fault == ProxyFault.Flip && fault.AfterBytes >= passed && fault.AfterBytes < passed + count)
            {
                buffer[fault.AfterBytes - passed] ^= 0x10;
            }

            passed += count;
            await to.SendAsync(buffer.AsMemory(0, count), ct).ConfigureAwait(false);
            if (fault.Fault == ProxyFault.Throttle)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)count / fault.BytesPerSecond), time, ct).ConfigureAwait(false);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task EndAsync(Socket from, Socket to, ConnectionFault fault, byte[] buffer, CancellationToken ct)
    {
        if (fault.Fault == ProxyFault.Reset)
        {
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
            server.Dispose();
            return;
        }

        if (fault.Fault == ProxyFault.Cut)
        {
            // Not disposed: a reset could overtake the bytes that have to arrive.
            client.Shutdown(SocketShutdown.Both);
            server.Shutdown(SocketShutdown.Both);
            return;
        }

        if (fault.Fault == ProxyFault.Truncate)
        {
            to.Shutdown(SocketShutdown.Send);
        }

        // Read on, so that the sender is not held up by a full connection and does what it would have done.
        int count;
        do
        {
            count = await from.ReceiveAsync(buffer, ct).ConfigureAwait(false);
        }
        while (count > 0);

        if (fault.Fault == ProxyFault.Swallow)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ct).ConfigureAwait(false);
        }
    }
}
