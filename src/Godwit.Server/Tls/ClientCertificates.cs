using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Server.Tls;

/// <summary>Finds out whose the certificates are that clients show.</summary>
/// <param name="trust">The authorities.</param>
/// <param name="time">The clock.</param>
public sealed class ClientCertificates(GridTrust trust, TimeProvider time)
{
    private readonly ConditionalWeakTable<SslStream, CheckedCertificate> _checked = [];

    /// <summary>Who is at the other end of a connection; null where no certificate was shown.</summary>
    internal CheckedCertificate? Of(SslStream stream) => _checked.TryGetValue(stream, out CheckedCertificate? found) ? found : null;

    /// <summary>Looks at what a client shows while the connection is made. What does not count ends no connection: a token may count, and an answer
    /// can say what is wrong.</summary>
    internal bool Look(SslStream stream, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not null)
        {
            byte[][] shown = [certificate.GetRawCertData(), .. chain?.ChainPolicy.ExtraStore.Select(one => one.RawData) ?? []];
            _checked.AddOrUpdate(stream, trust.Check(shown, time.GetUtcNow()));
        }

        return true;
    }
}

/// <summary>What became of a certificate that was shown.</summary>
/// <param name="Subject">Whose it is, as <see cref="GridName"/> writes it; of a proxy, whose it stands for. Null where it does not count.</param>
/// <param name="Fault">Why it does not count, to complete "the certificate does not count: "; null where it does.</param>
/// <param name="NotAfter">Until when it and all that it rests on are valid: a connection may outlive it.</param>
public sealed record CheckedCertificate(string? Subject, string? Fault, DateTimeOffset NotAfter);
