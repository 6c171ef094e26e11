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
            string third = await RawHttp.ReadAsync(client);
            await client.SendAsync(await RawHttp.AskAsync(server, third));
            Assert.Equal([RawHttp.KeyOf(first), RawHttp.KeyOf(first)], [RawHttp.KeyOf(second), RawHttp.KeyOf(third)]);
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
        string request = await RawHttp.ReadAsync(client);
        const string Body = """{"title": "No transfer is taken now", "status": 503, "detail": "it drains"}""";
        await client.SendAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Type: application/problem+json\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}"));
        return request;
    }

    /// <summary>The service takes it, and nobody hears of that.</summary>
    private static async Task<string> LoseAnswerAsync(TcpListener between, Uri server)
    {
        using Socket client = await between.AcceptSocketAsync();
        string request = await RawHttp.ReadAsync(client);
        Assert.StartsWith("HTTP/1.1 201", Encoding.UTF8.GetString(await RawHttp.AskAsync(server, request)), StringComparison.Ordinal);
        return request;
    }
}
