using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Godwit.Cli.Client;

namespace Godwit.Tests.Cli.Service;

/// <summary><c>godwit submit</c> where a proxy stands before the service and loses answers.</summary>
public sealed class ProxyHandOverTests : IAsyncLifetime
{
    private const string Html = "Content-Type: text/html\r\nConnection: close\r\n\r\n<html><h1>no answer</h1></html>";

    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private CommandLineFolder Folder => _service.Folder;

    private Uri Server => new(Folder.Wiring.Environment("GODWIT_SERVER")!);

    public async Task InitializeAsync()
    {
        Folder.Put("a.dat", "one");
        await _service.StartAsync();
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Theory]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\n" + Html)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n" + Html)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nRetry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n" + Html)]
    [InlineData("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 502 x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"message\": \"no upstream\"}")]
    [InlineData("HTTP/1.1 502 x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[]")]
    [InlineData("")]
    public async Task What_a_proxy_loses_is_asked_again_and_not_taken_twice(string instead)
    {
        await using var proxy = new LossyProxy(Server, instead);
        Answer ended = await SubmitAsync(proxy).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(ended.Code == 0, ended.Error);
        Assert.Contains("It is asked again until 30 s", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, proxy.Came.Count);
        Assert.Single(proxy.Came.Select(RawHttp.KeyOf).Distinct());
        Assert.Equal(ended.Output.Trim(), await OnlyTransferAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3600\r\n" + Html)]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\n" + Html)]
    [InlineData("HTTP/1.1 200 OK\r\n" + Html)]
    [InlineData("HTTP/1.1 2")]
    [InlineData("HTTP/1.1 502 x\r\n" + Html, "HTTP/1.1 401 Unauthorized\r\n" + Html)]
    public async Task Whoever_gives_up_says_what_is_not_known_and_how_to_find_out(params string[] instead)
    {
        await using var proxy = new LossyProxy(Server, [.. instead, .. Enumerable.Repeat("HTTP/1.1 503 x\r\nRetry-After: 3600\r\n" + Html, 2)]);
        Answer ended = await SubmitAsync(proxy).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(7, ended.Code);
        string key = RawHttp.KeyOf(proxy.Came.First());
        Assert.Contains($"Whether the transfer was accepted is not known: the same command with --key {key} finds out, and makes no second one.", ended.Error, StringComparison.Ordinal);
        Answer again = await _service.AskAsync("submit", Folder.Source, Folder.Destination, "--key", key);
        Assert.Equal((0, await OnlyTransferAsync()), (again.Code, again.Output.Trim()));
    }

    [Fact]
    public async Task A_request_that_gets_no_answer_ends_with_the_patience()
    {
        var time = new FakeTime();
        Folder.Wiring = Folder.Wiring with { Time = time };
        await using var proxy = new LossyProxy(Server, LossyProxy.Silence);
        Task<Answer> submitting = SubmitAsync(proxy, "--key", "a key");
        await proxy.Arrived;
        await time.RunAsync(submitting).WaitAsync(TimeSpan.FromSeconds(60));
        Answer ended = await submitting;
        Assert.Equal((7, HandOver.Patience), (ended.Code, time.Elapsed));
        Assert.Contains("was sent the request and did not answer within 30 s", ended.Error, StringComparison.Ordinal);
        Assert.Contains("the same command with --key 'a key' finds out", ended.Error, StringComparison.Ordinal);
        Folder.Wiring = Folder.Wiring with { Time = TimeProvider.System };
        Answer again = await _service.AskAsync("submit", Folder.Source, Folder.Destination, "--key", "a key");
        Assert.Equal((0, await OnlyTransferAsync()), (again.Code, again.Output.Trim()));
    }

    [Fact]
    public async Task What_cannot_have_arrived_is_not_asked_after()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        string address = $"http://{nobody.LocalEndpoint}";
        nobody.Stop();
        var time = new FakeTime();
        Folder.Wiring = Folder.Wiring with { Time = time };
        Task<Answer> submitting = _service.AskAsync("submit", Folder.Source, Folder.Destination, "--server", address);
        await time.RunAsync(submitting).WaitAsync(TimeSpan.FromSeconds(60));
        Answer ended = await submitting;
        Assert.Equal(7, ended.Code);
        Assert.Contains("cannot be reached", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--key", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_still_being_sent_is_not_cut()
    {
        var time = new FakeTime();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var service = new ServiceClient(new Uri($"http://{server.LocalEndpoint}"), "gwt_x", null, time);
        using var error = new StringWriter();
        Task<JsonElement> handing = new HandOver(service, new byte[64 << 20], "application/x-ndjson", error).SendAsync("k", waits: false, default);
        using Socket client = await server.AcceptSocketAsync();
        await client.ReceiveAsync(new byte[1]);
        time.Advance(TimeSpan.FromHours(1));
        await ReceiveAsync(client, 64 << 20);
        await client.SendAsync("HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n{\"id\": \"t\"}"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("t", (await handing.WaitAsync(TimeSpan.FromSeconds(60))).GetProperty("id").GetString());
        Assert.Equal("", error.ToString());
    }

    private static async Task ReceiveAsync(Socket client, int least)
    {
        var buffer = new byte[1 << 20];
        for (long count = 0; count < least;)
        {
            int read = await client.ReceiveAsync(buffer);
            Assert.NotEqual(0, read);
            count += read;
        }
    }

    private Task<Answer> SubmitAsync(LossyProxy proxy, params string[] options) =>
        _service.AskAsync(["submit", Folder.Source, Folder.Destination, "--server", proxy.Address, .. options]);

    private async Task<string> OnlyTransferAsync() => Assert.Single((await _service.AskAsync("transfers")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))[..26];
}
