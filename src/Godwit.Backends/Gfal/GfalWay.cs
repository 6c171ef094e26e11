using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Looks at the way to a server, before a store of it is asked: the name, the port, and the library on this machine.</summary>
/// <param name="workers">How it is reached.</param>
public sealed class GfalWay(GfalWorkers workers)
{
    private const int MostBytes = 255;

    // XRootD's client begins with five numbers; the last is the protocol of handshakes.
    private static readonly int[] s_handshake = [0, 0, 0, 4, 2012];

    private readonly GfalServer _server = workers.Options.Server;

    /// <summary>The steps, each of which the next one needs.</summary>
    public IReadOnlyList<DiagnosisStep> Steps() =>
    [
        new("name", NameAsync) { IsNeeded = true },
        new("port", PortAsync) { IsNeeded = true },
        new("libgfal2", LibraryAsync) { IsNeeded = true },
    ];

    private async ValueTask<Finding?> NameAsync(CancellationToken ct)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(_server.Host, ct).ConfigureAwait(false);
            return new Finding(FindingOutcome.Ok, $"{_server.Host} is {string.Join(", ", found.Select(address => address.ToString()))}");
        }
        catch (SocketException e)
        {
            return new Finding(FindingOutcome.Failed, $"no address is known for \"{_server.Host}\": {e.Message}", "Correct the name.");
        }
    }

    private async ValueTask<Finding?> PortAsync(CancellationToken ct)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(_server.Host, _server.Port, ct).ConfigureAwait(false);
            if (_server.Scheme == "srm")
            {
                return new Finding(FindingOutcome.Ok, $"{_server.Port} is open");
            }

            NetworkStream stream = client.GetStream();
            string kind = _server.IsXrootd ? "XRootD" : "GridFTP";
            string? told = _server.IsXrootd
                ? await ShakeHandsAsync(stream, ct).ConfigureAwait(false)
                : await GreetingAsync(stream, ct).ConfigureAwait(false);
            return told is not null
                ? new Finding(FindingOutcome.Ok, $"{_server.Port} answers: {told}")
                : new Finding(FindingOutcome.Failed, $"what listens at {_server.Port} does not speak {kind}", "Correct the port.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return new Finding(
                FindingOutcome.Failed, $"{_server.Port} cannot be reached: {e.Message}", "Look at the port, the server and the network.");
        }
    }

    /// <summary>The first line of a GridFTP server; null where it is none.</summary>
    private static async Task<string?> GreetingAsync(NetworkStream stream, CancellationToken ct)
    {
        var greeting = new byte[MostBytes];
        int length = await stream.ReadAsync(greeting, ct).ConfigureAwait(false);
        byte[] first = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(greeting, 0, length).Split('\n')[0].Trim());
        return first.AsSpan().StartsWith("220"u8) ? PathText.Escape(first) : null;
    }

    /// <summary>What an XRootD server says of itself; null where it is none.</summary>
    private static async Task<string?> ShakeHandsAsync(NetworkStream stream, CancellationToken ct)
    {
        var request = new byte[s_handshake.Length * sizeof(int)];
        for (int i = 0; i < s_handshake.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(i * sizeof(int)), s_handshake[i]);
        }

        await stream.WriteAsync(request, ct).ConfigureAwait(false);

        // Stream, status and length, and then the protocol's version and whether data is served here.
        var answer = new byte[16];
        int length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        if (length < answer.Length || BinaryPrimitives.ReadInt32BigEndian(answer) != 0 || BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)) != 8)
        {
            return null;
        }

        int version = BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(8));
        string role = BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(12)) == 1 ? "has data" : "leads to others";
        return $"XRootD, protocol {version >> 8:x}.{(version >> 4) & 0xf:x}.{version & 0xf:x}; it {role}";
    }

    private async ValueTask<Finding?> LibraryAsync(CancellationToken ct) =>
        new Finding(FindingOutcome.Ok, $"version {await workers.LibraryVersionAsync(ct).ConfigureAwait(false)}");
}
