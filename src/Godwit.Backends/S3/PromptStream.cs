using System.Net.Sockets;

namespace Godwit.Backends.S3;

/// <summary>
/// A connection that acknowledges at once what it receives. A server that waits for the acknowledgement of an answer's headers before it sends
/// the body (Ceph's gateway as it is shipped: Nagle's algorithm) would otherwise wait 40 ms for each small object, because the kernel
/// withholds acknowledgements that long.
/// </summary>
internal sealed class PromptStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    // Of Linux (tcp(7)): not a lasting setting, the kernel goes back to delaying by itself.
    private const int Tcp = 6;
    private const int QuickAck = 12;
    private static readonly byte[] s_on = BitConverter.GetBytes(1);

    /// <summary>Connects as the platform would, and wraps the connection.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, ct).ConfigureAwait(false);
            return new PromptStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        AcknowledgeAtOnce();
        return read;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        AcknowledgeAtOnce();
    }

    private void AcknowledgeAtOnce()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            Socket.SetRawSocketOption(Tcp, QuickAck, s_on);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It only makes things faster; a connection that is gone is told by the next read.
        }
    }
}
