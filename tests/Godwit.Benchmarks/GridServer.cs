using System.Diagnostics;
using System.Globalization;
using Godwit.Benchmarks.Line;

namespace Godwit.Benchmarks;

/// <summary>Two servers of one protocol that <c>servers/gridftp</c> or <c>servers/xrootd</c> started, as Alice.</summary>
/// <param name="Protocol"><c>GRIDFTP</c> or <c>XROOTD</c>.</param>
/// <param name="Line">Where they are: at its far end, once <see cref="StartFar"/> was called; null for this machine.</param>
internal sealed record GridServer(string Protocol, LongLine? Line = null) : IDisposable
{
    private Process? _daemon;

    /// <summary>What every client needs to reach them.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["X509_USER_PROXY"] = Setting("X509_ALICE"),
        ["X509_CERT_DIR"] = Setting("X509_CERT_DIR"),

        // gfal-copy asks for a program that is called python, and xrdcp delegates only when it is told to.
        ["GFAL_PYTHONBIN"] = "/usr/bin/python3",
        ["XrdSecGSIDELEGPROXY"] = "1",
    };

    public bool IsXrootd => Protocol == "XROOTD";

    /// <summary>The address of a directory.</summary>
    /// <param name="server"><c>A</c> or <c>B</c>.</param>
    /// <param name="name">The directory.</param>
    public string Url(string server, string name) => $"{Setting($"{Protocol}_{server}")}{Home(server)}/{name}";

    /// <summary>Where that is on this machine.</summary>
    public string OnDisk(string server, string name) => (IsXrootd ? Setting($"XROOTD_{server}_DATA") : "") + Path.Combine(Home(server), name);

    /// <summary>A name that nobody had before.</summary>
    public static string Fresh() => "bench" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12];

    /// <summary>A command where the clients are.</summary>
    public string[] Run(params string[] words) => Line is null ? words : Line.AtNear(words);

    /// <summary>Starts the server A once more, at the far end of the line, on the same files and port.</summary>
    public GridServer StartFar()
    {
        string folder = OnDisk("A", "")[..OnDisk("A", "").IndexOf("/a/", StringComparison.Ordinal)];
        string[] words = IsXrootd ? XrootdFar(folder) : GridFtpFar(folder);
        _daemon = Process.Start(new ProcessStartInfo("ip", Line!.AtFar(words).Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true });
        int port = new Uri(Setting($"{Protocol}_A")).Port;
        Measure.Wait(Line.AtFar("timeout", "10", "bash", "-c", $"until (exec 3<>/dev/tcp/{LongLine.Far}/{port}) 2>/dev/null; do sleep 0.05; done"));
        return this;
    }

    public void Dispose()
    {
        _daemon?.Kill(entireProcessTree: true);
        _daemon?.Dispose();
        Line?.Dispose();
    }

    private static string[] GridFtpFar(string folder)
    {
        string conf = Path.Combine(folder, "line.conf");
        File.WriteAllText(conf, File.ReadAllText(Path.Combine(folder, "a.conf")).Replace("127.0.0.1", LongLine.Far, StringComparison.Ordinal));
        return ["env", "-u", "X509_USER_PROXY", "globus-gridftp-server", "-no-detach", "-c", conf];
    }

    private static string[] XrootdFar(string folder) =>
        ["sh", "-c", "exec xrootd -I v4 -n line -c $0/a.conf -l $0/log/line.log -R $(stat -c %U $0/a/data)", folder];

    private string Home(string server) => IsXrootd ? Setting("XROOTD_ALICE") : Setting($"GRIDFTP_{server}_ALICE");

    private static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException(
            $"No grid server is known (GODWIT_TEST_{name} is not set): set -a; eval \"$(servers/gridftp start)\"; eval \"$(servers/xrootd start)\"; set +a");
}
