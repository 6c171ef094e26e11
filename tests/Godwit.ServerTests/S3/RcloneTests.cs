using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>rclone and Godwit on one bucket: each reads what the other wrote, to the last nanosecond, and finds nothing left to do.</summary>
public sealed class RcloneTests : IDisposable
{
    /// <summary>Names that a URL, an XML answer, a shell or a pattern may get wrong. Of control characters only those that XML allows: at the
    /// others rclone 1.60 stumbles for most of a minute in each listing.</summary>
    private static readonly string[] s_names =
    [
        "plain", "d/e/deep", "d/two words", "Größe 50%+&?#.fits", "e\u0301 composed otherwise", ".hidden", "-dash", "star*[a]{b}", "quotes'\"`",
        @"back\slash", "%41%2F", "new\nline", "tab\tbed", " outer ", "日本語/ファイル", "empty",
    ];

    private readonly S3CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task What_rclone_uploads_Godwit_brings_back_the_same_and_neither_finds_anything_left_to_do()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await MakeTreeAsync();
        string url = $"s3://{bucket.Name}/by/rclone";
        await RcloneAsync("copy", _cli.In("src"), Remote(url), "--s3-upload-cutoff", "5Mi", "--s3-chunk-size", "5Mi");
        await _cli.RunAsync(0, "check", _cli.In("src"), url, "--quiet");
        await _cli.RunAsync(0, "copy", url, _cli.In("back"), "--quiet");
        await RequireSameAsync("src", "back");

        await _cli.RunAsync(0, "check", url, _cli.In("back"), "--download", "--quiet");
        await RcloneAsync("check", Remote(url), _cli.In("back"), "--download");
        await _cli.RunAsync(9, "copy", url, _cli.In("back"), "--quiet", "--error-on-no-transfer");
        await _cli.RunAsync(9, "copy", _cli.In("src"), url, "--quiet", "--error-on-no-transfer");
        await RequireNothingToCopyAsync(Remote(url), _cli.In("back"));
    }

    [Fact]
    public async Task What_Godwit_uploads_rclone_brings_back_the_same_and_neither_finds_anything_left_to_do()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await MakeTreeAsync();
        string url = $"s3://{bucket.Name}/by/godwit";
        await _cli.RunAsync(0, "copy", _cli.In("src"), url, "--quiet", "--part-size", "5MiB");
        await RcloneAsync("check", _cli.In("src"), Remote(url), "--download");
        await RcloneAsync("copy", Remote(url), _cli.In("back"));
        await RequireSameAsync("src", "back");

        await RequireNothingToCopyAsync(_cli.In("src"), Remote(url));
        await RequireNothingToCopyAsync(Remote(url), _cli.In("back"));
        await _cli.RunAsync(9, "copy", url, _cli.In("back"), "--quiet", "--error-on-no-transfer");
        await _cli.RunAsync(0, "check", url, _cli.In("back"), "--quiet");
    }

    private static string Remote(string url) => "C:" + url["s3://".Length..];

    /// <summary>Small files and one of several parts, each with a time of its own to the nanosecond.</summary>
    private async Task MakeTreeAsync()
    {
        await using var store = LocalStore.In(Encoding.UTF8.GetBytes(_cli.In("src")), new LocalOptions { CreateRoot = true });
        long nanoseconds = 1_700_000_000_123_456_789;
        foreach (string name in s_names)
        {
            await WriteAsync(name, name == "empty" ? [] : Encoding.UTF8.GetBytes(name));
        }

        await WriteAsync("large", RandomNumberGenerator.GetBytes((11 << 20) + 7));

        async Task WriteAsync(string name, byte[] content)
        {
            nanoseconds += 86_400_000_000_001;
            var options = new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(nanoseconds) } };
            await store.WriteAsync(StorePath.FromText(name), WriteSource.From(content), options, default);
        }
    }

    private async Task RequireSameAsync(string left, string right)
    {
        await using var one = LocalStore.In(Encoding.UTF8.GetBytes(_cli.In(left)));
        await using var other = LocalStore.In(Encoding.UTF8.GetBytes(_cli.In(right)));
        foreach (string name in (string[])[.. s_names, "large"])
        {
            StoreEntry? expected = await one.StatAsync(StorePath.FromText(name), default);
            StoreEntry? found = await other.StatAsync(StorePath.FromText(name), default);
            Assert.Equal((name, expected!.Modified!.Value.Nanoseconds), (name, found?.Modified?.Nanoseconds));
            Assert.Equal(await S3Bucket.ReadAsync(one, name), await S3Bucket.ReadAsync(other, name));
        }

        Assert.Equal(s_names.Length + 1, Directory.EnumerateFiles(_cli.In(right), "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = 0,
        }).Count());
    }

    private static async Task RequireNothingToCopyAsync(string from, string to)
    {
        string log = await RcloneAsync("copy", from, to, "-v");
        Assert.DoesNotContain("Copied", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Updated modification time", log, StringComparison.Ordinal);
        Assert.Contains("There was nothing to transfer", log, StringComparison.Ordinal);
    }

    private static async Task<string> RcloneAsync(params string[] args)
    {
        var start = new ProcessStartInfo("rclone", args) { RedirectStandardError = true, RedirectStandardOutput = true };
        (string Name, string? Value)[] settings =
        [
            .. S3CommandLine.Variables.Select(one => (one.Key, (string?)one.Value)),
            ("RCLONE_CONFIG", ""), ("RCLONE_CONFIG_C_TYPE", "s3"), ("RCLONE_CONFIG_C_PROVIDER", "Ceph"), ("RCLONE_CONFIG_C_ENV_AUTH", "true"),
            ("RCLONE_CONFIG_C_ENDPOINT", S3Server.Endpoint.ToString()), ("RCLONE_CONFIG_C_NO_CHECK_BUCKET", "true"),
            ("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_CA_BUNDLE", null),
        ];
        foreach ((string name, string? value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string said = await process.StandardError.ReadToEndAsync() + await output;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"rclone {string.Join(' ', args)} ended with {process.ExitCode}: {said}");
        return said;
    }
}
