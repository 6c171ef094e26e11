using System.Buffers;
using Org.BouncyCastle.Tls;

namespace Godwit.Server.Tls;

/// <summary>What passes through a TLS connection, in the clear. One reader and one writer at a time.</summary>
/// <param name="received">What comes; stays open.</param>
/// <param name="sent">Where it goes; stays open.</param>
internal sealed class GridTlsStream(Stream received, Stream sent) : Stream
{
    private const int Piece = 16_384;

    private readonly TlsServerProtocol _protocol = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[Piece];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Does the handshake.</summary>
    /// <exception cref="IOException">The client does not go along, or is gone.</exception>
    public async Task AcceptAsync(TlsServer server, CancellationToken ct)
    {
        lock (_lock)
        {
            _protocol.Accept(server);
        }

        while (_protocol.IsHandshaking)
        {
            if (!await ReceiveAsync(ct).ConfigureAwait(false))
            {
                throw new EndOfStreamException("The client ended the connection in the middle of the handshake.");
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            lock (_lock)
            {
                int there = Math.Min(_protocol.GetAvailableInputBytes(), buffer.Length);
                if (there > 0)
                {
                    byte[] piece = new byte[Math.Min(there, Piece)];
                    int read = _protocol.ReadInput(piece, 0, piece.Length);
                    piece.AsSpan(0, read).CopyTo(buffer.Span);
                    return read;
                }
            }

            if (buffer.IsEmpty || _protocol.IsClosed || !await ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int at = 0; at < buffer.Length; at += Piece)
        {
            ReadOnlyMemory<byte> piece = buffer.Slice(at, Math.Min(Piece, buffer.Length - at));
            lock (_lock)
            {
                _protocol.WriteApplicationData(piece.Span);
            }

            await SendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => sent.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Says that nothing follows.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            lock (_lock)
            {
                _protocol.Close();
            }

            await SendAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client is gone.
        }

        _sending.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>False at the end.</returns>
    private async Task<bool> ReceiveAsync(CancellationToken ct)
    {
        // What the handshake has to say goes out before anything is waited for.
        await SendAsync(ct).ConfigureAwait(false);
        int read = await received.ReadAsync(_buffer, ct).ConfigureAwait(false);
        try
        {
            lock (_lock)
            {
                if (read == 0)
                {
                    _protocol.CloseInput();
                    return false;
                }

                _protocol.OfferInput(_buffer, 0, read);
            }
        }
        finally
        {
            // Also an alert: the client is to know why.
            await SendAsync(ct).ConfigureAwait(false);
        }

        return true;
    }

    private async Task SendAsync(CancellationToken ct)
    {
        await _sending.WaitAsync(ct).ConfigureAwait(false);
        byte[]? rented = null;
        try
        {
            int there;
            lock (_lock)
            {
                there = _protocol.GetAvailableOutputBytes();
                rented = there > 0 ? ArrayPool<byte>.Shared.Rent(there) : null;
                there = rented is null ? 0 : _protocol.ReadOutput(rented, 0, there);
            }

            if (rented is not null)
            {
                await sent.WriteAsync(rented.AsMemory(0, there), ct).ConfigureAwait(false);
                await sent.FlushAsync(ct).ConfigureAwait(false);
            }
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            _sending.Release();
        }
    }
}
