using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Godwit.Cli.Service;

/// <summary>Tells systemd how the service is, by the protocol of sd_notify(3): datagrams to the socket that it names. Nobody listens where it names none.</summary>
internal sealed class SystemdNotify : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;

    /// <param name="environment">Reads an environment variable.</param>
    public SystemdNotify(Func<string, string?> environment)
    {
        if (environment("NOTIFY_SOCKET") is not { Length: > 1 } path)
        {
            return;
        }

        _address = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        WatchdogEvery = environment("WATCHDOG_USEC") is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            && (environment("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }

    /// <summary>Within which time it has to be told that the service is alive; null where it does not watch.</summary>
    public TimeSpan? WatchdogEvery { get; }

    /// <summary>Tells something. What nobody takes is lost: the service does not depend on it.</summary>
    /// <param name="lines">Assignments, such as <c>READY=1</c>.</param>
    public void Tell(params IReadOnlyList<string> lines)
    {
        try
        {
            _socket?.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines)), _address!);
        }
        catch (SocketException)
        {
            // Whoever started the service listens no more.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
