namespace Godwit.Server.Tls;

/// <summary>Finds out whose the certificates are that clients show.</summary>
/// <param name="trust">The authorities.</param>
/// <param name="time">The clock.</param>
public sealed class ClientCertificates(GridTrust trust, TimeProvider time)
{
    /// <summary>Counts on whenever what is trusted is another thing: what was found out before does not count then.</summary>
    internal int Generation => trust.Generation;

    /// <summary>Looks at what a client showed when the connection was made. What does not count ends no connection: a token may count, and an answer
    /// can say what is wrong.</summary>
    /// <param name="shown">DER: first the client's own, then others in any order.</param>
    internal CheckedCertificate Check(IReadOnlyList<byte[]> shown) => trust.Check(shown, time.GetUtcNow());
}

/// <summary>What became of a certificate that was shown.</summary>
/// <param name="Subject">Whose it is, as <see cref="GridName"/> writes it; of a proxy, whose it stands for. Null where it does not count.</param>
/// <param name="Fault">Why it does not count, to complete "the certificate does not count: "; null where it does.</param>
/// <param name="NotAfter">Until when it and all that it rests on are valid: a connection may outlive it.</param>
public sealed record CheckedCertificate(string? Subject, string? Fault, DateTimeOffset NotAfter);
