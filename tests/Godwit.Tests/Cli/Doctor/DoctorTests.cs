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
    public async Task An_endpoint_of_a_configuration_with_faults_is_never_taken_for_a_directory_of_this_machine()
    {
        _folder.Write("defaults:\n  transferrs: 3\nendpoints:\n  lab:\n    url: s3://bucket/pre\n");
        Answer answer = await _folder.RunAsync("doctor", _folder.Root, "lab:x", "--probe");
        Assert.Equal(2, answer.Code);
        Assert.Contains("DST \"lab:x\" names an endpoint, and the configuration has faults", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lab:x is not there", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_is_not_there_is_a_fault_of_the_configuration()
    {
        _folder.Write("endpoints:\n  lab:\n    url: s3://bucket/pre\n    credentials:\n      access-key: KEY\n      secret-key: { env: LAB }\n");
        Answer answer = await _folder.RunAsync("doctor");
        Assert.Equal(2, answer.Code);
        Assert.Contains("FAIL secrets", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_another_endpoint_that_is_not_there_stops_no_look_at_the_one_that_was_asked_for()
    {
        _folder.Write(
            "endpoints:\n  here:\n    url: " + _folder.Root + "\n"
            + "  lab:\n    url: s3://bucket/pre\n    credentials:\n      access-key: KEY\n      secret-key: { env: LAB }\n");
        Answer answer = await _folder.RunAsync("doctor", _folder.Root, "here:new");
        Assert.Equal(2, answer.Code);
        Assert.Contains("FAIL secrets", answer.Output, StringComparison.Ordinal);
        Assert.Contains("it will be made in " + _folder.Root, answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("the configuration has faults", answer.Output, StringComparison.Ordinal);
        Answer unknown = await _folder.RunAsync("doctor", "nope:", _folder.In("b"));
        Assert.Equal(2, unknown.Code);
        Assert.Contains("names the endpoint \"nope\", and no endpoint of that name is configured", unknown.Output, StringComparison.Ordinal);
        Answer lacking = await _folder.RunAsync("doctor", "lab:", _folder.In("b"));
        Assert.Equal(2, lacking.Code);
        Assert.Contains("it will be made in " + _folder.Root, lacking.Output, StringComparison.Ordinal);
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
        Assert.Contains("Correct the name, or make what is missing.", gone.Output, StringComparison.Ordinal);
        Assert.Contains("destination", gone.Output, StringComparison.Ordinal);
        Answer single = await _folder.RunAsync("doctor", _folder.In("file"), _folder.In("there"));
        Assert.Contains("a file of 7 bytes", single.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipe", "there")]
    [InlineData("there", "pipe")]
    [InlineData("pipe", null)]
    [InlineData("/dev/null", null)]
    public async Task A_pipe_or_device_is_no_place_for_files(string source, string? destination)
    {
        Directory.CreateDirectory(_folder.In("there"));
        System.Diagnostics.Process.Start("mkfifo", [_folder.In("pipe")]).WaitForExit();
        string[] ends = [source, .. destination is null ? Array.Empty<string>() : [destination]];
        Answer answer = await _folder.RunAsync(["doctor", .. ends.Select(end => end == "/dev/null" ? end : _folder.In(end))]);
        Assert.Equal(7, answer.Code);
        string pipe = source == "/dev/null" ? source : _folder.In("pipe");
        Assert.Contains($"{pipe} is a device, pipe or socket, and no place for files", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Name a file or a directory.", answer.Output, StringComparison.Ordinal);
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
        Assert.Single(answer.Output.Split('\n'), line => line.StartsWith("FAIL", StringComparison.Ordinal));
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

    [Fact]
    public async Task A_destination_that_cannot_be_written_to_is_a_failure_before_anything_is_written()
    {
        // Whoever runs the tests may write everywhere but there.
        string closed = _folder.In("closed");
        Directory.CreateDirectory(closed);
        await ShellAsync($"mount -t tmpfs -o size=1m,ro none '{closed}'");
        try
        {
            Answer answer = await _folder.RunAsync("doctor", _folder.Root, closed, "--state", _folder.In("state"));
            Assert.Equal(7, answer.Code);
            Assert.Contains("FAIL write", answer.Output, StringComparison.Ordinal);
        }
        finally
        {
            await ShellAsync($"umount '{closed}'");
        }
    }

    [Fact]
    public async Task A_credential_that_has_ended_is_a_failure()
    {
        await using var server = new S3StandIn(_ => new S3StandIn.Answer(200, Listing));
        _folder.Variables["AWS_SESSION_TOKEN"] = "token";
        _folder.Variables["AWS_CREDENTIAL_EXPIRATION"] = TimeProvider.System.GetUtcNow().AddHours(-1).ToString("O", CultureInfo.InvariantCulture);
        Answer answer = await BucketAsync(server.Endpoint);
        Assert.Equal(7, answer.Code);
        Assert.Contains("FAIL credential", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Renew it.", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_in_another_region_is_told_with_what_to_write()
    {
        await using var server = new S3StandIn(request => request.Headers["Authorization"]?.Contains("/eu-west-9/", StringComparison.Ordinal) == true
            ? new S3StandIn.Answer(200, Listing)
            : S3StandIn.Error(400, "AuthorizationHeaderMalformed", "The region 'us-east-1' is wrong; expecting 'eu-west-9'"));
        Answer answer = await BucketAsync(server.Endpoint, "--s3-region", "us-east-1");
        Assert.Equal(0, answer.Code);
        Assert.Contains("the bucket is in region eu-west-9, not us-east-1", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Write --s3-region eu-west-9", answer.Output, StringComparison.Ordinal);
    }

    private static async Task ShellAsync(string script)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", script]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    private async Task<Answer> BucketAsync(Uri server, params string[] options)
    {
        _folder.Variables["AWS_ENDPOINT_URL_S3"] = server.AbsoluteUri;
        _folder.Variables["AWS_ACCESS_KEY_ID"] = "KEY";
        _folder.Variables["AWS_SECRET_ACCESS_KEY"] = "secret-of-the-test";
        return await _folder.RunAsync(["doctor", _folder.Root, "s3://bucket/pre", .. options]);
    }
}
