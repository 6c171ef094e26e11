using System.Globalization;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.X509;

namespace Godwit.Server.Tls;

/// <summary>Goes from a proxy to the certificate of the person that it stands for (RFC 3820).</summary>
internal static class ProxyChain
{
    private const string ProxyCertInfo = "1.3.6.1.5.5.7.1.14";
    private const int Longest = 20;

    // id-ppl-inheritAll, and Globus' limited proxy, which may move files and start no programs.
    private static readonly string[] s_languages = ["1.3.6.1.5.5.7.21.1", "1.3.6.1.4.1.3536.1.1.1.9"];

    // Key usage, basic constraints, key identifiers, extended key usage and the proxy's own: the critical ones that are understood.
    private static readonly string[] s_understood = ["2.5.29.15", "2.5.29.19", "2.5.29.37", ProxyCertInfo];

    /// <summary>The person's certificate, and until when all of the way to it is valid.</summary>
    /// <param name="shown">What was shown: first the certificate itself, then others in any order.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="CertificateException">It does not count; the message says why.</exception>
    public static (X509Certificate Holder, DateTime NotAfter) Walk(IReadOnlyList<X509Certificate> shown, DateTimeOffset now)
    {
        X509Certificate at = shown[0];
        DateTime notAfter = at.NotAfter;
        for (int below = 0; IsProxy(at); below++)
        {
            X509Certificate issuer = below < Longest ? IssuerOf(at, shown) : throw new CertificateException($"more than {Longest} proxies stand for each other");
            Require(at, issuer, below, now);
            at = issuer;
            notAfter = at.NotAfter < notAfter ? at.NotAfter : notAfter;
        }

        RequireTime(at, now);
        return at.GetBasicConstraints() < 0 ? (at, notAfter) : throw new CertificateException("it is an authority's, and nobody's own");
    }

    /// <summary>Whether a certificate was signed with the key of another one.</summary>
    public static bool IsSignedBy(X509Certificate certificate, X509Certificate issuer)
    {
        try
        {
            certificate.Verify(issuer.GetPublicKey());
            return true;
        }
        catch (GeneralSecurityException)
        {
            return false;
        }
    }

    private static bool IsProxy(X509Certificate certificate) => certificate.GetExtensionValue(new DerObjectIdentifier(ProxyCertInfo)) is not null;

    private static X509Certificate IssuerOf(X509Certificate proxy, IReadOnlyList<X509Certificate> shown) =>
        shown.FirstOrDefault(one => one != proxy && one.SubjectDN.Equivalent(proxy.IssuerDN, true) && IsSignedBy(proxy, one))
        ?? throw new CertificateException("the certificate that signed the proxy was not shown with it");

    private static void Require(X509Certificate proxy, X509Certificate issuer, int below, DateTimeOffset now)
    {
        RequireTime(proxy, now);
        ModestKeys.RequireSignature(proxy);
        if (issuer.GetBasicConstraints() >= 0)
        {
            throw new CertificateException("an authority signed the proxy, and only its owner can");
        }

        if (issuer.GetKeyUsage() is { } usage && !usage[0])
        {
            throw new CertificateException("the certificate that signed the proxy is not for signing");
        }

        if (!IsNamedAfter(proxy, issuer))
        {
            throw new CertificateException("the proxy does not have its owner's name and one more part");
        }

        if (proxy.GetExtensionValue(X509Extensions.SubjectAlternativeName) is not null || proxy.GetExtensionValue(X509Extensions.IssuerAlternativeName) is not null
            || proxy.GetBasicConstraints() >= 0)
        {
            throw new CertificateException("the proxy has other names, or is an authority");
        }

        if (proxy.GetCriticalExtensionOids()?.FirstOrDefault(oid => !s_understood.Contains(oid)) is { } unknown)
        {
            throw new CertificateException($"the proxy has a critical extension {unknown}, which is not understood");
        }

        RequirePolicy(proxy, below);
    }

    private static void RequirePolicy(X509Certificate proxy, int below)
    {
        var info = Asn1Sequence.GetInstance(proxy.GetExtensionValue(new DerObjectIdentifier(ProxyCertInfo)).GetOctets());
        DerInteger? length = info.Count > 1 ? DerInteger.GetInstance(info[0]) : null;
        if (length is not null && length.Value.IntValueExact < below)
        {
            throw new CertificateException("the proxy stands for fewer further proxies than there are");
        }

        string language = DerObjectIdentifier.GetInstance(Asn1Sequence.GetInstance(info[^1])[0]).Id;
        if (!s_languages.Contains(language))
        {
            throw new CertificateException($"the proxy does not have all its owner's rights (policy {language})");
        }
    }

    private static void RequireTime(X509Certificate certificate, DateTimeOffset now)
    {
        if (now.UtcDateTime < certificate.NotBefore.ToUniversalTime() || now.UtcDateTime > certificate.NotAfter.ToUniversalTime())
        {
            throw new CertificateException(string.Create(
                CultureInfo.InvariantCulture,
                $"it is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ} until {certificate.NotAfter.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}"));
        }
    }

    private static bool IsNamedAfter(X509Certificate proxy, X509Certificate issuer)
    {
        var own = Asn1Sequence.GetInstance(proxy.SubjectDN.ToAsn1Object());
        var owner = Asn1Sequence.GetInstance(issuer.SubjectDN.ToAsn1Object());
        return own.Count == owner.Count + 1 && owner.Select((part, at) => part.Equals(own[at])).All(same => same)
            && proxy.SubjectDN.GetOidList()[^1].Equals(X509Name.CN) && proxy.IssuerDN.Equivalent(issuer.SubjectDN, true);
    }
}
