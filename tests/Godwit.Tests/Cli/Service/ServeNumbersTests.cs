using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Godwit.Tests.Backends.S3;
using Godwit.Tests.Server.Metrics;
using Godwit.Tests.Server.Tls;

namespace Godwit.Tests.Cli.Service;

/// <summary>What a service tells of its stores' answers, its credentials and its ledger.</summary>
public sealed class ServeNumbersTests : IAsyncLifetime
{
    private const string Body = "three";

    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private CommandLineFolder Folder => _service.Folder;

    public Task InitializeAsync()
    {
        _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
        _service.Variables["HOME"] = Folder.In("home");
        Directory.CreateDirectory(Folder.In("home/.aws"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Every_answer_of_a_store_is_counted_also_of_tries_that_are_made_again()
    {
        int busy = 2;
        await using var server = new S3StandIn(request => request.HttpMethod == "HEAD" ? new S3StandIn.Answer(404, "")
            : request.HttpMethod == "GET" && Interlocked.Decrement(ref busy) >= 0 ? S3StandIn.Error(503, "SlowDown")
            : new S3StandIn.Answer(200, "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
        Configure($$"""
            endpoints:
              bucket:
                url: s3://bucket
                options: { endpoint: "{{server.Endpoint.AbsoluteUri}}" }
            """);
        _service.Variables["AWS_ACCESS_KEY_ID"] = "KEY";
        _service.Variables["AWS_SECRET_ACCESS_KEY"] = "secret";
        await _service.StartAsync();
        string id = await _service.SubmitAsync("bucket:x/", Folder.Destination);
        Scrape scrape = await ScrapeUntilAsync(scrape => scrape[Sample(server, "GET", 503)] == 2 && scrape[Sample(server, "GET", 200)] > 0);
        Assert.Equal(server.Asked.Count(asked => asked.StartsWith("HEAD", StringComparison.Ordinal)), scrape[Sample(server, "HEAD", 404)] ?? 0);
        Assert.Equal(2, scrape[Sample(server, "GET", 503).Replace("godwit_http_status_total", "rclone_http_status_code", StringComparison.Ordinal)]);
        Assert.DoesNotContain("KEY", scrape.Text, StringComparison.Ordinal);
        await _service.AskAsync("cancel", id);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_code_0()
    {
        Configure("""
            endpoints:
              bucket:
                url: s3://bucket
                options: { endpoint: "http://127.0.0.1:1" }
            """);
        _service.Variables["AWS_ACCESS_KEY_ID"] = "KEY";
        _service.Variables["AWS_SECRET_ACCESS_KEY"] = "secret";
        await _service.StartAsync();
        string id = await _service.SubmitAsync("bucket:x/", Folder.Destination);
        await ScrapeUntilAsync(scrape => scrape["godwit_http_status_total{host=\"127.0.0.1:1\",method=\"HEAD\",code=\"0\"}"] > 0);
        await _service.AskAsync("cancel", id);
    }

    [Fact]
    public async Task A_credential_in_a_place_that_does_not_answer_hides_no_other_one()
    {
        using var authority = new TestAuthority(now: TimeProvider.System.GetUtcNow());
        PutProxy(authority, TimeProvider.System.GetUtcNow().AddHours(3));
        using (var made = System.Diagnostics.Process.Start("mkfifo", ["-m", "600", Folder.In("pipe")]))
        {
            await made.WaitForExitAsync();
        }

        Configure($$"""
            endpoints:
              grid:
                url: gsiftp://grid.example.org/data
                options: { x509-proxy: "{{Folder.In("proxy")}}" }
              hung:
                url: s3://bucket
                credentials: { access-key: KEY, secret-key: { env: NOT_THERE }, token: { file: {{Folder.In("pipe")}} } }

            """);
        await _service.StartAsync();
        try
        {
            Scrape scrape = await ScrapeUntilAsync(scrape => scrape.Count("godwit_credential_expiry_seconds") == 1);
            Assert.InRange(Left(scrape, "grid"), 2.9, 3.0);
            Assert.Contains("expires at", _service.Log, StringComparison.Ordinal);
        }
        finally
        {
            // Whoever reads there goes on.
            await using var end = new FileStream(Folder.In("pipe"), FileMode.Open, FileAccess.ReadWrite);
        }
    }

    [Fact]
    public async Task The_end_of_each_credential_that_can_be_read_is_told_and_again_when_the_file_changes()
    {
        using var authority = new TestAuthority(now: TimeProvider.System.GetUtcNow());
        DateTimeOffset soon = TimeProvider.System.GetUtcNow().AddHours(3), late = soon.AddDays(40), past = soon.AddHours(-5);
        PutProxy(authority, soon);
        File.WriteAllText(Folder.In("aws-token"), Token(late));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Folder.In("aws-token"), UnixFileMode.UserRead);
        }

        File.WriteAllText(Folder.In("home/.aws/credentials"), $"""
            [other]
            x_security_token_expires = 2020-01-01T00:00:00Z
            [night]
            aws_access_key_id = KEY
            aws_secret_access_key = secret
            aws_session_token = token
            x_security_token_expires = {past:yyyy-MM-ddTHH:mm:sszzz}
            """);
        using (X509Certificate2 own = authority.Issue("CN=localhost", late, "1.3.6.1.5.5.7.3.1", isServer: true))
        {
            File.WriteAllText(Folder.In("cert.pem"), own.ExportCertificatePem());
            File.WriteAllText(Folder.In("key.pem"), own.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        await SshCertificates.SignAsync(Folder.In("id"), "ed25519", "+1d");
        Configure($$"""
            server: { certificate: cert.pem, key: key.pem }
            endpoints:
              grid:
                url: gsiftp://grid.example.org/data
                options: { x509-proxy: "{{Folder.In("proxy")}}" }
              lasting:
                url: s3://bucket
                credentials: { access-key: KEY, secret-key: { env: NOT_THERE } }
              night:
                url: s3://bucket
                options: { profile: night }
              ssh:
                url: sftp://host.example.org/data
                options: { key-file: "{{Folder.In("id")}}" }
              token:
                url: s3://bucket
                credentials: { access-key: KEY, secret-key: { env: NOT_THERE }, token: { file: {{Folder.In("aws-token")}} } }
              unknown:
                url: sftp://host.example.org/other

            """);
        var moved = new MovedTime();
        _service.Time = moved;
        await _service.StartAsync();
        Scrape scrape = await ScrapeAsync();
        Assert.InRange(Left(scrape, "grid"), 2.9, 3.0);
        Assert.InRange(Left(scrape, "night"), -2.1, -2.0);
        Assert.InRange(Left(scrape, "ssh"), 23.9, 24.1);
        Assert.InRange(Left(scrape, "token"), 40 * 24 + 2.9, 40 * 24 + 3.0);
        Assert.InRange(Left(scrape, "(service)"), 40 * 24 + 2.9, 40 * 24 + 3.0);
        Assert.Equal(5, scrape.Count("godwit_credential_expiry_seconds"));
        Assert.Contains("The credential of the endpoint \\u0022grid\\u0022 expires at", _service.Log.Replace("\\\"", "\\u0022", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("night", _service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("ssh", _service.Log, StringComparison.Ordinal);

        PutProxy(authority, late);
        Assert.InRange(Left(await ScrapeAsync(), "grid"), 2.9, 3.0);
        moved.Ahead = TimeSpan.FromMinutes(1.5);
        Assert.True(Left(await ScrapeAsync(), "grid") > 24);
    }

    [Fact]
    public async Task The_ledger_has_a_size_that_grows()
    {
        Configure("endpoints: {}\n");
        Folder.Put("a.dat", Body);
        var moved = new MovedTime();
        _service.Time = moved;
        await _service.StartAsync();
        double before = (await ScrapeAsync())["godwit_ledger_bytes"]!.Value;
        Assert.True(before >= new FileInfo(Folder.In("data/ledger.db")).Length);
        await _service.UntilAsync(await _service.SubmitAsync(Folder.Source, Folder.Destination), "SUCCESS");
        moved.Ahead = TimeSpan.FromMinutes(2);
        Assert.True((await ScrapeAsync())["godwit_ledger_bytes"] > before);
    }

    private void Configure(string text) => File.WriteAllText(Folder.In("godwit.yaml"), text);

    private void PutProxy(TestAuthority authority, DateTimeOffset end)
    {
        using X509Certificate2 proxy = authority.Issue("DC=org, CN=Alice", end);
        File.WriteAllText(Folder.In("proxy"), proxy.ExportCertificatePem() + "\n" + proxy.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n" + authority.Certificate.ExportCertificatePem());
    }

    private static string Token(DateTimeOffset end) =>
        $"{Part("{\"alg\":\"HS512\"}")}.{Part($"{{\"accessKey\":\"KEY\",\"exp\":{end.ToUnixTimeSeconds()}}}")}.{Part("signature")}";

    private static string Part(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Sample(S3StandIn server, string method, int code) =>
        $"godwit_http_status_total{{host=\"{server.Endpoint.Authority}\",method=\"{method}\",code=\"{code}\"}}";

    private static double Left(Scrape scrape, string endpoint) => scrape[$"godwit_credential_expiry_seconds{{endpoint=\"{endpoint}\"}}"]!.Value / 3600;

    private async Task<Scrape> ScrapeUntilAsync(Func<Scrape, bool> isThere)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            Scrape scrape = await ScrapeAsync();
            if (isThere(scrape))
            {
                return scrape;
            }

            Assert.False(limit.IsCancellationRequested, scrape.Text + _service.Log);
            await Task.Yield();
        }
    }

    private async Task<Scrape> ScrapeAsync()
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost";
        using var client = new HttpClient(handler) { BaseAddress = new Uri(Folder.Wiring.Environment("GODWIT_SERVER")!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Folder.Wiring.Environment("GODWIT_TOKEN")!.Trim());
        return new Scrape(await client.GetStringAsync("/metrics"));
    }

    /// <summary>The system's clock, which may be ahead.</summary>
    private sealed class MovedTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }
}
