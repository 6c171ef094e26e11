using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Godwit.Cli;

namespace Godwit.ServerTests.S3;

/// <summary>Buckets by the name of an endpoint: its credential, its server, and the same transfer as by its URL.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class S3EndpointTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("godwit-s3-endpoint-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    public S3EndpointTests()
    {
        _variables["HOME"] = _root;
        Directory.CreateDirectory(In(".config/godwit"));
        Directory.CreateDirectory(In("src"));
        File.WriteAllText(In("src/a"), "one");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task An_endpoint_has_its_own_server_and_credential_and_its_transfers_are_known_by_their_place()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        Write(bucket.Name, "{ file: lab.secret }");
        File.WriteAllText(In(".config/godwit/lab.secret"), S3Server.Keys.SecretKey + "\n");
        File.SetUnixFileMode(In(".config/godwit/lab.secret"), UnixFileMode.UserRead);
        await RunAsync(0, "copy", In("src"), "lab:tree");
        Assert.Equal("one", await RunAsync(0, "cat", "lab:tree/a"));

        string[] again = ["--compare", "ledger", "--error-on-no-transfer"];
        await RunAsync(9, ["copy", In("src"), "lab:tree", .. again]);
        foreach ((string name, string value) in S3CommandLine.Variables)
        {
            _variables[name] = value;
        }

        await RunAsync(9, ["copy", In("src"), $"s3://{bucket.Name}/pre/tree", .. again]);
        await RunAsync(0, ["copy", In("src"), $"s3://{bucket.Name}/elsewhere", .. again]);
    }

    [Fact]
    public async Task A_program_gives_the_secret_and_what_it_gives_is_in_no_output_and_no_ledger()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        File.WriteAllText(In("secret"), S3Server.Keys.SecretKey);
        Write(bucket.Name, $"{{ command: [cat, {In("secret")}] }}");
        string said = await RunAsync(0, "copy", In("src"), "lab:tree", "--json", "--log-file", In("log"), "--log-level", "debug", "--report", In("report"));
        said += await RunAsync(0, "config", "show", "--origin");
        said += File.ReadAllText(In("log")) + File.ReadAllText(In("report"));
        foreach (string file in Directory.EnumerateFiles(In(".local"), "*", SearchOption.AllDirectories))
        {
            said += Encoding.Latin1.GetString(File.ReadAllBytes(file));
        }

        Assert.DoesNotContain(S3Server.Keys.SecretKey, said, StringComparison.Ordinal);

        File.WriteAllText(In("secret"), "wrong-" + S3Server.Keys.SecretKey);
        Assert.DoesNotContain(S3Server.Keys.SecretKey, await RunAsync(7, "ls", "lab:tree"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_remote_that_rclone_made_is_taken_over_and_reads_what_rclone_wrote()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string config = In("rclone.conf");
        await RcloneAsync(
            config, "config", "create", "ceph", "s3", "provider=Ceph", $"endpoint={S3Server.Endpoint}",
            $"access_key_id={S3Server.Keys.AccessKey}", $"secret_access_key={S3Server.Keys.SecretKey}");
        await RcloneAsync(config, "copy", In("src"), $"ceph:{bucket.Name}/by-rclone");
        _variables["RCLONE_CONFIG"] = config;
        await RunAsync(0, "config", "import", "rclone");
        Assert.Equal("one", await RunAsync(0, "cat", $"ceph:{bucket.Name}/by-rclone/a"));
        await RunAsync(0, "check", In("src"), $"ceph:{bucket.Name}/by-rclone");
    }

    private string In(string name) => Path.Combine(_root, name);

    private void Write(string bucket, string secret) => File.WriteAllText(In(".config/godwit/godwit.yaml"), $"""
        endpoints:
          lab:
            url: s3://{bucket}/pre
            options:
              endpoint: {S3Server.Endpoint.GetLeftPart(UriPartial.Authority)}
            credentials:
              access-key: {S3Server.Keys.AccessKey}
              secret-key: {secret}

        """);

    private static async Task RcloneAsync(string config, params string[] args)
    {
        var start = new ProcessStartInfo("rclone", ["--config", config, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process rclone = Process.Start(start)!;
        Task<string> error = rclone.StandardError.ReadToEndAsync();
        await rclone.StandardOutput.ReadToEndAsync();
        await rclone.WaitForExitAsync();
        Assert.True(rclone.ExitCode == 0, await error);
    }

    private async Task<string> RunAsync(int expected, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        var wiring = new Wiring { Environment = _variables.GetValueOrDefault, OpenOutput = () => bytes };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, wiring, output, error, CancellationToken.None);
        Assert.True(expected == code, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        return output + Encoding.UTF8.GetString(bytes.ToArray()) + (expected == 0 && args[0] is "cat" ? "" : error);
    }
}
