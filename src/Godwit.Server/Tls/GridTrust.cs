using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.X509;
using BouncyCertificate = Org.BouncyCastle.X509.X509Certificate;

namespace Godwit.Server.Tls;

/// <summary>Authorities as grids distribute them, in one directory: certificates (<c>HASH.0</c> or <c>NAME.pem</c>), lists of what they revoked
/// (<c>HASH.r0</c>), and what each may sign (<c>HASH.signing_policy</c>).</summary>
public sealed class GridTrust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private volatile Loaded _loaded = new();

    /// <summary>How many authorities there are.</summary>
    public int Count => _loaded.Authorities.Count;

    /// <summary>Takes over what a directory holds, in place of what was there.</summary>
    /// <param name="files">Its files: the name, and the content.</param>
    /// <returns>What cannot be read of it, in sentences; the rest counts.</returns>
    public IReadOnlyList<string> Use(IEnumerable<(string Name, byte[] Content)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var loaded = new Loaded();
        var faults = new List<string>();
        foreach ((string name, byte[] content) in files)
        {
            try
            {
                loaded.Add(name, content);
            }
            catch (Exception e) when (e is CryptographicException or GeneralSecurityException or IOException or ArgumentException or InvalidCastException)
            {
                faults.Add($"\"{name}\" cannot be read and is left out: {e.Message.TrimEnd('.')}.");
            }
        }

        _loaded = loaded;
        return faults;
    }

    /// <summary>Whose a certificate or proxy is.</summary>
    /// <param name="shown">What a client showed (DER): first its own, then others in any order.</param>
    /// <param name="now">The time.</param>
    public CheckedCertificate Check(IReadOnlyList<byte[]> shown, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(shown);
        try
        {
            var parser = new X509CertificateParser();
            (BouncyCertificate holder, DateTime notAfter) = ProxyChain.Walk([.. shown.Select(one => parser.ReadCertificate(one) ?? throw new CertificateException("it cannot be read"))], now);
            string subject = GridName.Of(holder.SubjectDN) ?? throw new CertificateException("its name can be read in several ways");
            DateTime until = _loaded.Require(holder, shown, now);
            return new CheckedCertificate(subject, null, (until < notAfter ? until : notAfter).ToUniversalTime());
        }
        catch (Exception e) when (e is GeneralSecurityException or CryptographicException or IOException or ArgumentException or InvalidCastException or ArithmeticException)
        {
            return new CheckedCertificate(null, e.Message.TrimEnd('.'), default);
        }
    }

    private sealed class Loaded
    {
        private readonly List<X509Crl> _revocations = [];
        private readonly SigningPolicy _policy = new();

        public X509Certificate2Collection Authorities { get; } = [];

        public void Add(string name, byte[] content)
        {
            string text = Encoding.UTF8.GetString(content);
            if (name.EndsWith(".signing_policy", StringComparison.Ordinal))
            {
                _policy.Add(text);
            }
            else if (text.Contains("-----BEGIN X509 CRL-----", StringComparison.Ordinal))
            {
                _revocations.AddRange(new X509CrlParser().ReadCrls(content));
            }
            else if (text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            {
                Authorities.ImportFromPem(text);
            }
        }

        /// <summary>Makes sure that a certificate leads to an authority, and that none on the way was revoked.</summary>
        public DateTime Require(BouncyCertificate holder, IReadOnlyList<byte[]> shown, DateTimeOffset now)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTimeIgnored = false;
            chain.ChainPolicy.VerificationTime = now.LocalDateTime;
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
            chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
            chain.ChainPolicy.ExtraStore.AddRange(Authorities);
            foreach (byte[] one in shown)
            {
                chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(one));
            }

            using X509Certificate2 own = X509CertificateLoader.LoadCertificate(holder.GetEncoded());
            if (!chain.Build(own))
            {
                throw new CertificateException($"it leads to no authority that is trusted here ({string.Join(", ", chain.ChainStatus.Select(status => status.Status))})");
            }

            var parser = new X509CertificateParser();
            BouncyCertificate[] way = [.. chain.ChainElements.Select(element => parser.ReadCertificate(element.Certificate.RawData))];
            for (int at = 0; at + 1 < way.Length; at++)
            {
                RequireAllowed(way[at], way[at + 1]);
                RequireNotRevoked(way[at], way[at + 1], now);
            }

            return way.Min(one => one.NotAfter);
        }

        private void RequireAllowed(BouncyCertificate one, BouncyCertificate authority)
        {
            string? subject = GridName.Of(one.SubjectDN);
            string? issuer = GridName.Of(authority.SubjectDN);
            if (subject is null || issuer is null || !_policy.Allows(issuer, subject))
            {
                throw new CertificateException($"the authority {issuer} may not sign such a name: its signing policy says which");
            }
        }

        private void RequireNotRevoked(BouncyCertificate one, BouncyCertificate authority, DateTimeOffset now)
        {
            foreach (X509Crl list in _revocations.Where(list => list.IssuerDN.Equivalent(authority.SubjectDN, true)))
            {
                list.Verify(authority.GetPublicKey());
                if (list.NextUpdate is { } next && next.ToUniversalTime() < now.UtcDateTime)
                {
                    throw new CertificateException($"the list of what the authority {GridName.Of(authority.SubjectDN)} revoked is older than it may be: renew it (fetch-crl)");
                }

                if (list.IsRevoked(one))
                {
                    throw new CertificateException("it was revoked");
                }
            }
        }
    }
}
