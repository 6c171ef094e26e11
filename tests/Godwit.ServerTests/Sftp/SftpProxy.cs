using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Backends.Sftp;
using Godwit.Backends.Sftp.Wire;

namespace Godwit.ServerTests.Sftp;

/// <summary>One request as it passes.</summary>
/// <param name="Type">Of which kind.</param>
/// <param name="Extension">The name of an extended one; else empty.</param>
/// <param name="Place">The path that it is about, or the path that its handle was opened for.</param>
/// <param name="Writes">Whether it opens a file to be written, or is about a handle that was opened so.</param>
internal sealed record ProxiedRequest(PacketType Type, string Extension, string Place, bool Writes)
{
    public bool Publishes => Type == PacketType.Rename || Extension.Contains("rename", StringComparison.Ordinal) || Extension.Contains("hardlink", StringComparison.Ordinal);
}

/// <summary>
/// Stands between Godwit and an account of the server: it sees what passes, takes extensions away and changes answers, as a server of another
/// kind would give them.
/// </summary>
internal sealed class SftpProxy : IDisposable
{
    private readonly string _account;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<IDisposable> _open = [];
    private int _written;

    public SftpProxy(string account)
    {
        _account = account;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Extensions that are not announced.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Called with each request before it goes to the server.</summary>
    public Action<ProxiedRequest> Asked { get; set; } = _ => { };

    /// <summary>Called before an answer goes to Godwit; gives the status to answer instead, or null.</summary>
    public Func<ProxiedRequest, StatusCode?> Instead { get; set; } = _ => null;

    /// <summary>Handles that were opened to be written and whose end Godwit has not heard of yet.</summary>
    public int Written => Volatile.Read(ref _written);

    public SftpConnections Connect(int connections = 4)
    {
        string port = ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        return new SftpConnections(
            SftpTestServer.Options(_account) with
            {
                Command = ["/bin/bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3 & cat >&3; kill $!", "ssh"],
                Connections = connections,

                // It speaks SFTP alone: a shell that never answers is waited for half a minute.
                ShellChecksums = false,
            },
            TimeProvider.System);
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (IDisposable one in _open)
        {
            one.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _open.Add(socket);
                var ssh = Process.Start(new ProcessStartInfo("ssh", ["-F", SftpTestServer.Config, "-s", "--", _account, "sftp"])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                })!;
                _open.Add(ssh);
                var line = new Line(this, new NetworkStream(socket), ssh);
                new Thread(line.Ask) { IsBackground = true }.Start();
                new Thread(line.Answer) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    /// <summary>One connection.</summary>
    private sealed class Line(SftpProxy proxy, NetworkStream godwit, Process ssh)
    {
        private readonly ConcurrentDictionary<uint, ProxiedRequest> _asked = new();
        private readonly ConcurrentDictionary<string, ProxiedRequest> _handles = new();

        public void Ask() => Pass(godwit, ssh.StandardInput.BaseStream, ssh.StandardInput.Close, packet =>
        {
            if (packet[0] != (byte)PacketType.Init)
            {
                ProxiedRequest request = Read(packet);
                _asked[Number(packet)] = request;
                proxy.Asked(request);
            }

            return packet;
        });

        public void Answer() => Pass(ssh.StandardOutput.BaseStream, godwit, godwit.Dispose, packet =>
        {
            if (packet[0] == (byte)PacketType.Version)
            {
                return Announced(packet);
            }

            _asked.TryRemove(Number(packet), out ProxiedRequest? request);
            if (request!.Type == PacketType.Open && packet[0] == (byte)PacketType.Handle)
            {
                _handles[Field(packet, 5, out _)] = request;
                Interlocked.Add(ref proxy._written, request.Writes ? 1 : 0);
            }

            byte[] told = proxy.Instead(request) is { } status ? [(byte)PacketType.Status, .. packet[1..5], 0, 0, 0, (byte)status, 0, 0, 0, 0, 0, 0, 0, 0] : packet;
            Interlocked.Add(ref proxy._written, request is { Type: PacketType.Close, Writes: true } ? -1 : 0);
            return told;
        });

        private static void Pass(Stream from, Stream to, Action close, Func<byte[], byte[]> change)
        {
            try
            {
                var length = new byte[4];
                while (from.ReadAtLeast(length, 4, throwOnEndOfStream: false) == 4)
                {
                    var packet = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                    from.ReadExactly(packet);
                    packet = change(packet);
                    BinaryPrimitives.WriteInt32BigEndian(length, packet.Length);
                    to.Write([.. length, .. packet]);
                    to.Flush();
                }

                close();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // One side has ended.
            }
        }

        private ProxiedRequest Read(byte[] packet)
        {
            var type = (PacketType)packet[0];
            string first = Field(packet, 5, out int next);
            (string extension, string about) = type == PacketType.Extended ? (first, next < packet.Length ? Field(packet, next, out next) : "") : ("", first);
            if (type == PacketType.Open)
            {
                bool writes = (BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(next)) & (uint)OpenFlags.Write) != 0;
                return new ProxiedRequest(type, extension, about, writes);
            }

            return _handles.TryGetValue(about, out ProxiedRequest? opened)
                ? new ProxiedRequest(type, extension, opened.Place, opened.Writes)
                : new ProxiedRequest(type, extension, about, Writes: false);
        }

        private byte[] Announced(byte[] packet)
        {
            List<byte> kept = [.. packet[..5]];
            for (int at = 5; at < packet.Length;)
            {
                int from = at;
                string name = Field(packet, at, out at);
                _ = Field(packet, at, out at);
                kept.AddRange(proxy.Hidden.Contains(name) ? [] : packet[from..at]);
            }

            return [.. kept];
        }

        private static uint Number(byte[] packet) => BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(1));

        private static string Field(byte[] packet, int at, out int next)
        {
            next = at + 4 + BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(at));
            return Encoding.Latin1.GetString(packet.AsSpan((at + 4)..next));
        }
    }
}
