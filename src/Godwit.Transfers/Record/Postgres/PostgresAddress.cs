using System.Globalization;
using Npgsql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>The address of a database: <c>postgres://user@host:port/database</c>, as PostgreSQL's own programs take it.</summary>
internal sealed class PostgresAddress
{
    private const string Form = "write it as postgres://user@host:port/database";
    private const int UsualPort = 5432;

    private static readonly Dictionary<string, SslMode> s_sslModes = new(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["allow"] = SslMode.Allow,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    };

    private readonly NpgsqlConnectionStringBuilder _settings = [];

    private PostgresAddress(Uri uri)
    {
        _settings.Host = uri.IdnHost.Trim('[', ']');
        _settings.Port = uri.Port > 0 ? uri.Port : UsualPort;
        _settings.Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        TakeUser(uri.UserInfo);
        foreach (string parameter in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            Take(equals < 0 ? parameter : parameter[..equals], equals < 0 ? "" : Uri.UnescapeDataString(parameter[(equals + 1)..]));
        }

        if (_settings.Database.Length == 0)
        {
            throw new FormatException($"it names no database: {Form}");
        }

        if (string.IsNullOrEmpty(_settings.Host))
        {
            throw new FormatException($"it names no host: {Form}, or postgres:///database?host=/run/postgresql for a socket");
        }

        Name = _settings.Host.StartsWith('/')
            ? string.Create(CultureInfo.InvariantCulture, $"postgres:///{_settings.Database}?host={_settings.Host}")
            : string.Create(CultureInfo.InvariantCulture, $"postgres://{(_settings.Host.Contains(':', StringComparison.Ordinal) ? $"[{_settings.Host}]" : _settings.Host)}:{_settings.Port}/{_settings.Database}");
    }

    /// <summary>The address without user and password, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether there is a password in it.</summary>
    public bool HasPassword => _settings.Password is not null;

    /// <summary>Whether a text looks like such an address.</summary>
    public static bool IsOne(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message does not repeat it, because there may be a password in it.</exception>
    public static PostgresAddress Parse(string text) =>
        IsOne(text) && Uri.TryCreate(WithHost(text), UriKind.Absolute, out Uri? uri) && uri.Fragment.Length == 0 && !Uri.UnescapeDataString(text).Any(char.IsControl)
            ? new PostgresAddress(uri)
            : throw new FormatException(Form);

    /// <summary>What the connection is opened with. A password that the address lacks is taken from PGPASSWORD or the password file.</summary>
    public NpgsqlConnectionStringBuilder Settings(string application) => new(_settings.ConnectionString)
    {
        ApplicationName = application,
        Pooling = false,
        Enlist = false,
        GssEncryptionMode = GssEncryptionMode.Disable,
        PersistSecurityInfo = false,
        CommandTimeout = 120,

        // Each text is prepared when it is first run; there are fewer than this.
        MaxAutoPrepare = 400,
        AutoPrepareMinUsages = 1,
    };

    /// <summary>PostgreSQL's programs take a user without a host, which no URI may have: it is this machine.</summary>
    private static string WithHost(string text)
    {
        int authority = text.IndexOf("://", StringComparison.Ordinal) + 3;
        int end = text.IndexOfAny(['/', '?'], authority);
        return end > authority && text[end - 1] == '@' ? text.Insert(end, "localhost") : text;
    }

    private void TakeUser(string info)
    {
        int colon = info.IndexOf(':', StringComparison.Ordinal);
        string user = Uri.UnescapeDataString(colon < 0 ? info : info[..colon]);
        _settings.Username = user.Length > 0 ? user : null;
        _settings.Password = colon < 0 ? null : Uri.UnescapeDataString(info[(colon + 1)..]);
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "sslmode":
                _settings.SslMode = s_sslModes.TryGetValue(value, out SslMode mode)
                    ? mode
                    : throw new FormatException($"sslmode is one of {string.Join(", ", s_sslModes.Keys)}");
                break;
            case "sslrootcert":
                _settings.RootCertificate = value;
                break;
            case "sslcert":
                _settings.SslCertificate = value;
                break;
            case "sslkey":
                _settings.SslKey = value;
                break;
            case "host":
                _settings.Host = value;
                break;
            default:
                throw new FormatException($"it has a parameter that is not known: {name}; known are host, sslmode, sslrootcert, sslcert and sslkey");
        }
    }
}
