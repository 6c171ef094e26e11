using System.Runtime.Versioning;
using Godwit.Tests.Backends.S3;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>A temporary credential that an endpoint gets from elsewhere expires within a run: it is got again.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RenewedSecretTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_credential_that_expires_is_looked_up_anew()
    {
        _folder.Put("key", "OLD");
        await using S3StandIn server = ServerTaking("NEW", () => _folder.Put("key", "NEW"));
        WriteEndpoint(server);
        Assert.Contains("file", (await _folder.SucceedAsync("ls", "lab:")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_no_other_can_be_had_the_reason_is_told()
    {
        _folder.Put("key", "OLD");
        await using S3StandIn server = ServerTaking("NEW", () => File.Delete(_folder.In("key")));
        WriteEndpoint(server);
        Answer answer = await _folder.RunAsync("ls", "lab:");
        Assert.Equal(7, answer.Code);
        Assert.Contains("the credential has expired, and no other can be had", answer.Error, StringComparison.Ordinal);
        Assert.Contains(_folder.In("key"), answer.Error, StringComparison.Ordinal);
    }

    private static S3StandIn ServerTaking(string key, Action onRefusal) => new(request =>
    {
        if (request.Headers["Authorization"]!.Contains($"Credential={key}/", StringComparison.Ordinal))
        {
            return new S3StandIn.Answer(
                200,
                "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>file</Key><Size>1</Size>"
                + "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"x\"</ETag></Contents></ListBucketResult>");
        }

        onRefusal();
        return S3StandIn.Error(400, "ExpiredToken");
    });

    private void WriteEndpoint(S3StandIn server) => _folder.Write($$"""
        endpoints:
          lab:
            url: s3://bucket
            options: { endpoint: "{{server.Endpoint}}" }
            credentials:
              access-key: { file: {{_folder.In("key")}} }
              secret-key: { command: [echo, secret] }

        """);
}
