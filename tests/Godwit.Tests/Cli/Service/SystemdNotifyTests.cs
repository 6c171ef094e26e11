using System.Net.Sockets;
using System.Text;
using Godwit.Cli.Service;

namespace Godwit.Tests.Cli.Service;

public sealed class SystemdNotifyTests
{
    [Theory]
    [InlineData("/socket")]
    [InlineData("@godwit-test")]
    public void Systemd_is_told_at_the_socket_that_it_names(string kind)
    {
        string directory = Directory.CreateTempSubdirectory("gwn").FullName;
        try
        {
            string name = kind[0] == '@' ? $"{kind}-{Guid.NewGuid():N}" : directory + kind;
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));
            using var notify = new SystemdNotify(variable => variable == "NOTIFY_SOCKET" ? name : null);
            notify.Tell("READY=1", "STATUS=3 transfers");
            byte[] told = new byte[100];
            Assert.Equal("READY=1\nSTATUS=3 transfers", Encoding.UTF8.GetString(told, 0, socket.Receive(told)));
            Assert.Null(notify.WatchdogEvery);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Nobody_is_told_where_nobody_listens()
    {
        using var none = new SystemdNotify(_ => null);
        none.Tell("READY=1");
        using var gone = new SystemdNotify(name => name == "NOTIFY_SOCKET" ? "/nowhere/socket" : null);
        gone.Tell("READY=1");
    }

    [Theory]
    [InlineData("30000000", null, 30)]
    [InlineData("30000000", "self", 30)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    public void The_watchdog_is_for_the_process_that_it_names(string microseconds, string? pid, int? seconds)
    {
        using var notify = new SystemdNotify(name => name switch
        {
            "NOTIFY_SOCKET" => "/nowhere/socket",
            "WATCHDOG_USEC" => microseconds,
            "WATCHDOG_PID" => pid == "self" ? $"{Environment.ProcessId}" : pid,
            _ => null,
        });
        Assert.Equal(seconds, notify.WatchdogEvery?.TotalSeconds);
    }
}
