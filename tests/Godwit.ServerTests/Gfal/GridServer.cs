using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>The GridFTP and XRootD servers that the tests run against: <c>./test</c> starts them and says where they are.</summary>
internal static class GridServer
{
    /// <summary>The servers by a short name: whose address is in which variable, and where Alice's directory is there.</summary>
    private static readonly Dictionary<string, (string Server, string Alice)> s_servers = new()
    {
        ["gridftp"] = ("GRIDFTP_A", "GRIDFTP_A_ALICE"),
        ["gridftp-b"] = ("GRIDFTP_B", "GRIDFTP_B_ALICE"),
        ["xrootd"] = ("XROOTD_A", "XROOTD_ALICE"),
        ["xrootd-b"] = ("XROOTD_B", "XROOTD_ALICE"),
        ["xrootd-tls"] = ("XROOTD_A_TLS", "XROOTD_ALICE"),
    };

    /// <summary>The program that becomes a worker.</summary>
    public static IReadOnlyList<string> Worker { get; } =
        ["dotnet", Path.Combine(AppContext.BaseDirectory, "godwit.dll"), Backends.Gfal.Worker.GfalWorker.Argument];

    /// <summary>Reaches a server.</summary>
    /// <param name="name">Its short name.</param>
    /// <param name="who">Whose proxy: ALICE, BOB, EXPIRED or ROGUE.</param>
    public static GfalWorkers Connect(string name, string who = "ALICE") => new(
        new GfalOptions
        {
            Server = Server(name),
            Worker = Worker,
            Credential = GfalCredential.Proxy(Setting($"X509_{who}")),
            CertificateDirectory = Setting("X509_CERT_DIR"),
        },
        TimeProvider.System);

    /// <summary>A directory of Alice's; a fresh one unless named.</summary>
    public static GfalStore Open(GfalWorkers workers, string name, string? directory = null) => new(
        workers, Home(name).Join(StorePath.FromText(directory ?? Fresh())), createRoot: true);

    /// <summary>Where somebody may write there.</summary>
    public static StorePath Home(string name, string who = "ALICE") => StorePath.FromText(
        Setting(s_servers[name].Alice.Replace("ALICE", who, StringComparison.Ordinal)).Trim('/'));

    /// <summary>The address of a directory of Alice's.</summary>
    public static string Url(string name, string directory) =>
        $"{Server(name)}/{(Server(name).IsXrootd ? "/" : "")}{Home(name)}/{directory}";

    /// <summary>A directory of Alice's as this machine sees it.</summary>
    public static string OnDisk(string name, string directory) =>
        Path.Combine(Server(name).IsXrootd ? Setting($"XROOTD_{(name == "xrootd-b" ? "B" : "A")}_DATA") : "/", Home(name).ToString(), directory);

    /// <summary>Every server's directory of one name.</summary>
    public static IEnumerable<string> OnDisk(string directory) => s_servers.Keys.Select(name => OnDisk(name, directory));

    public static string Fresh() => "t" + Guid.NewGuid().ToString("N")[..12];

    public static GfalServer Server(string name)
    {
        var url = new Uri(Setting(s_servers[name].Server));
        return new GfalServer(url.Scheme, url.Host, url.Port);
    }

    public static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException(
            $"No grid server is known (GODWIT_TEST_{name} is not set): run ./test, or start the servers and take over their settings: "
            + "set -a; eval \"$(servers/gridftp start)\"; eval \"$(servers/xrootd start)\"; set +a");
}
