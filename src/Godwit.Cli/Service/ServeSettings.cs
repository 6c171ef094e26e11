using System.Net;
using Godwit.Cli.Options;

namespace Godwit.Cli.Service;

/// <summary>How a service runs.</summary>
/// <param name="Listen">Where it listens.</param>
internal sealed record ServeSettings(IPEndPoint Listen)
{
    private const string NameIt = "write public-url: https://HOST below server:, or say --public-url.";

    /// <summary>Where it keeps what it needs; null for the usual place.</summary>
    public string? Data { get; init; }

    /// <summary>The address of the database that the ledger is in; null for one in the directory.</summary>
    public string? Database { get; init; }

    /// <summary>The file of the server's certificate; null for no TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>The file of its key.</summary>
    public string? Key { get; init; }

    /// <summary>The directory of the authorities of clients; null for none.</summary>
    public string? ClientCa { get; init; }

    /// <summary>Transfers at once of one endpoint.</summary>
    public int TransfersAtOnce { get; init; } = 8;

    /// <summary>How long what goes on may take to end.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Under which address it is reached from elsewhere; null where that is not said.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>How long a transfer may wait for its turn; null for ever.</summary>
    public TimeSpan? WaitLimit { get; init; }

    /// <summary>How long a transfer may move files in one go; null for ever.</summary>
    public TimeSpan? TransferLimit { get; init; }

    /// <summary>How long what happened is kept.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>What those who are asked add paths to, to call back: it ends with a slash.</summary>
    /// <exception cref="InvalidOperationException">Nobody could call back: <see cref="CallbackFault"/> says why.</exception>
    public Uri CallbackBase => CallbackFault is { } fault ? throw new InvalidOperationException(fault)
        : PublicUrl is { } url ? (url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/"))
        : new Uri($"{(Certificate is null ? "http" : "https")}://{Listen}/");

    /// <summary>Why nobody could call back, as the rest of a sentence, with the remedy; null where somebody can.</summary>
    public string? CallbackFault => PublicUrl is not null ? null
        : IsOfAll(Listen.Address) ? $"would not know where to call back, because the service listens at all addresses of this machine ({Listen}): {NameIt}"
        : Listen.Port == 0 ? $"would not know where to call back, because the service listens at a free port ({Listen}): {NameIt}"
        : null;

    /// <summary>Whether it may listen beyond this machine without TLS.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>How much it tells.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>How it hands mail over.</summary>
    public MailSaid Mail { get; init; } = new();

    /// <summary>What does not fit together, in sentences with the remedy.</summary>
    public IEnumerable<string> Faults()
    {
        if (Certificate is null != Key is null)
        {
            yield return $"TLS needs two settings, and {(Key is null ? "key" : "certificate")} is not said: name the file of the certificate and that of its key.";
        }

        if (ClientCa is not null && Certificate is null)
        {
            yield return "client-ca is said without TLS, and without it nobody shows a certificate: name certificate and key.";
        }

        if (Certificate is null && !IPAddress.IsLoopback(Listen.Address) && !IsInsecure)
        {
            yield return $"--listen {Listen} is reached from other machines, and without TLS whoever is on the way reads the tokens. Name --certificate and --key, "
                + "listen on 127.0.0.1 behind a proxy with TLS, or say --insecure.";
        }

        foreach (string fault in Mail.Faults())
        {
            yield return fault;
        }
    }

    private static bool IsOfAll(IPAddress address) =>
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address) is var plain && (plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any));
}
