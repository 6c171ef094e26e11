using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Backends.S3;

/// <summary>Says what is wrong with a server's certificate, and what can be done. It accepts none that the system does not.</summary>
internal static class S3Certificates
{
    private const X509ChainStatusFlags OutOfTime = X509ChainStatusFlags.NotTimeValid | X509ChainStatusFlags.CtlNotTimeValid;

    private const X509ChainStatusFlags NoAuthority = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Whether the certificate is good.</summary>
    /// <exception cref="S3CertificateException">It is not.</exception>
    public static bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None ? true : throw new S3CertificateException(Says(certificate as X509Certificate2, chain, errors));

    private static string Says(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "the server shows no certificate";
        }

        X509ChainStatus[] statuses = chain?.ChainStatus ?? [];
        X509ChainStatusFlags faults = statuses.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((faults & OutOfTime) != 0)
        {
            X509Certificate2 old = chain?.ChainElements.FirstOrDefault(one => one.ChainElementStatus.Any(status => (status.Status & OutOfTime) != 0))?.Certificate ?? certificate;
            string which = old.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span) ? "the server's certificate" : $"a certificate that the server's leads to, \"{old.Subject}\",";
            return $"{which} is out of its time ({Span(old)}); renew it there, or set this machine's clock";
        }

        if ((faults & NoAuthority) != 0)
        {
            return $"the server's certificate is not trusted: nobody here knows the authority \"{certificate.Issuer}\"; name the file of its authority (--s3-ca FILE)";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return $"the server's certificate is for another name ({Names(certificate)}); ask for the server by one of these";
        }

        return $"the server's certificate is not trusted: {string.Join("; ", statuses.Select(one => one.StatusInformation.Trim().TrimEnd('.')))}";
    }

    private static string Span(X509Certificate2 certificate) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] all = names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(one => one.ToString())];
        return all.Length == 0 ? certificate.Subject : string.Join(", ", all.Take(5));
    }
}

/// <summary>A certificate that is not accepted; the message says why and what to do.</summary>
internal sealed class S3CertificateException(string message) : AuthenticationException(message);
