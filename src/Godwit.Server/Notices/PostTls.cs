using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Server.Notices;

/// <summary>What is shown to a receiver of posts, and whom its own certificate must lead to. Nothing is ever left unchecked.</summary>
public sealed class PostTls
{
    private readonly SslStreamCertificateContext? _shown;
    private readonly X509Certificate2Collection? _authorities;

    private PostTls(SslStreamCertificateContext? shown, X509Certificate2Collection? authorities) => (_shown, _authorities) = (shown, authorities);

    /// <summary>Of texts in PEM.</summary>
    /// <param name="certificate">The certificate that is shown, and those between it and its authority; null for none.</param>
    /// <param name="key">Its key, without a password.</param>
    /// <param name="authorities">The authorities that count; null for the system's.</param>
    /// <exception cref="CryptographicException">It is not that, or the key is not the certificate's.</exception>
    public static PostTls Of(string? certificate, string? key, string? authorities)
    {
        X509Certificate2Collection? trusted = null;
        if (authorities is not null)
        {
            trusted = [];
            trusted.ImportFromPem(authorities);
            _ = trusted.Count > 0 ? 0 : throw new CryptographicException("There is no certificate of an authority.");
        }

        return new PostTls(certificate is null ? null : ShownOf(certificate, key ?? ""), trusted);
    }

    internal void Use(SslClientAuthenticationOptions options)
    {
        options.ClientCertificateContext = _shown;
        if (_authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }
    }

    private static SslStreamCertificateContext ShownOf(string certificate, string key)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), [.. all.Skip(1)], offline: true);
    }
}
