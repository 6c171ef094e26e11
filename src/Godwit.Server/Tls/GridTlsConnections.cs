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
        var stream = new GridTlsStream(connection.Transport.Input.AsStream(leaveOpen: true), connection.Transport.Output.AsStream(leaveOpen: true));
        await using (stream.ConfigureAwait(false))
        {
            var server = new GridTlsServer(tls.Own);
            if (!await TryAcceptAsync(stream, server, connection.ConnectionClosed).ConfigureAwait(false))
            {
                return;
            }

            IDuplexPipe before = connection.Transport;
            connection.Features.Set<ITlsConnectionFeature>(new ShownCertificate(server.Shown, clients));
            connection.Transport = new ClearPipe(
                PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
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
    internal sealed class ShownCertificate(IReadOnlyList<byte[]>? shown, ClientCertificates clients) : ITlsConnectionFeature
    {
        private (int Generation, CheckedCertificate? Found) _known = (-1, null);

        /// <summary>Whose the certificate is by what is trusted now; null where none was shown.</summary>
        public CheckedCertificate? Look()
        {
            int generation = clients.Generation;
            if (shown is not null && _known.Generation != generation)
            {
                _known = (generation, clients.Check(shown));
            }

            return _known.Found;
        }

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }

    private sealed class ClearPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
