using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>How a server is reached through libgfal2.</summary>
public sealed record GfalOptions
{
    /// <summary>Which one.</summary>
    public required GfalServer Server { get; init; }

    /// <summary>The program that becomes a worker, with its first arguments: this program itself, and <see cref="Worker.GfalWorker.Argument"/>.</summary>
    public required IReadOnlyList<string> Worker { get; init; }

    /// <summary>Who asks; null goes without a credential.</summary>
    public GfalCredential? Credential { get; init; }

    /// <summary>The directory with the certificates of the authorities that are trusted, and their revocations; null for libgfal2's own
    /// (<c>~/.globus/certificates</c>, <c>/etc/grid-security/certificates</c>).</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Whether a worker and this process have memory in common for the bytes of files. Where the system does not let them, they go through pipes.</summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>How long a worker gets to notice that a call was given up, before it is killed.</summary>
    public TimeSpan CancelPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long servers that copy among themselves may take to report their first byte: behind a firewall they never reach each other.</summary>
    /// <value>One minute; they report every two and a half, or every five seconds.</value>
    public TimeSpan FirstBytePatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long servers that copy among themselves may report no further byte before they are told to stop.</summary>
    /// <value>Five minutes: what GridFTP's own markers are given is three.</value>
    public TimeSpan StandstillPatience { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A server of the grid.</summary>
/// <param name="Scheme"><c>gsiftp</c>, <c>root</c> or <c>roots</c>; or <c>srm</c>, which is passed to libgfal2 and was never tried against a server.</param>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
public sealed record GfalServer(string Scheme, string Host, int Port)
{
    /// <summary>The schemes with the port that servers have when none is said.</summary>
    public static IReadOnlyDictionary<string, int> Ports { get; } = new Dictionary<string, int>
    {
        ["gsiftp"] = 2811,
        ["srm"] = 8443,
        ["root"] = 1094,
        ["roots"] = 1094,
    };

    /// <summary>Whether it speaks XRootD's protocol.</summary>
    public bool IsXrootd => Scheme is "root" or "roots";

    /// <summary>Host and port, as in a URL.</summary>
    public string Authority => $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    /// <summary>What its paths are unique in. The same files are behind <c>root</c> and <c>roots</c>.</summary>
    internal StoreIdentity Identity(StorePath root) => new(IsXrootd ? "root" : Scheme, Authority, root);

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}://{Authority}";
}
