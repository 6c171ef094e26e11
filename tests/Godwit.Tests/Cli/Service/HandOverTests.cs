using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Godwit.Tests.Cli.Service;

/// <summary><c>godwit submit</c> to a service that is just starting, or takes nothing at the moment.</summary>
public sealed class HandOverTests : IAsyncLifetime
{
    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private CommandLineFolder Folder => _service.Folder;

    public async Task InitializeAsync()
    {
        Folder.Put("a.dat", "one");
        await _service.StartAsync();
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task A_service_that_is_just_starting_is_waited_for()
    {
        await _service.StopAsync();
        Task<Answer> submitting = _service.AskAsync("submit", Folder.Source, Folder.Destination, "--wait");
        await _service.RestartAsync();
        Answer ended = await submitting;
        Assert.True(ended.Code == 0, ended.Error);
        Assert.Single(await TransfersAsync());
    }

    [Fact]
    public async Task What_was_not_taken_is_sent_again_and_what_was_taken_is_not_taken_twice()
    {
        var server = new Uri(Folder.Wiring.Environment("GODWIT_SERVER")!);
        using var between = new TcpListener(IPAddress.Loopback, 0);
        between.Start();
        string at = $"http://{between.LocalEndpoint}";
        Task<Answer> submitting = _service.AskAsync("submit", Folder.Source, Folder.Destination, "--server", at);
        string first = await RefuseAsync(between);
        string second = await LoseAnswerAsync(between, server);
        using (Socket client = await between.AcceptSocketAsync())
        {
            string third = await ReadAsync(client);
            await client.SendAsync(await AskAsync(server, third));
            Assert.Equal([KeyOf(first), KeyOf(first)], [KeyOf(second), KeyOf(third)]);
        }

        Answer ended = await submitting;
        Assert.True(ended.Code == 0, ended.Error);
        Assert.Contains("it drains It is asked again until 30 s", ended.Error, StringComparison.Ordinal);
        Assert.Equal(ended.Output.Trim(), Assert.Single(await TransfersAsync())[..26]);
    }

    [Fact]
    public async Task What_is_refused_is_not_sent_again()
    {
        Answer refused = await _service.AskAsync("submit", "nowhere:a", Folder.Destination, "--wait");
        Assert.Equal(2, refused.Code);
        Assert.DoesNotContain("asked again", refused.Error, StringComparison.Ordinal);
    }

    private async Task<string[]> TransfersAsync() => (await _service.AskAsync("transfers")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> RefuseAsync(TcpListener between)
    {
        using Socket client = await between.AcceptSocketAsync();
        string request = await ReadAsync(client);
        const string Body = """{"title": "No transfer is taken now", "status": 503, "detail": "it drains"}""";
        await client.SendAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Type: application/problem+json\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}"));
        return request;
    }

    /// <summary>The service takes it, and nobody hears of that.</summary>
    private static async Task<string> LoseAnswerAsync(TcpListener between, Uri server)
    {
        using Socket client = await between.AcceptSocketAsync();
        string request = await ReadAsync(client);
        Assert.StartsWith("HTTP/1.1 201", Encoding.UTF8.GetString(await AskAsync(server, request)), StringComparison.Ordinal);
        return request;
    }

    private static async Task<byte[]> AskAsync(Uri server, string request)
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
    private static async Task<string> ReadAsync(Socket client)
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

    private static string KeyOf(string request) => Header(request, "Idempotency-Key");

    private static string Header(string request, string name) =>
        request.Split("\r\n").Single(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase)).Split(": ")[1];
}
