using System.Globalization;

namespace Godwit.Benchmarks;

/// <summary>Two servers of one protocol that <c>servers/gridftp</c> or <c>servers/xrootd</c> started, as Alice.</summary>
/// <param name="Protocol"><c>GRIDFTP</c> or <c>XROOTD</c>.</param>
internal sealed record GridServer(string Protocol)
{
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

    private string Home(string server) => IsXrootd ? Setting("XROOTD_ALICE") : Setting($"GRIDFTP_{server}_ALICE");

    private static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException(
            $"No grid server is known (GODWIT_TEST_{name} is not set): set -a; eval \"$(servers/gridftp start)\"; eval \"$(servers/xrootd start)\"; set +a");
}
