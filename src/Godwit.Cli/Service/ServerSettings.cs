using System.CommandLine;
using System.Net;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;

namespace Godwit.Cli.Service;

/// <summary>What a service can be told by options, by <c>GODWIT_SERVE_</c> variables, and below <c>server:</c> of the configuration.</summary>
internal sealed class ServerSettings
{
    private static readonly IPEndPoint s_usual = new(IPAddress.Loopback, 7480);

    private readonly Setting<IPEndPoint?> _listen = Of<IPEndPoint?>("listen", "ADDRESS:PORT", "Where it listens; port 0 for a free one.", s_usual.ToString(), ParseEndPoint);

    private readonly Setting<string?> _data = File(
        "data", "DIR", "Where it keeps its ledger and what it needs on this machine.", "STATE_DIRECTORY, $XDG_STATE_HOME/godwit/server, ~/.local/state/godwit/server");

    private readonly Setting<string?> _database = Of<string?>(
        "database", "URL",
        "Keeps the ledger in PostgreSQL (13 or newer) instead: postgres://user@host:port/database. The password is taken from PGPASSWORD or ~/.pgpass, never from here.",
        "the ledger is in --data", text => text);

    private readonly Setting<string?> _certificate = File(
        "certificate", "FILE", "TLS: the server's certificate (PEM), and those between it and its authority. With --key.", "no TLS");

    private readonly Setting<string?> _key = File("key", "FILE", "The key of the certificate (PEM, no password).", "no TLS");

    private readonly Setting<string?> _clientCa = File(
        "client-ca", "DIR", "Authorities whose certificates and proxies clients may show, as grids distribute them, such as /etc/grid-security/certificates. With people: in the configuration.",
        "tokens alone");

    private readonly Setting<int?> _transfers = Of<int?>("transfers", "N", "Transfers at once of one endpoint.", "8", text =>
        int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));

    private readonly Setting<TimeSpan?> _drain = Of<TimeSpan?>(
        "drain", "TIME", "How long what goes on may take to end when the service is stopped; then it stops cleanly and goes on when the service starts again.", "20s",
        text => DurationText.Parse(text));

    private readonly Setting<LogLevel?> _level = Of<LogLevel?>(
        "log-level", "error|warn|info|debug", "How much it tells on standard error, as JSON lines.", "info",
        SettingText.OneOf<LogLevel?>(("error", LogLevel.Error), ("warn", LogLevel.Warn), ("info", LogLevel.Info), ("debug", LogLevel.Debug)));

    private readonly MailSettings _mail = new();

    private readonly Option<bool> _insecure = SettingOption.Flag("--insecure", "Listen beyond this machine without TLS: tokens and data can be read on the way.");

    /// <summary>What the configuration may say.</summary>
    public IReadOnlyList<ISetting> All => [_listen, _data, _database, _certificate, _key, _clientCa, _transfers, _drain, _level, .. _mail.All];

    /// <summary>Where the service of this user keeps its token, as far as variables and the configuration say.</summary>
    public static string? DataOf(Wiring wiring) =>
        new SettingSource(null, wiring.Environment, wiring.Configuration.InForce(wiring.Environment).Server).Value(new ServerSettings()._data);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (ISetting setting in All)
        {
            command.Add(setting.Option);
        }

        command.Add(_insecure);
    }

    /// <summary>What is in force.</summary>
    /// <exception cref="CommandException">A variable holds what cannot be used, or settings do not fit together.</exception>
    public ServeSettings Read(ParseResult parsed, Wiring wiring)
    {
        var source = new SettingSource(parsed, wiring.Environment, wiring.Configuration.InForce(wiring.Environment).Server);
        var settings = new ServeSettings(source.Value(_listen) ?? s_usual)
        {
            Data = source.Value(_data),
            Database = source.Value(_database),
            Certificate = source.Value(_certificate),
            Key = source.Value(_key),
            ClientCa = source.Value(_clientCa),
            TransfersAtOnce = source.Value(_transfers) ?? 8,
            Drain = source.Value(_drain) ?? TimeSpan.FromSeconds(20),
            IsInsecure = parsed.GetValue(_insecure),
            LogLevel = source.Value(_level) ?? LogLevel.Info,
            Mail = _mail.Read(source),
        };
        return settings.Faults().ToList() is { Count: > 0 } faults ? throw new CommandException(ExitCode.Usage, faults) : settings;
    }

    internal static Setting<T> Of<T>(string key, string shape, string what, string usually, Func<string, T> parse) =>
        new(key, $"--{key}", shape, what, usually, [$"GODWIT_SERVE_{key.ToUpperInvariant().Replace('-', '_')}"], parse);

    internal static Setting<string?> File(string key, string shape, string what, string usually) =>
        new(key, $"--{key}", shape, what, usually, [$"GODWIT_SERVE_{key.ToUpperInvariant().Replace('-', '_')}"], SettingText.FileName) { IsFile = true };

    private static IPEndPoint ParseEndPoint(string text) => text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? read)
        ? read
        : throw new FormatException("write an address and a port, such as 127.0.0.1:7480 or [::]:7480");
}

/// <summary>How a service runs.</summary>
/// <param name="Listen">Where it listens.</param>
internal sealed record ServeSettings(IPEndPoint Listen)
{
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
}
