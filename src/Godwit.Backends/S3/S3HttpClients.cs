using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;

namespace Godwit.Backends.S3;

/// <summary>Makes the connections: no redirects, no timer of its own, and the trust that the options name.</summary>
internal sealed class S3HttpClients(S3Options options) : HttpClientFactory, IDisposable
{
    private readonly Lazy<HttpClient> _client = new(() => Create(options, S3Certificates.Check));

    // The library asks for each request.
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client.Value;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    /// <summary>A client of its own.</summary>
    /// <param name="options">What is trusted, and what stands around the connections.</param>
    /// <param name="check">Accepts a certificate, or throws.</param>
    internal static HttpClient Create(S3Options options, RemoteCertificateValidationCallback check)
    {
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = PromptStream.ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            MaxConnectionsPerServer = options.Connections,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
        };
        connections.SslOptions.RemoteCertificateValidationCallback = check;
        connections.SslOptions.CertificateChainPolicy = options.CaFile is { } file ? Trusting(file) : null;

        // How long a call may take is for the layers around the store to say.
        HttpMessageHandler sending = options.Around(new AskFirst(connections));
        return new HttpClient(options.Answered is { } told ? new TellAnswers(HostOf(options), told, sending) : sending) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Amazon's servers are one, whichever region is asked.</summary>
    private static string HostOf(S3Options options) => options.Endpoint?.Authority ?? "amazonaws.com";

    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }

    /// <summary>
    /// Lets the server look at the headers of a large write before the body is sent. Not at those of a small one: it would cost a round
    /// trip, and the client sends a small body even after a refusal, which Ceph's gateway then takes for the beginning of the next request.
    /// </summary>
    private sealed class AskFirst(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private const long FromBytes = 1 << 20;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = request.Content?.Headers.ContentLength >= FromBytes;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
