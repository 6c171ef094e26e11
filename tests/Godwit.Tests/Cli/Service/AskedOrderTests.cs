using System.Text.Json;
using Godwit.Tests.Server.Notices;
using Microsoft.AspNetCore.Http;

namespace Godwit.Tests.Cli.Service;

/// <summary>What commands send to a service where somebody is to be asked first.</summary>
public sealed class AskedOrderTests : IAsyncLifetime, IDisposable
{
    private readonly CommandLineFolder _folder = new();
    private WebhookReceiver _service = null!;

    public async Task InitializeAsync()
    {
        _service = await WebhookReceiver.StartAsync();
        _service.Answer = (_, http) => http.Response.WriteAsync("""{"id":"t1","state":"SUBMITTED","name":"n","cron":"@daily","zone":"UTC","verb":"copy","destination":"d","enabled":true,"next":[]}""");
    }

    public void Dispose() => _folder.Dispose();

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("a: b: --stager tape --stage it", """{"source":"a:","destination":"b:","options":{},"stage":{"by":"tape","what":"it"}}""")]
    [InlineData("--stager tape --stage it b:", """{"destination":"b:","options":{},"stage":{"by":"tape","what":"it"}}""")]
    [InlineData("b: --stager tape", """{"destination":"b:","options":{},"stage":{"by":"tape","what":""}}""")]
    [InlineData(
        "a: b: --stager tape --preparer pack --prepare zip --priority 5 --project atlas --links keep",
        """{"source":"a:","destination":"b:","options":{"links":["keep"]},"stage":{"by":"tape","what":""},"prepare":{"by":"pack","what":"zip"},"priority":5,"project":"atlas"}""")]
    [InlineData("a: b:", """{"source":"a:","destination":"b:","options":{}}""")]
    public async Task An_order_says_who_is_asked_for_what(string line, string sent)
    {
        Answer answer = await RunAsync(["submit", .. line.Split(' ')]);
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Equal(sent, Sent());
        answer = await RunAsync(["schedule", "add", "nightly", "--cron", "@daily", .. line.Split(' ')]);
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Equal("""{"name":"nightly","cron":"@daily",""" + sent[1..], Sent());
    }

    [Theory]
    [InlineData("a: b: --stage it", "--stage says what somebody is asked for, and not whom: add --stager NAME")]
    [InlineData("a: b: --stager tape --prepare it", "--prepare says what somebody is asked for, and not whom: add --preparer NAME")]
    [InlineData("a:", "DST is missing")]
    [InlineData("a: --preparer pack", "DST is missing")]
    [InlineData("--stager tape", "is missing")]
    [InlineData("a: b: c: --stager tape", "c:")]
    public async Task What_says_too_little_is_not_sent(string line, string says)
    {
        foreach (string[] command in new[] { new[] { "submit" }, ["schedule", "add", "nightly", "--cron", "@daily"] })
        {
            Answer answer = await RunAsync([.. command, .. line.Split(' ')]);
            Assert.Equal(2, answer.Code);
            Assert.Contains(says, answer.Error, StringComparison.Ordinal);
        }

        Assert.Empty(_service.All);
    }

    [Fact]
    public async Task A_copy_of_ones_own_asks_nobody() => Assert.Contains(
        "there is no option \"--stager\"", (await RunAsync(["copy", _folder.Source, _folder.Destination, "--stager", "tape"])).Error, StringComparison.Ordinal);

    private Task<Answer> RunAsync(string[] args)
    {
        _folder.Wiring = _folder.Wiring with { Environment = name => name switch { "GODWIT_SERVER" => _service.Address, "GODWIT_TOKEN" => "gwt_x", _ => null } };
        return _folder.RunBareAsync(args);
    }

    private string Sent() => JsonSerializer.Serialize(_service.All.Last().Json);
}
