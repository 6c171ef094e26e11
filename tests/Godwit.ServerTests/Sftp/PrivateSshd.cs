using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Godwit.ServerTests.Sftp;

/// <summary>A second sshd with the same accounts, which a test may kill and start again at the same port.</summary>
internal sealed class PrivateSshd : IDisposable
{
    private readonly string _config;
    private Process? _sshd;

    /// <summary>Starts it, and adds it to a configuration of ssh under the name "private".</summary>
    public PrivateSshd(SftpCommandLine cli)
    {
        Port = FreePort();
        _config = cli.In("sshd_config");
        string given = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(SftpTestServer.Config))!, "sshd_config");
        File.WriteAllLines(_config, [$"Port {Port}", "PidFile none", .. File.ReadLines(given).Where(line => !line.StartsWith("Port ") && !line.StartsWith("PidFile "))]);
        string[] host = ["Host private", $"Port {Port}", $"User {SftpTestServer.User}", $"HostKeyAlias [127.0.0.1]:{SftpTestServer.Port}"];
        File.WriteAllLines(cli.Config, [.. host, .. File.ReadAllLines(cli.Config)]);
        Start();
    }

    public int Port { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    public void Start()
    {
        _sshd = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", _config]) { RedirectStandardError = true })!;
        while (_sshd.StandardError.ReadLine() is { } line && !line.StartsWith("Server listening", StringComparison.Ordinal))
        {
        }

        _ = _sshd.StandardError.ReadToEndAsync();
        Assert.False(_sshd.HasExited);
    }

    /// <summary>Ends it with all its connections, as a power failure does.</summary>
    public void Kill()
    {
        lock (_config)
        {
            if (_sshd is { HasExited: false } sshd)
            {
                sshd.Kill(entireProcessTree: true);
                sshd.WaitForExit();
            }
        }
    }

    public void Dispose()
    {
        Kill();
        _sshd?.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
