using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.X509;
using BouncyCertificate = Org.BouncyCastle.X509.X509Certificate;

namespace Godwit.Server.Tls;

/// <summary>Authorities as grids distribute them, in one directory: certificates (<c>HASH.0</c> or <c>NAME.pem</c>), lists of what they revoked
/// (<c>HASH.r0</c>), and what each may sign (<c>HASH.signing_policy</c>).</summary>
public sealed partial class GridTrust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private volatile Loaded _loaded = new();
    private volatile int _generation;

    /// <summary>How many authorities there are.</summary>
    public int Count => _loaded.Authorities.Count;

    /// <summary>Counts on whenever what it trusts is another thing.</summary>
    internal int Generation => _generation;

    /// <summary>Takes over what a directory holds, in place of what was there.</summary>
    /// <param name="files">Its files: the name, and the content.</param>
    /// <returns>What cannot be read of it, in sentences. An authority whose list of what it revoked, or whose signing policy, cannot be read lets nobody in.</returns>
    public IReadOnlyList<string> Use(IEnumerable<(string Name, byte[] Content)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var loaded = new Loaded();
        var faults = new List<string>();
        foreach ((string name, byte[] content) in files)
        {
            if (loaded.Add(name, content) is { } fault)
            {
                faults.Add($"\"{name}\" cannot be read: {fault}.");
            }
        }

        _loaded = loaded;
        _generation++;
        return faults;
    }

    /// <summary>Whose a certificate or proxy is.</summary>
    /// <param name="shown">What a client showed (DER): first its own, then others in any order.</param>
    /// <param name="now">The time.</param>
    [SuppressMessage("Design", "CA1031", Justification = "What somebody shows whom nobody knows yet may make its reader fail in any way.")]
    public CheckedCertificate Check(IReadOnlyList<byte[]> shown, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(shown);
        try
        {
            BouncyCertificate[] read = [.. shown.Select(Read)];
            Array.ForEach(read, ModestKeys.RequireKey);
            (BouncyCertificate holder, DateTime notAfter) = ProxyChain.Walk(read, now);
            string subject = GridName.Of(holder.SubjectDN) ?? throw new CertificateException("its name can be read in several ways");
            DateTime until = _loaded.Require(holder, shown, now);
            return new CheckedCertificate(subject, null, (until < notAfter ? until : notAfter).ToUniversalTime());
        }
        catch (CertificateException e)
        {
            return new CheckedCertificate(null, e.Message.TrimEnd('.'), default);
        }
        catch (Exception)
        {
            return new CheckedCertificate(null, "it cannot be read", default);
        }
    }

    /// <summary>One certificate.</summary>
    /// <exception cref="CertificateException">It is none.</exception>
    internal static BouncyCertificate Read(byte[] shown) => new X509CertificateParser().ReadCertificate(shown) ?? throw new CertificateException("it cannot be read");

    [GeneratedRegex(@"\.(r[0-9]+|crl)\z")]
    private static partial Regex RevocationList();

    private sealed class Loaded
    {
        private readonly List<X509Crl> _revocations = [];
        private readonly SigningPolicy _policy = new();

        // Whose files there are of which name, and of which names one cannot be read.
        private readonly List<(string Subject, string Name)> _files = [];
        private readonly HashSet<string> _spoiled = [];

        public X509Certificate2Collection Authorities { get; } = [];

        /// <summary>Takes over a file.</summary>
        /// <returns>Why it cannot be read; null where it can, and where it is something else.</returns>
        public string? Add(string name, byte[] content)
        {
            // The files of one authority have one name before the last dot.
            string of = Path.GetFileNameWithoutExtension(name);
            bool isPolicy = name.EndsWith(".signing_policy", StringComparison.Ordinal);
            bool isList = RevocationList().IsMatch(name) || content.AsSpan().IndexOf("-----BEGIN X509 CRL-----"u8) >= 0;
            string? fault = isPolicy ? AddPolicy(content) : isList ? AddList(content) : AddAuthorities(of, content);
            if (fault is not null && (isPolicy || isList))
            {
                _spoiled.Add(of);
            }

            return fault;
        }

        private string? AddPolicy(byte[] content) => _policy.TryAdd(Encoding.UTF8.GetString(content)) ? null : "it is no signing policy";

        private string? AddList(byte[] content)
        {
            try
            {
                IList<X509Crl> read = new X509CrlParser().ReadCrls(content);
                _revocations.AddRange(read);
                return read.Count > 0 ? null : "there is no list of revoked certificates in it";
            }
            catch (Exception e) when (e is GeneralSecurityException or IOException or ArgumentException or InvalidCastException or FormatException)
            {
                return "it is no list of revoked certificates";
            }
        }

        private string? AddAuthorities(string of, byte[] content)
        {
            string text = Encoding.UTF8.GetString(content);
            if (!text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            {
                return content.Length == 0 ? "there is nothing in it, or it cannot be opened" : null;
            }

            try
            {
                var read = new X509Certificate2Collection();
                read.ImportFromPem(text);
                Authorities.AddRange(read);
                _files.AddRange(read.Select(one => (Convert.ToHexString(one.SubjectName.RawData), of)));
                return null;
            }
            catch (CryptographicException e)
            {
                return e.Message.TrimEnd('.');
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

            BouncyCertificate[] way = [.. chain.ChainElements.Select(element => Read(element.Certificate.RawData))];
            for (int at = 0; at + 1 < way.Length; at++)
            {
                ModestKeys.RequireSignature(way[at]);
                RequireReadable(way[at + 1]);
                RequireAllowed(way[at], way[at + 1]);
                RequireNotRevoked(way[at], way[at + 1], now);
            }

            return way.Min(one => one.NotAfter);
        }

        private void RequireReadable(BouncyCertificate authority)
        {
            string subject = Convert.ToHexString(authority.SubjectDN.GetEncoded());
            bool isAnybodys = _spoiled.Any(name => _files.All(file => file.Name != name));
            if (isAnybodys || _files.Any(file => file.Subject == subject && _spoiled.Contains(file.Name)))
            {
                throw new CertificateException($"what the authority {GridName.Of(authority.SubjectDN)} revoked, or may sign, cannot be read here: the service's log says which file");
            }
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

        private static bool IsSignedBy(X509Crl list, BouncyCertificate authority)
        {
            try
            {
                list.Verify(authority.GetPublicKey());
                return true;
            }
            catch (GeneralSecurityException)
            {
                return false;
            }
        }

        private void RequireNotRevoked(BouncyCertificate one, BouncyCertificate authority, DateTimeOffset now)
        {
            // An authority that took another key under its old name has a list for each.
            X509Crl[] named = [.. _revocations.Where(list => list.IssuerDN.Equivalent(authority.SubjectDN, true))];
            X509Crl[] own = [.. named.Where(list => IsSignedBy(list, authority))];
            if (named.Length > 0 && own.Length == 0)
            {
                throw new CertificateException($"the list of what the authority {GridName.Of(authority.SubjectDN)} revoked is not its own");
            }

            foreach (X509Crl list in own)
            {
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
