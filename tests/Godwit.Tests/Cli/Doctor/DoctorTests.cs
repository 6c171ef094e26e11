using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;
using Godwit.Tests.Backends.S3;
using Godwit.Tests.Cli.Configuration;

namespace Godwit.Tests.Cli.Doctor;

/// <summary>What the doctor says of a configuration, a state directory, directories and a server that answers as the test wants.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorTests : IDisposable
{
    private const string Listing = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_an_address_it_looks_at_the_configuration_the_endpoints_and_the_state()
    {
        _folder.Write("endpoints:\n  disk:\n    url: /data\n  lab:\n    url: s3://bucket/pre\n    credentials:\n      access-key: KEY\n      secret-key: { env: LAB }\n");
        _folder.Variables["LAB"] = "very-secret";
        Answer answer = await _folder.RunAsync("doctor");
        Assert.True(answer.Code == 0, answer.Output + answer.Error);
        foreach (string part in (string[])["2 endpoints, no fault", "ok   disk", "/data", "ok   lab", "there is none yet", "doctor: all is well"])
        {
            Assert.Contains(part, answer.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("very-secret", answer.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In(".local")), "Looking made the state directory.");
    }

    [Fact]
    public async Task Every_fault_of_the_configuration_is_told_and_the_rest_is_looked_at_all_the_same()
    {
        _folder.Write("defaults:\n  transferrs: 3\nendpoints:\n  disk:\n    urll: /data\n");
        Answer answer = await _folder.RunAsync("doctor", _folder.Root);
        Assert.Equal(2, answer.Code);
        Assert.Contains("line 2: the key \"transferrs\"", answer.Output, StringComparison.Ordinal);
        Assert.Contains("line 5: the key \"urll\"", answer.Output, StringComparison.Ordinal);
        Assert.Contains("state\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains($"{_folder.Root} is there", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_is_not_there_is_a_fault_of_the_configuration()
    {
        _folder.Write("endpoints:\n  lab:\n    url: s3://bucket/pre\n    credentials:\n      access-key: KEY\n      secret-key: { env: LAB }\n");
        Answer answer = await _folder.RunAsync("doctor");
        Assert.Equal(2, answer.Code);
        Assert.Contains("FAIL secrets", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a database at all, but long enough to be one", "is not a ledger")]
    [InlineData(null, "1 run, schema")]
    public async Task The_ledger_is_looked_through(string? content, string says)
    {
        Directory.CreateDirectory(_folder.In("src"));
        Assert.Equal(0, (await _folder.RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--state", _folder.In("state"))).Code);
        string ledger = _folder.In("state/ledger.db");
        if (content is not null)
        {
            File.WriteAllText(ledger, string.Concat(Enumerable.Repeat(content, 100)));
        }

        Answer answer = await _folder.RunAsync("doctor", "--state", _folder.In("state"));
        Assert.Equal(content is null ? 0 : 7, answer.Code);
        Assert.Contains(says, answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_the_ledger_that_was_overwritten_is_found()
    {
        Directory.CreateDirectory(_folder.In("src"));
        for (int i = 0; i < 400; i++)
        {
            File.WriteAllText(_folder.In($"src/a-name-that-is-quite-long-so-that-pages-fill-{i:0000}"), "x");
        }

        Assert.Equal(0, (await _folder.RunAsync("copy", _folder.In("src"), _folder.In("dst"), "--state", _folder.In("state"))).Code);
        using (FileStream ledger = File.OpenWrite(_folder.In("state/ledger.db")))
        {
            ledger.Position = ledger.Length / 4096 / 2 * 4096;
            ledger.Write(new byte[4096 * 3]);
        }

        Answer answer = await _folder.RunAsync("doctor", "--state", _folder.In("state"));
        Assert.Equal(7, answer.Code);
        Assert.Contains("FAIL ledger", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pair_of_directories_is_well_and_nothing_is_made()
    {
        File.WriteAllText(_folder.In("file"), "content");
        Answer answer = await _folder.RunAsync("doctor", _folder.Root, _folder.In("not/yet/there"));
        Assert.True(answer.Code == 0, answer.Output);
        Assert.Contains("it will be made in " + _folder.Root, answer.Output, StringComparison.Ordinal);
        Assert.Contains("ok   proof         read-back", answer.Output, StringComparison.Ordinal);
        Assert.Contains("--probe writes one", answer.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("not")));
        Answer gone = await _folder.RunAsync("doctor", _folder.In("gone"), _folder.In("there"));
        Assert.Equal(7, gone.Code);
        Assert.Contains("does not exist", gone.Output, StringComparison.Ordinal);
        Assert.Contains("destination", gone.Output, StringComparison.Ordinal);
        Answer single = await _folder.RunAsync("doctor", _folder.In("file"), _folder.In("there"));
        Assert.Contains("a file of 7 bytes", single.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_says_nothing_of_what_is_well_and_json_is_an_object_a_line()
    {
        Answer quiet = await _folder.RunAsync("doctor", _folder.Root, "--quiet");
        Assert.Equal((0, "", ""), (quiet.Code, quiet.Output, quiet.Error));
        Answer json = await _folder.RunAsync("doctor", _folder.Root, "--json");
        JsonElement[] lines = [.. json.Events];
        Assert.Equal("ok", lines[^1].GetProperty("verdict").GetString());
        Assert.Equal(lines.Length - 1, lines[^1].GetProperty("totals").EnumerateObject().Sum(count => count.Value.GetInt32()));
        Assert.All(lines[..^1], line => Assert.NotEmpty(line.GetProperty("seen").GetString()!));
    }

    [Fact]
    public async Task Signs_are_for_terminals_that_have_them()
    {
        Assert.StartsWith("configuration\nok   file", (await _folder.RunAsync("doctor")).Output, StringComparison.Ordinal);
        _folder.Variables["LANG"] = "de_DE.UTF-8";
        Assert.StartsWith("configuration\n✓ file", (await _folder.RunAsync("doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_is_the_last_thing_that_is_said_of_a_server()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        Answer answer = await BucketAsync(new Uri($"http://127.0.0.1:{port}"));
        Assert.Equal(7, answer.Code);
        Assert.Contains($"FAIL port          127.0.0.1:{port} does not accept connections: Connection refused", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("credential ", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "AccessDenied", "list", "this credential may not do it")]
    [InlineData(403, "SignatureDoesNotMatch", "accepted", "the secret key is wrong")]
    [InlineData(404, "NoSuchBucket", "list", "the bucket does not exist")]
    public async Task What_a_server_refuses_is_told_by_the_check_that_it_is_about(int status, string code, string check, string says)
    {
        await using var server = new S3StandIn(request => request.HttpMethod == "HEAD" ? new S3StandIn.Answer(403, "") : S3StandIn.Error(status, code));
        Answer answer = await BucketAsync(server.Endpoint);
        Assert.Equal(7, answer.Code);
        string line = Assert.Single(answer.Output.Split('\n'), line => line.StartsWith("FAIL", StringComparison.Ordinal));
        Assert.StartsWith($"FAIL {check}", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.All(server.Asked, asked => Assert.True(asked.StartsWith("GET", StringComparison.Ordinal) || asked.StartsWith("HEAD", StringComparison.Ordinal), asked));
    }

    [Fact]
    public async Task A_clock_that_differs_a_temporary_credential_and_a_quota_are_told()
    {
        DateTimeOffset there = TimeProvider.System.GetUtcNow().AddMinutes(-7);
        (string, string)[] headers =
            [("Date", there.ToString("R", CultureInfo.InvariantCulture)), ("X-RGW-Bytes-Used", "990"), ("X-RGW-Object-Count", "3"), ("X-RGW-Quota-Bucket-Size", "1000"), ("X-RGW-Quota-User-Size", "-1")];
        await using var server = new S3StandIn(_ => new S3StandIn.Answer(200, Listing, headers));
        _folder.Variables["AWS_SESSION_TOKEN"] = "token";
        _folder.Variables["AWS_CREDENTIAL_EXPIRATION"] = TimeProvider.System.GetUtcNow().AddHours(5).ToString("O", CultureInfo.InvariantCulture);
        Answer answer = await BucketAsync(server.Endpoint, "--for", "6h", "--json");
        Assert.True(answer.Code == 0, answer.Output);
        JsonElement Check(string name) => answer.Events.Last(line => line.TryGetProperty("check", out JsonElement check) && check.GetString() == name);
        Assert.Equal("warning", Check("clock").GetProperty("outcome").GetString());
        Assert.Contains("this machine is 7 minutes ahead of the server", Check("clock").GetProperty("seen").GetString(), StringComparison.Ordinal);
        Assert.Equal("warning", Check("credential").GetProperty("outcome").GetString());
        Assert.Contains("in 4 hours; the work takes 6 hours", Check("credential").GetProperty("seen").GetString(), StringComparison.Ordinal);
        Assert.Equal("warning", Check("quota").GetProperty("outcome").GetString());
        Assert.Contains("990 bytes in 3 objects; at most 1000 bytes in the bucket", Check("quota").GetProperty("seen").GetString(), StringComparison.Ordinal);
        Assert.Equal("warning", answer.Events[^1].GetProperty("verdict").GetString());
        Assert.DoesNotContain("secret-of-the-test", answer.Output, StringComparison.Ordinal);
    }

    private async Task<Answer> BucketAsync(Uri server, params string[] options)
    {
        _folder.Variables["AWS_ENDPOINT_URL_S3"] = server.AbsoluteUri;
        _folder.Variables["AWS_ACCESS_KEY_ID"] = "KEY";
        _folder.Variables["AWS_SECRET_ACCESS_KEY"] = "secret-of-the-test";
        return await _folder.RunAsync(["doctor", _folder.Root, "s3://bucket/pre", .. options]);
    }
}
