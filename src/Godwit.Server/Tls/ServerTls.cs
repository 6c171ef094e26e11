using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Server.Tls;

/// <summary>The service's certificate with its key, which may be renewed while it runs.</summary>
public sealed class ServerTls
{
    private volatile SslStreamCertificateContext? _context;

    /// <summary>Until when the certificate is valid.</summary>
    public DateTimeOffset NotAfter => _context?.TargetCertificate.NotAfter.ToUniversalTime() ?? default;

    /// <summary>Whom clients may prove to be by certificates; null where none is asked for.</summary>
    public ClientCertificates? Clients { get; init; }

    /// <summary>Takes a certificate. New connections get what was taken last; where it cannot be used, what was taken before stays.</summary>
    /// <param name="certificate">The certificate (PEM), and those between it and its authority.</param>
    /// <param name="key">Its key (PEM, without a password).</param>
    /// <exception cref="CryptographicException">They cannot be used, or not together.</exception>
    public void Use(string certificate, string key)
    {
        // Kept until the process ends: connections that go on use what was taken before.
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        _context = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), chain, offline: true);
    }

    /// <summary>How a connection is secured.</summary>
    internal SslServerAuthenticationOptions OptionsFor(SslStream stream)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _context ?? throw new InvalidOperationException("There is no certificate."),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (Clients is { } clients)
        {
            options.ClientCertificateRequired = true;

            // A session that is resumed shows no chain.
            options.AllowTlsResume = false;
            options.RemoteCertificateValidationCallback = (_, certificate, chain, _) => clients.Look(stream, certificate, chain);
        }

        return options;
    }
}
