using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Server.Notices;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Tests.Cli.Service;
using Godwit.Tests.Server.Notices;
using Godwit.Tests.Server.Tls;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Tests.Server.Staging;

public sealed class HttpStagerTests : IAsyncLifetime
{
    private readonly HttpClient _http = HttpStager.MakeClient();
    private WebhookReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_request_says_what_is_wanted_until_when_and_where_to_answer()
    {
        StagerReply reply = await Stager().AskAsync(Request(), default);
        Assert.Equal((null, false), (reply.Fault, reply.IsRefused));
        Delivery came = await _receiver.NextAsync();
        Assert.Equal("/stage", came.Path);
        Assert.Equal("godwit/1.2.3", came.Headers["User-Agent"]);
        JsonElement json = came.Json;
        Assert.Equal(
            ["v", "id", "event", "time", "what", "source", "destination", "transfer", "callback", "code", "deadline"],
            json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(["id", "round", "verb", "owner", "project", "priority"], json.GetProperty("transfer").EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            (1, "c1", "stage.request", "product 7", "tape:raw/7", "disk:out"),
            (json.GetProperty("v").GetInt32(), Text(json, "id"), Text(json, "event"), Text(json, "what"), Text(json, "source"), Text(json, "destination")));
        Assert.Equal("https://godwit.example.org/at/api/v1/callbacks/c1", Text(json, "callback"));
        Assert.Equal("1970-01-02T00:00:00.000000000Z", Text(json, "deadline"));
        JsonElement transfer = json.GetProperty("transfer");
        Assert.Equal(("t1", 2, "copy", "alice", "atlas", 5), (
            Text(transfer, "id"), transfer.GetProperty("round").GetInt32(), Text(transfer, "verb"), Text(transfer, "owner"), Text(transfer, "project"), transfer.GetProperty("priority").GetInt32()));
        Assert.Equal(Stager().CodeOf("c1"), Text(json, "code"));
        Assert.InRange(DateTimeOffset.Parse(Text(json, "time"), System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task A_request_is_signed_as_a_receiver_checks_it()
    {
        await Stager(secret: NoticeTrial.Secret).AskAsync(Request(), default);
        Delivery came = await _receiver.NextAsync();
        byte[] key = Convert.FromBase64String(NoticeTrial.Secret["whsec_".Length..]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{came.Id}.{came.Headers["webhook-timestamp"]}."), .. came.Body];
        Assert.Equal("c1", came.Id);
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), came.Headers["webhook-signature"]);
    }

    [Fact]
    public void A_code_is_the_same_each_time_and_another_for_each_call_and_secret()
    {
        // By another tool: printf call-out.c1 | openssl dgst -sha256 -hmac 'a line' -binary | basenc --base64url
        Assert.Equal(CodeByHand("a line", "call-out.c1"), Stager().CodeOf("c1"));
        Assert.Equal(3, new[] { Stager().CodeOf("c1"), Stager().CodeOf("c2"), Stager(secret: "another").CodeOf("c1"), Stager().CodeOf("c1") }.Distinct().Count());
        Assert.Throws<FormatException>(() => Stager(secret: "whsec_?"));
    }

    [Fact]
    public async Task A_preparer_is_asked_for_what_is_his()
    {
        StagerRequest request = Request(CallStage.Prepare) with { Source = "" };
        await Stager().AskAsync(request, default);
        JsonElement json = (await _receiver.NextAsync()).Json;
        Assert.Equal(("prepare.request", "pack"), (Text(json, "event"), Text(json, "what")));
        Assert.False(json.TryGetProperty("source", out _));
        await Stager().AskAsync(request with { Order = new TransferOrder("copy", "a", "b") }, default);
        Assert.Equal("", Text((await _receiver.NextAsync()).Json, "what"));
    }

    [Fact]
    public async Task A_release_says_where_the_transfer_stands_and_has_no_code()
    {
        await Stager().ReleaseAsync(Request(), default);
        Delivery came = await _receiver.NextAsync();
        Assert.Equal(("c1-release", "c1", "stage.release"), (came.Id, Text(came.Json, "id"), Text(came.Json, "event")));
        Assert.Equal("SUCCESS", came.State);
        Assert.DoesNotContain(came.Json.EnumerateObject(), field => field.Name is "code" or "callback" or "deadline");
    }

    [Theory]
    [InlineData(200, false, null)]
    [InlineData(202, false, null)]
    [InlineData(299, false, null)]
    [InlineData(408, false, "It answers 408.")]
    [InlineData(425, false, "It answers 425.")]
    [InlineData(429, false, "It answers 429.")]
    [InlineData(500, false, "It answers 500.")]
    [InlineData(503, false, "It answers 503.")]
    [InlineData(400, true, "It answers 400.")]
    [InlineData(401, true, "It answers 401.")]
    [InlineData(404, true, "It answers 404.")]
    [InlineData(410, true, "It answers 410.")]
    [InlineData(302, true, "It answers 302, and no other address is asked than the one that is configured.")]
    public async Task What_he_answers_is_taken_tried_again_or_refused(int status, bool isRefused, string? fault)
    {
        _receiver.Answer = (_, http) =>
        {
            (http.Response.StatusCode, http.Response.Headers.Location) = (status, _receiver.Address + "/elsewhere");
            return Task.CompletedTask;
        };
        StagerReply reply = await Stager().AskAsync(Request(), default);
        Assert.Equal((fault, isRefused), (reply.Fault, reply.IsRefused));
        Assert.Single(_receiver.All);
        reply = await Stager().ReleaseAsync(Request(), default);
        Assert.Equal(status is 404 or 410 ? (null, false) : (fault, isRefused), (reply.Fault, reply.IsRefused));
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("0", null)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", null)]
    [InlineData("soon", null)]
    public async Task He_says_how_long_he_wants_to_be_left_alone(string said, int? seconds)
    {
        _receiver.Say(503, said);
        Assert.Equal(seconds, (await Stager().AskAsync(Request(), default)).RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Why_he_refuses_is_told_as_one_line_without_the_code()
    {
        string code = Stager().CodeOf("c1");
        Answer(422, $"no product 7\r\n  \u001b[31m here, \u202ecode {code}");
        Assert.Equal("It answers 422: no product 7 ?[31m here, ?code ***", (await Stager().AskAsync(Request(), default)).Fault);
        Answer(503, "never mind");
        Assert.Equal("It answers 503.", (await Stager().AskAsync(Request(), default)).Fault);
        foreach (string one in new[] { "x", "ä", "€", "😀" })
        {
            Answer(400, string.Concat(Enumerable.Repeat(one, 5000)));
            string fault = (await Stager().AskAsync(Request(), default)).Fault!;
            Assert.InRange(fault.Length, 290, "It answers 400: ".Length + 300);
            Assert.EndsWith(one + "...", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_code_is_not_told_by_halves_either()
    {
        string code = Stager().CodeOf("c1");
        for (int before = 290; before > 250; before--)
        {
            Answer(400, new string('€', before) + code);
            Assert.DoesNotContain(code[..6], (await Stager().AskAsync(Request(), default)).Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_code_that_is_cut_where_reading_ends_is_not_told_either()
    {
        const int Read = 1200;
        string code = Stager().CodeOf("c1");
        for (int length = 8; length < code.Length; length++)
        {
            Answer(400, "no" + new string(' ', Read - 2 - length) + code);
            Assert.Equal("It answers 400: no ***", (await Stager().AskAsync(Request(), default)).Fault);
        }

        Answer(400, "no " + code[..20]);
        Assert.Equal("It answers 400: no ***", (await Stager().AskAsync(Request(), default)).Fault);
    }

    [Fact]
    public async Task A_server_that_closes_kept_connections_is_asked_on_new_ones()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Task serving = CloseAtSecondAsync(server, count: 5);
        var stager = new HttpStager(_http, new Uri($"http://{server.LocalEndpoint}/"), "a line", "1.2.3", TimeProvider.System);
        for (int one = 0; one < 5; one++)
        {
            StagerReply reply = await stager.AskAsync(Request(), default);
            Assert.True(reply.Fault is null, $"{one}: {reply.Fault}");
        }

        await serving.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_refusal_without_an_end_is_a_refusal()
    {
        _receiver.Answer = async (_, http) =>
        {
            (http.Response.StatusCode, http.Response.ContentLength) = (400, 1000);
            await http.Response.WriteAsync("no");
            await http.Response.Body.FlushAsync();
        };
        StagerReply reply = await Stager().AskAsync(Request(), default);
        Assert.True(reply.IsRefused);
        Assert.StartsWith("It answers 400", reply.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_who_does_not_answer_is_asked_again()
    {
        var time = new FakeTime();
        var reached = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        _receiver.Answer = async (_, http) =>
        {
            reached.SetResult();
            await end.Task;
        };
        Task<StagerReply> asking = new HttpStager(_http, _receiver.At("/"), "a line", "1.2.3", time).AskAsync(Request(), default);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(11));
        StagerReply reply = await asking.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(("No answer within 10 seconds.", false), (reply.Fault, reply.IsRefused));
        end.SetResult();
    }

    [Fact]
    public async Task One_who_is_not_there_is_asked_again_and_a_stop_is_a_stop()
    {
        Uri address = _receiver.At("/");
        await _receiver.DisposeAsync();
        StagerReply reply = await new HttpStager(_http, address, "a line", "1.2.3", TimeProvider.System).AskAsync(Request(), default);
        Assert.StartsWith("It cannot be reached: ", reply.Fault, StringComparison.Ordinal);
        Assert.False(reply.IsRefused);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new HttpStager(_http, address, "a line", "1.2.3", TimeProvider.System).AskAsync(Request(), new CancellationToken(true)));
    }

    [Fact]
    public async Task Certificates_are_shown_and_checked()
    {
        using var authority = new TestAuthority(now: TimeProvider.System.GetUtcNow());
        using var rogue = new TestAuthority(now: TimeProvider.System.GetUtcNow());
        using X509Certificate2 server = authority.Issue("CN=tape.example.org", usage: "1.3.6.1.5.5.7.3.1", isServer: true);
        using X509Certificate2 client = authority.Issue("CN=godwit");
        using X509Certificate2 old = authority.Issue("CN=tape.example.org", authority.Now.AddHours(-1), "1.3.6.1.5.5.7.3.1", isServer: true);
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(server);
        string ca = authority.Certificate.ExportCertificatePem();
        string key = client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem();
        (StagerReply reply, Delivery? came) = await AskAsync(receiver, PostTls.Of(client.ExportCertificatePem(), key, ca));
        Assert.Null(reply.Fault);
        Assert.Equal("CN=godwit", came!.Shown!.Split(", ").Single(part => part.StartsWith("CN", StringComparison.Ordinal)));
        Assert.Null((await AskAsync(receiver, PostTls.Of(null, null, ca))).Came!.Shown);
        foreach (string? other in new[] { rogue.Certificate.ExportCertificatePem(), null })
        {
            (reply, came) = await AskAsync(receiver, PostTls.Of(null, null, other));
            Assert.StartsWith("It cannot be reached: ", reply.Fault, StringComparison.Ordinal);
            Assert.Null(came);
        }

        // Another name, and a certificate that has expired, are refused also where the authority is right.
        (reply, _) = await AskAsync(receiver, PostTls.Of(null, null, ca), "localhost");
        Assert.StartsWith("It cannot be reached: ", reply.Fault, StringComparison.Ordinal);
        await using WebhookReceiver late = await WebhookReceiver.StartAsync(old);
        (reply, _) = await AskAsync(late, PostTls.Of(null, null, ca));
        Assert.StartsWith("It cannot be reached: ", reply.Fault, StringComparison.Ordinal);
        using var another = RSA.Create(2048);
        Assert.ThrowsAny<CryptographicException>(() => PostTls.Of(client.ExportCertificatePem(), another.ExportPkcs8PrivateKeyPem(), null));
        Assert.ThrowsAny<CryptographicException>(() => PostTls.Of(null, null, "nothing"));
    }

    private static async Task<(StagerReply Reply, Delivery? Came)> AskAsync(WebhookReceiver receiver, PostTls tls, string host = "127.0.0.1")
    {
        using HttpClient http = HttpStager.MakeClient(tls);
        int before = receiver.All.Count;
        var url = new UriBuilder(receiver.At("/")) { Host = host }.Uri;
        StagerReply reply = await new HttpStager(http, url, "a line", "1.2.3", TimeProvider.System).AskAsync(Request(), default);
        return (reply, receiver.All.Count > before ? receiver.All.Last() : null);
    }

    /// <summary>A server of HTTP/1.0, which closes each connection after an answer: just when the next request arrives there.</summary>
    private static async Task CloseAtSecondAsync(TcpListener server, int count)
    {
        for (int one = 0; one < count; one++)
        {
            using Socket client = await server.AcceptSocketAsync();
            await RawHttp.ReadAsync(client);
            await client.SendAsync("HTTP/1.0 202 Accepted\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            await client.ReceiveAsync(new byte[1]);
        }
    }

    private static string CodeByHand(string secret, string text) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static StagerRequest Request(CallStage stage = CallStage.Stage)
    {
        var call = new NewCallOut("c1", "t1", 2, stage, "tape", new Timestamp(0), new Timestamp(86_400_000_000_000));
        var transfer = new Submission("t1", "alice", "atlas", "copy", "tape:raw/7", "disk:out", "", new Timestamp(0)) { Priority = 5, State = TransferState.Success, Round = 2 };
        var order = new TransferOrder("copy", "tape:raw/7", "disk:out") { Stage = new CallOrder("tape", "product 7"), Prepare = new CallOrder("tape", "pack") };
        return new StagerRequest(call, transfer, order, "tape:raw/7", new Uri("https://godwit.example.org/at/api/v1/callbacks/c1"));
    }

    private void Answer(int status, string text) => _receiver.Answer = (_, http) =>
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(text);
    };

    private HttpStager Stager(string secret = "a line") => new(_http, _receiver.At("/stage"), secret, "1.2.3", TimeProvider.System);
}
