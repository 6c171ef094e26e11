using Godwit.Backends.Gfal;
using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Options;

/// <summary>How GridFTP and XRootD servers are reached: whose proxy, and which authorities are trusted. The stores of one server share its worker
/// process for the whole run.</summary>
internal sealed class GfalReach : StoreReach
{
    private readonly Setting<string> _proxy = new(
        "x509-proxy", "--x509-proxy", "FILE", "The X.509 proxy for GridFTP and XRootD servers.",
        "X509_USER_CERT with X509_USER_KEY, else /tmp/x509up_uUID", ["GODWIT_X509_PROXY"], SettingText.FileName, shared: ["X509_USER_PROXY"])
    {
        IsFile = true,
    };

    private readonly Setting<string> _ca = new(
        "x509-ca", "--x509-ca", "DIR", "The certificates of the authorities that GridFTP and XRootD servers' must lead to.",
        "~/.globus/certificates, /etc/grid-security/certificates", ["GODWIT_X509_CA"], SettingText.FileName, shared: ["X509_CERT_DIR"])
    {
        IsFile = true,
    };

    private readonly Dictionary<(GfalServer Server, GfalCredential? Credential, string? Endpoint), GfalWorkers> _open = [];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Kinds => [.. GfalServer.Ports.Keys];

    /// <inheritdoc/>
    public override IReadOnlyList<ISetting> All => [_proxy, _ca];

    /// <inheritdoc/>
    public override ConfiguredValue CredentialShown(Endpoint endpoint, Wiring wiring)
    {
        ConfiguredValue proxy = SourceOf(endpoint, wiring).Find(_proxy);
        return CredentialOf(endpoint, wiring) switch
        {
            null => new ConfiguredValue("none", "default"),
            { IsProxy: true } found when proxy.Origin == "default" => new ConfiguredValue(found.CertificateFile, "default"),
            { IsProxy: true } => proxy,
            var pair => new ConfiguredValue($"{pair.CertificateFile}, {pair.KeyFile}", "environment X509_USER_CERT, X509_USER_KEY"),
        };
    }

    /// <inheritdoc/>
    public override DateTimeOffset? CredentialEnd(Endpoint endpoint, Wiring wiring) => CredentialOf(endpoint, wiring)?.ValidUntil();

    /// <summary>Opens a directory of a server. The server is not asked.</summary>
    /// <param name="server">Which one.</param>
    /// <param name="root">The directory.</param>
    /// <param name="createRoot">Whether the first write may make it.</param>
    /// <param name="endpoint">What the configuration says of it, if anything.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <exception cref="CommandException">A setting cannot be used.</exception>
    public GfalStore Open(GfalServer server, StorePath root, bool createRoot, Endpoint? endpoint, Wiring wiring) =>
        new(WorkersOf(server, endpoint, wiring), root, createRoot);

    /// <summary>Starts the worker of a server that will be asked.</summary>
    /// <exception cref="CommandException">A setting cannot be used.</exception>
    public void Begin(GfalServer server, Endpoint? endpoint, Wiring wiring) => WorkersOf(server, endpoint, wiring).Begin();

    /// <summary>The steps that look at the way to a server.</summary>
    /// <exception cref="CommandException">A setting cannot be used.</exception>
    public IReadOnlyList<DiagnosisStep> WayTo(GfalServer server, Endpoint? endpoint, Wiring wiring) =>
        new GfalWay(WorkersOf(server, endpoint, wiring)).Steps();

    /// <summary>Ends all workers.</summary>
    public override async ValueTask DisposeAsync()
    {
        foreach (GfalWorkers workers in _open.Values)
        {
            await workers.DisposeAsync().ConfigureAwait(false);
        }

        _open.Clear();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private GfalWorkers WorkersOf(GfalServer server, Endpoint? endpoint, Wiring wiring)
    {
        GfalCredential? credential = CredentialOf(endpoint, wiring);
        string? authorities = ExistingDirectory(SourceOf(endpoint, wiring).Value(_ca));
        lock (_open)
        {
            (GfalServer, GfalCredential?, string?) key = (server, credential, endpoint?.Name);
            if (!_open.TryGetValue(key, out GfalWorkers? workers))
            {
                var options = new GfalOptions { Server = server, Worker = wiring.GfalWorker, Credential = credential };
                workers = new GfalWorkers(options with { CertificateDirectory = authorities }, wiring.Time);
                _open.Add(key, workers);
            }

            return workers;
        }
    }

    /// <summary>A worker's directory is another one than this process's: it gets whole names.</summary>
    private GfalCredential? CredentialOf(Endpoint? endpoint, Wiring wiring) => SourceOf(endpoint, wiring).Value(_proxy) is { } proxy
        ? GfalCredential.Proxy(Whole(proxy))
        : GfalCredential.Find(wiring.Environment, wiring.User()) is { } found
            ? new GfalCredential(Whole(found.CertificateFile), Whole(found.KeyFile))
            : null;

    private string Whole(string file) => Path.GetFullPath(NoPipe(file, "credential", _proxy)!);

    private static string? ExistingDirectory(string? directory) => directory is null ? null
        : Directory.Exists(directory) ? Path.GetFullPath(directory)
        : throw new CommandException(
            ExitCode.Usage, $"The directory of certificates \"{ArgumentText.Show(directory)}\" is not there. Name another with --x509-ca.");
}
