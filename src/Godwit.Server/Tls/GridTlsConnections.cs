using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Godwit.Server.Tls;

/// <summary>Secures connections whose clients may show certificates and proxies.</summary>
/// <param name="tls">The service's certificate.</param>
/// <param name="clients">Looks at what clients show.</param>
/// <param name="time">The clock.</param>
internal sealed class GridTlsConnections(ServerTls tls, ClientCertificates clients, TimeProvider time)
{
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(10);

    /// <summary>Does the handshake, and lets the connection go on in the clear.</summary>
    public async Task SecureAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = new TransportStream(connection.Transport);
        var stream = new GridTlsStream(transport);
        await using (stream.ConfigureAwait(false))
        {
            var server = new GridTlsServer(tls.Own, clients);
            if (!await TryAcceptAsync(stream, server, connection.ConnectionClosed).ConfigureAwait(false))
            {
                return;
            }

            IDuplexPipe before = connection.Transport;
            connection.Features.Set<ITlsConnectionFeature>(new ShownCertificate(server.Client));
            connection.Transport = new ClearPipe(PipeReader.Create(stream), PipeWriter.Create(stream));
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                await connection.Transport.Input.CompleteAsync().ConfigureAwait(false);
                await connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
                connection.Transport = before;
            }
        }
    }

    private async Task<bool> TryAcceptAsync(GridTlsStream stream, GridTlsServer server, CancellationToken closed)
    {
        using var patience = new CancellationTokenSource(s_handshake, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, closed);
        try
        {
            await stream.AcceptAsync(server, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // It speaks no TLS, does not trust the service's certificate, or is gone: it was told, as far as it listens.
            return false;
        }
    }

    /// <summary>Marks a connection as secured, and says who is at its other end.</summary>
    internal sealed class ShownCertificate(CheckedCertificate? shown) : ITlsConnectionFeature
    {
        public CheckedCertificate? Shown => shown;

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }

    private sealed class ClearPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>Both directions of a connection as one stream.</summary>
    private sealed class TransportStream(IDuplexPipe pipe) : Stream
    {
        private readonly Stream _input = pipe.Input.AsStream(leaveOpen: true);
        private readonly Stream _output = pipe.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
