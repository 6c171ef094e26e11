using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Godwit.Cli;

namespace Godwit.ServerTests.S3;

/// <summary>The command line with a bucket on either side.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class S3CommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("godwit-s3-cli-").FullName;
    private readonly MemoryStream _bytes = new();

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        _bytes.Dispose();
    }

    [Fact]
    public async Task A_tree_goes_to_a_bucket_is_there_the_second_time_and_comes_back_the_same()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string url = $"s3://{bucket.Name}/archive/night";
        Put("src/empty", []);
        Put("src/small", "small"u8.ToArray());
        Put("src/deep/er/Größe 50%+&?#.fits", RandomNumberGenerator.GetBytes(3_000_000));
        Put("src/large", RandomNumberGenerator.GetBytes((37 << 20) + 1));
        await RunAsync(0, "copy", In("src"), url, "--quiet");
        await RunAsync(9, "copy", In("src"), url, "--quiet", "--error-on-no-transfer");
        await RunAsync(0, "check", In("src"), url, "--quiet");
        await RunAsync(0, "check", In("src"), url, "--quiet", "--download");
        await RunAsync(0, "copy", url + "/", In("back"), "--quiet");
        foreach (string file in Directory.EnumerateFiles(In("src"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(In("back"), Path.GetRelativePath(In("src"), file));
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(copy));
            Assert.Equal(File.GetLastWriteTimeUtc(file), File.GetLastWriteTimeUtc(copy));
        }

        await RunAsync(9, "copy", url, In("back"), "--quiet", "--error-on-no-transfer");
        Assert.Empty(await bucket.UploadsAsync());
    }

    [Fact]
    public async Task A_change_that_only_the_time_shows_goes_to_the_bucket()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        Put("src/file", "first"u8.ToArray());
        await RunAsync(0, "copy", In("src"), $"s3://{bucket.Name}", "--quiet");
        Put("src/file", "other"u8.ToArray());
        File.SetLastWriteTimeUtc(In("src/file"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await RunAsync(1, "check", In("src"), $"s3://{bucket.Name}", "--quiet");
        await RunAsync(0, "copy", In("src"), $"s3://{bucket.Name}", "--quiet");
        Assert.Equal("other"u8.ToArray(), await S3Bucket.ReadAsync(bucket.Store, "file"));
    }

    [Fact]
    public async Task One_file_goes_into_a_bucket_by_the_rule_of_the_slash()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        Put("one", "1"u8.ToArray());
        await RunAsync(0, "copy", In("one"), $"s3://{bucket.Name}", "--quiet");
        await RunAsync(0, "copy", In("one"), $"s3://{bucket.Name}/into/", "--quiet");
        await RunAsync(0, "copy", In("one"), $"s3://{bucket.Name}/a/name", "--quiet");
        Assert.Equal(["a/name", "into/one", "one"], await bucket.KeysAsync());
        await RunAsync(0, "copy", $"s3://{bucket.Name}/a/name", In("two"), "--quiet");
        Assert.Equal("1", File.ReadAllText(In("two")));
        await RunAsync(4, "copy", $"s3://{bucket.Name}/absent", In("three"), "--quiet");
        await RunAsync(3, "copy", $"s3://{bucket.Name}/absent/", In("three"), "--quiet");
    }

    [Fact]
    public async Task The_small_commands_work_on_a_bucket()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("top", "top");
        await bucket.PutAsync("a/one", "1");
        await bucket.PutAsync("a/b/two", "22");
        string url = $"s3://{bucket.Name}";
        Assert.Equal("a/\ntop\n", await RunAsync(0, "ls", url));
        Assert.Equal("a/b/two\na/one\ntop\n", await RunAsync(0, "ls", "-R", url));
        Assert.Equal("b/\none\n", await RunAsync(0, "ls", url + "/a"));
        Assert.Equal("22", await RunAsync(0, "cat", url + "/a/b/two"));
        Assert.Contains("bytes     2", await RunAsync(0, "stat", url + "/a/b/two"), StringComparison.Ordinal);
        Assert.Contains("kind      directory", await RunAsync(0, "stat", url + "/a"), StringComparison.Ordinal);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData("22"u8)) + $"  {url}/a/b/two\n", await RunAsync(0, "checksum", url + "/a/b/two"));
        await RunAsync(0, "rm", url + "/top");
        await RunAsync(2, "rm", url + "/a");
        await RunAsync(0, "rm", "-r", url + "/a");
        Assert.Empty(await bucket.KeysAsync());
        await RunAsync(4, "cat", url + "/a/one");
    }

    [Fact]
    public async Task A_wrong_server_key_or_bucket_ends_with_one_sentence()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        Put("src/file", "x"u8.ToArray());
        string noBucket = await RunAsync(7, "copy", In("src"), "s3://godwit-no-such-bucket", "--quiet");
        Assert.Contains("the bucket does not exist", noBucket, StringComparison.Ordinal);
        string style = await RunAsync(2, "ls", $"s3://{bucket.Name}", "--s3-path-style", "maybe");
        Assert.Contains("write yes or no", style, StringComparison.Ordinal);
        string endpoint = await RunAsync(2, "ls", $"s3://{bucket.Name}", "--s3-endpoint", "server");
        Assert.Contains("write http://host:port or https://host", endpoint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_https_the_certificates_that_an_option_names_are_trusted()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("file", "x");
        string[] there = ["ls", $"s3://{bucket.Name}", "--s3-endpoint", S3Server.TlsEndpoint.ToString()];
        Assert.Equal("file\n", await RunAsync(0, [.. there, "--s3-ca", S3Server.CaFile]));
        Assert.Contains("certificate is not trusted", await RunAsync(7, there), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_encrypted_with_a_key_of_one_s_own_comes_back_with_it_only()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        Put("src/small", "one"u8.ToArray());
        Put("src/large", RandomNumberGenerator.GetBytes(9 << 20));
        Put("raw", RandomNumberGenerator.GetBytes(32));
        Put("text", Encoding.ASCII.GetBytes(Convert.ToBase64String(File.ReadAllBytes(In("raw"))) + "\n"));
        Array.ForEach([In("raw"), In("text")], file => File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string[] there = ["--s3-endpoint", S3Server.TlsEndpoint.ToString(), "--s3-ca", S3Server.CaFile, "--quiet"];
        await RunAsync(0, ["copy", In("src"), $"s3://{bucket.Name}", .. there, "--s3-customer-key", In("raw")]);
        await RunAsync(0, ["copy", $"s3://{bucket.Name}", In("back"), .. there, "--s3-customer-key", In("text")]);
        Assert.Equal(File.ReadAllBytes(In("src/large")), File.ReadAllBytes(In("back/large")));
        Assert.Equal("one", File.ReadAllText(In("back/small")));
        await RunAsync(6, ["copy", $"s3://{bucket.Name}", In("other"), .. there]);
        File.SetUnixFileMode(In("raw"), File.GetUnixFileMode(In("raw")) | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", await RunAsync(2, ["ls", $"s3://{bucket.Name}", "--s3-customer-key", In("raw")]), StringComparison.Ordinal);
        Put("short", "key"u8.ToArray());
        File.SetUnixFileMode(In("short"), UnixFileMode.UserRead);
        Assert.Contains("holds no key", await RunAsync(2, ["ls", $"s3://{bucket.Name}", "--s3-customer-key", In("short")]), StringComparison.Ordinal);
        Assert.Contains("https only", await RunAsync(7, ["ls", $"s3://{bucket.Name}", "--s3-customer-key", In("text")]), StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_root, name);

    private void Put(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllBytes(In(name), content);
    }

    /// <summary>Runs a command, and gives what it said: what was asked for when that went well, else what went wrong.</summary>
    private async Task<string> RunAsync(int expected, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        var wiring = new Wiring { Environment = Variable, OpenOutput = () => bytes };
        string[] state = args[0] is "copy" ? ["--state", In("state")] : [];
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[.. args, .. state], wiring, output, error, CancellationToken.None);
        Assert.True(expected == code, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        return code == 0 ? output + Encoding.UTF8.GetString(bytes.ToArray()) : error.ToString();
    }

    private static string? Variable(string name) => name switch
    {
        "AWS_ENDPOINT_URL_S3" => S3Server.Endpoint.ToString(),
        "AWS_ACCESS_KEY_ID" => S3Server.Keys.AccessKey,
        "AWS_SECRET_ACCESS_KEY" => S3Server.Keys.SecretKey,
        _ => null,
    };
}
