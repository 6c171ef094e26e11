using System.Diagnostics;

namespace Godwit.Tests.Backends.S3;

/// <summary>
/// A credential that expires while another stands in its source is read there anew. As a process, because the AWS library reads the environment
/// and the files that it names by itself.
/// </summary>
public sealed class S3CredentialSourcesTests : IDisposable
{
    private const string EmptyListing = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

    private readonly string _root = Directory.CreateTempSubdirectory("godwit-credentials-").FullName;

    public static TheoryData<string, string, string[]> Sources => new()
    {
        { "[default]\naws_access_key_id = KEY\naws_secret_access_key = s\naws_session_token = t\n", "", [] },
        { "[lab]\naws_access_key_id = KEY\naws_secret_access_key = s\naws_session_token = t\n", "", ["--s3-profile", "lab"] },
        {
            """{"Version": 1, "AccessKeyId": "KEY", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}""",
            "[profile lab]\ncredential_process = cat SOURCE\n",
            ["--s3-profile", "lab"]
        },
        {
            """{"Version": 1, "AccessKeyId": "KEY", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}""",
            "[default]\ncredential_process = cat SOURCE\n",
            []
        },
    };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task What_expired_is_read_anew(string source, string config, string[] options)
    {
        string file = Path.Combine(_root, "source");
        await File.WriteAllTextAsync(file, source.Replace("KEY", "OLD", StringComparison.Ordinal));
        string credentials = config.Length == 0 ? file : Path.Combine(_root, "none");
        await File.WriteAllTextAsync(Path.Combine(_root, "config"), config.Replace("SOURCE", file, StringComparison.Ordinal));
        int refused = 0;
        await using var server = new S3StandIn(request =>
        {
            if (request.Headers["Authorization"]!.Contains("Credential=NEW/", StringComparison.Ordinal))
            {
                return new S3StandIn.Answer(200, EmptyListing);
            }

            refused++;
            File.WriteAllText(file, source.Replace("KEY", "NEW", StringComparison.Ordinal));
            return S3StandIn.Error(400, "ExpiredToken");
        });
        (int code, string said) = await RunAsync(credentials, ["ls", "s3://bucket", "--s3-endpoint", server.Endpoint.AbsoluteUri, .. options]);
        Assert.True(code == 0, said);
        Assert.Equal(1, refused);
    }

    private async Task<(int Code, string Said)> RunAsync(string credentials, string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "godwit.dll"), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = credentials;
        start.Environment["AWS_CONFIG_FILE"] = Path.Combine(_root, "config");
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error + await output);
    }
}
