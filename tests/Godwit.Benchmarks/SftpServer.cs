using System.Diagnostics;
using System.Globalization;
using Godwit.Benchmarks.Line;

namespace Godwit.Benchmarks;

/// <summary>The SFTP server that <c>servers/sftp</c> started, here or at the far end of a line.</summary>
internal sealed class SftpServer : IDisposable
{
    private readonly LongLine? _line;
    private readonly Process? _daemon;

    /// <summary>The server of this machine.</summary>
    public SftpServer() => Host = "127.0.0.1";

    /// <summary>The same server, listening at the far end of a line as well.</summary>
    public SftpServer(LongLine line)
    {
        (_line, Host) = (line, LongLine.Far);
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(Setting("CONFIG")))!;
        _daemon = Process.Start(new ProcessStartInfo("ip", line.AtFar(
            "/usr/sbin/sshd", "-D", "-f", Path.Combine(folder, "sshd_config"), "-o", $"ListenAddress={Host}", "-o", "PidFile=none").Skip(1)));
    }

    /// <summary>Its address.</summary>
    public string Host { get; }

    public static string Port => Setting("PORT");

    public static string User => Setting("USER");

    public static string Key => Setting("KEY");

    /// <summary>The options of ssh to reach it.</summary>
    public static string[] Options =>
    [
        "-F", "none", "-o", $"HostKeyAlias=[127.0.0.1]:{Port}", "-o", $"UserKnownHostsFile={Setting("KNOWN_HOSTS")}", "-o", $"IdentityFile={Key}",
        "-o", "IdentitiesOnly=yes", "-o", $"User={User}", "-o", $"Port={Port}",
    ];

    /// <summary>Where a directory of the account is on this machine.</summary>
    public static string OnDisk(string name) => Path.Combine(Setting("HOME"), name);

    /// <summary>A name that nobody had before.</summary>
    public static string Fresh() => "bench" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12];

    /// <summary>A command where the clients are.</summary>
    public string[] Run(params string[] words) => _line is null ? words : _line.AtNear(words);

    /// <summary>Runs a command at the far end.</summary>
    public void RunFar(params string[] words) => Measure.Wait(_line!.AtFar(words));

    public void Dispose()
    {
        _daemon?.Kill();
        _daemon?.Dispose();
        _line?.Dispose();
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_SFTP_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"No SFTP server is known (GODWIT_TEST_SFTP_{name} is not set): set -a; eval \"$(servers/sftp start)\"; set +a");
}
