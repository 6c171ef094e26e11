using Godwit.Backends.Sftp;
using Godwit.Backends.Sftp.Ssh;
using Godwit.Cli.Configuration;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Storage;

namespace Godwit.Cli.Options;

/// <summary>How SFTP servers are reached: options of every command with an address, and endpoints. Everything else is OpenSSH's own
/// configuration. The stores of one server share its connections for the whole run.</summary>
internal sealed class SftpReach : StoreReach
{
    private const int MostConnections = 64;
    private const string NoChecksums = "off";

    // The others have no use for a checksum, and need not wait for another login.
    private static readonly string[] s_provers = ["copy", "sync", "move", "check", "doctor", "pull"];

    private readonly Setting<string> _command = new(
        "ssh-command", "--sftp-ssh-command", "COMMAND", "The ssh command with its first arguments, split into words and given to no shell.", "ssh",
        ["GODWIT_SSH_COMMAND"], SettingText.NotEmpty);

    private readonly Setting<string> _keyFile = new(
        "key-file", "--sftp-key-file", "FILE", "The private key.", "as ssh is configured", ["GODWIT_SFTP_KEY_FILE"], SettingText.FileName)
    {
        IsFile = true,
    };

    private readonly Setting<string> _knownHosts = new(
        "known-hosts", "--sftp-known-hosts", "FILE", "The keys of known hosts.", "as ssh is configured", ["GODWIT_SFTP_KNOWN_HOSTS"],
        SettingText.FileName)
    {
        IsFile = true,
    };

    private readonly Setting<int?> _connections = new(
        "connections", "--sftp-connections", "N", "Connections to an SFTP server at most.", "4", ["GODWIT_SFTP_CONNECTIONS"], Connections);

    private readonly Setting<string> _checksums = new(
        "checksums", "--sftp-checksums", "auto|off",
        "auto: a command in a shell of the account computes checksums where there is one, so that what was written need not be fetched again.", "auto",
        ["GODWIT_SFTP_CHECKSUMS"], SettingText.OneOf(("auto", "auto"), (NoChecksums, NoChecksums)));

    private readonly Dictionary<(string Server, string? Endpoint), SftpConnections> _open = [];

    /// <summary>Whether what this run asks for may rest on checksums that a server computes. Where not, no shell is opened for them.</summary>
    public bool UsesChecksums { get; set; } = true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Kinds => ["sftp"];

    /// <inheritdoc/>
    public override IReadOnlyList<ISetting> All => [_command, _keyFile, _knownHosts, _connections, _checksums];

    /// <summary>The end of the certificate beside the key. Of keys that ssh finds by itself nothing is known.</summary>
    public override DateTimeOffset? CredentialEnd(Endpoint endpoint, Wiring wiring) =>
        SourceOf(endpoint, wiring).Value(_keyFile) is { } key ? SshCertificate.EndOf(SshCertificate.FileOf(key)) : null;

    /// <summary>Opens a directory of a server.</summary>
    /// <param name="server">Which one.</param>
    /// <param name="directory">Absolute, or relative to the account's own directory.</param>
    /// <param name="createRoot">Whether the first write may make it.</param>
    /// <param name="followLinks">Whether links are followed when reading.</param>
    /// <param name="endpoint">What the configuration says of it, if anything.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    public SftpStore Open(SftpServer server, ReadOnlySpan<byte> directory, bool createRoot, bool followLinks, Endpoint? endpoint, Wiring wiring)
    {
        // Nothing can be done before it is known where the server puts the account and what it can do.
        SftpConnections connections = ConnectionsTo(server, endpoint, wiring);
        return SftpStore.OpenAsync(connections, directory.ToArray(), createRoot, followLinks, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>The steps that look at the way to a server.</summary>
    public IReadOnlyList<DiagnosisStep> WayTo(SftpServer server, Endpoint? endpoint, Wiring wiring) =>
        new SftpWay(ConnectionsTo(server, endpoint, wiring)).Steps();

    /// <summary>Ends all connections.</summary>
    public override async ValueTask DisposeAsync()
    {
        foreach (SftpConnections connections in _open.Values)
        {
            await connections.DisposeAsync().ConfigureAwait(false);
        }

        _open.Clear();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private SftpConnections ConnectionsTo(SftpServer server, Endpoint? endpoint, Wiring wiring)
    {
        lock (_open)
        {
            (string, string?) key = (server.Authority, endpoint?.Name);
            if (!_open.TryGetValue(key, out SftpConnections? connections))
            {
                connections = new SftpConnections(OptionsOf(server, endpoint, wiring), wiring.Time);
                _open.Add(key, connections);
            }

            return connections;
        }
    }

    private SftpOptions OptionsOf(SftpServer server, Endpoint? endpoint, Wiring wiring)
    {
        SettingSource source = SourceOf(endpoint, wiring);
        var options = new SftpOptions
        {
            Server = server,
            KeyFile = NoPipe(source.Value(_keyFile), "private key", _keyFile),
            KnownHostsFile = NoPipe(source.Value(_knownHosts), "file of known hosts", _knownHosts),
            Password = Secret(endpoint, "password", wiring),
            Passphrase = Secret(endpoint, "passphrase", wiring),
        };
        return options with
        {
            Command = source.Value(_command) is { } command ? CommandWords.Of(command) : options.Command,
            Connections = source.Value(_connections) ?? options.Connections,
            ShellChecksums = UsesChecksums && source.Value(_checksums) != NoChecksums
                && (Parsed is null || s_provers.Contains(Parsed.CommandResult.Command.Name)),
        };
    }

    private static Func<string>? Secret(Endpoint? endpoint, string key, Wiring wiring) =>
        endpoint?.Credentials.TryGetValue(key, out SecretReference? reference) == true ? () => wiring.Configuration.Secret(reference, wiring) : null;

    private static int? Connections(string text) => SettingText.Count(text) is >= 1 and <= MostConnections and var number
        ? number
        : throw new FormatException($"write a number from 1 to {MostConnections}");
}
