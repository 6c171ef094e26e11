using System.CommandLine;
using System.Net;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;

namespace Godwit.Cli.Service;

/// <summary>What a service can be told by options, by <c>GODWIT_SERVE_</c> variables, and below <c>server:</c> of the configuration.</summary>
internal sealed class ServerSettings
{
    private static readonly IPEndPoint s_usual = new(IPAddress.Loopback, 7480);
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(90);

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
        text => DurationText.Between(text, TimeSpan.Zero));

    private readonly Setting<LogLevel?> _level = Of<LogLevel?>(
        "log-level", "error|warn|info|debug", "How much it tells on standard error, as JSON lines.", "info",
        SettingText.OneOf<LogLevel?>(("error", LogLevel.Error), ("warn", LogLevel.Warn), ("info", LogLevel.Info), ("debug", LogLevel.Debug)));

    private readonly Setting<Uri?> _publicUrl = Of<Uri?>(
        "public-url", "URL", "Under which address stagers and preparers reach this service, such as https://godwit.example.org; a path may follow.",
        "--listen, where that is one address with a port", ParsePublic);

    private readonly Setting<TimeSpan?> _waitLimit = Of<TimeSpan?>(
        "wait-limit", "TIME", "How long a transfer may wait for its turn, such as 7d; what is paused, or found no service running, does not use it up. Then it fails.", "for ever", ParseLimit);

    private readonly Setting<TimeSpan?> _transferLimit = Of<TimeSpan?>(
        "transfer-limit", "TIME", "How long a transfer may move files in one go, such as 2d; a pause and a restart begin anew. Then it is stopped and fails, or is PARTIAL.", "for ever", ParseLimit);

    private readonly Setting<TimeSpan?> _keep = Of<TimeSpan?>(
        "keep", "TIME", "How long what happened is kept.", DurationText.Written(s_keep), text => DurationText.Between(text, TimeSpan.FromDays(1)));

    private readonly MailSettings _mail = new();

    private readonly Option<bool> _insecure = SettingOption.Flag("--insecure", "Listen beyond this machine without TLS: tokens and data can be read on the way.");

    /// <summary>What the configuration may say.</summary>
    public IReadOnlyList<ISetting> All => [_listen, _data, _database, _certificate, _key, _clientCa, _transfers, _drain, _publicUrl, _waitLimit, _transferLimit, _keep, _level, .. _mail.All];

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
            PublicUrl = source.Value(_publicUrl),
            WaitLimit = source.Value(_waitLimit),
            TransferLimit = source.Value(_transferLimit),
            Keep = source.Value(_keep) ?? s_keep,
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

    private static TimeSpan? ParseLimit(string text) => DurationText.Between(text, TimeSpan.FromSeconds(1));

    private static Uri ParsePublic(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0
        && !text.Contains('?', StringComparison.Ordinal) && !text.Contains('#', StringComparison.Ordinal)
            ? url
            : throw new FormatException("write https://HOST/PATH or http://HOST:PORT without name, password, ? and #");
}
