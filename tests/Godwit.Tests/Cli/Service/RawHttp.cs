using System.Net.Sockets;
using System.Text;

namespace Godwit.Tests.Cli.Service;

/// <summary>Requests and answers as bytes, for servers that behave as no library lets them.</summary>
internal static class RawHttp
{
    /// <summary>What a server answers, to the end.</summary>
    public static async Task<byte[]> AskAsync(Uri server, string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Host, server.Port);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal)));
        using var all = new MemoryStream();
        using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>A whole request.</summary>
    public static async Task<string> ReadAsync(Socket client)
    {
        var read = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            int count = await client.ReceiveAsync(buffer);
            read.Append(Encoding.UTF8.GetString(buffer, 0, count));
            string text = read.ToString();
            int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (count == 0 || (head > 0 && text.Length - head - 4 >= LengthOf(text)))
            {
                return text;
            }
        }
    }

    private static int LengthOf(string request) => int.Parse(Header(request, "Content-Length"));

    /// <summary>What a request is called.</summary>
    public static string KeyOf(string request) => Header(request, "Idempotency-Key");

    private static string Header(string request, string name) =>
        request.Split("\r\n").Single(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase)).Split(": ")[1];
}
