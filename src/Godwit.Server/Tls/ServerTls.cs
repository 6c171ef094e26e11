using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Org.BouncyCastle.Security;

namespace Godwit.Server.Tls;

/// <summary>The service's certificate with its key, which may be renewed while it runs.</summary>
public sealed class ServerTls
{
    private volatile Taken? _taken;

    /// <summary>Until when the certificate is valid.</summary>
    public DateTimeOffset NotAfter => _taken?.Context.TargetCertificate.NotAfter.ToUniversalTime() ?? default;

    /// <summary>Whom clients may prove to be by certificates; null where none is asked for.</summary>
    public ClientCertificates? Clients { get; init; }

    /// <summary>What was taken, for connections that ask for certificates.</summary>
    internal GridTlsServer.Own Own => (_taken ?? throw Nothing()).Own;

    /// <summary>Takes a certificate. New connections get what was taken last; where it cannot be used, what was taken before stays.</summary>
    /// <param name="certificate">The certificate (PEM), and those between it and its authority.</param>
    /// <param name="key">Its key (PEM, without a password).</param>
    /// <exception cref="CryptographicException">They cannot be used, or not together.</exception>
    public void Use(string certificate, string key)
    {
        // Kept until the process ends: connections that go on use what was taken before.
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        try
        {
            var context = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), chain, offline: true);
            _taken = new Taken(context, new GridTlsServer.Own(certificate, key));
        }
        catch (Exception e) when (e is GeneralSecurityException or IOException)
        {
            throw new CryptographicException(e.Message, e);
        }
    }

    /// <summary>Secures what is listened at.</summary>
    internal void Secure(ListenOptions options, TimeProvider time)
    {
        if (Clients is not { } clients)
        {
            options.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Options()) });
            return;
        }

        var connections = new GridTlsConnections(this, clients, time);
        options.Protocols = HttpProtocols.Http1;
        options.Use(next => connection => connections.SecureAsync(connection, next));
    }

    private SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = (_taken ?? throw Nothing()).Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };

    private static InvalidOperationException Nothing() => new("There is no certificate.");

    private sealed record Taken(SslStreamCertificateContext Context, GridTlsServer.Own Own);
}
