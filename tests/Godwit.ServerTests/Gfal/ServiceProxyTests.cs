using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Godwit.Tests.Cli;
using Godwit.Tests.Cli.Service;

namespace Godwit.ServerTests.Gfal;

/// <summary>Who shows a proxy of the grid to a service, with curl as grids use it.</summary>
public sealed class ServiceProxyTests : IAsyncLifetime
{
    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private CommandLineFolder Folder => _service.Folder;

    public async Task InitializeAsync()
    {
        using var key = RSA.Create(2048);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 own = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        await File.WriteAllTextAsync(Folder.In("cert.pem"), own.ExportCertificatePem());
        await File.WriteAllTextAsync(Folder.In("key.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Folder.In("mapfile"), "\"/O=GodwitTest/CN=Alice\" alice\n");
        await File.WriteAllTextAsync(Folder.In("godwit.yaml"), $"""
            server:
              certificate: cert.pem
              key: key.pem
              client-ca: {GridServer.Setting("X509_CERT_DIR")}
            people:
              - dn-file: mapfile
                subject: alice
                project: atlas
            """);
        _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
        await _service.StartAsync();
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Theory]
    [InlineData("ALICE", "\"subject\":\"alice\"", "--tlsv1.3")]
    [InlineData("ALICE", "\"subject\":\"alice\"", "--tls-max", "1.2")]
    [InlineData("BOB", "Nothing is said of /O=GodwitTest/CN=Bob", "--tlsv1.3")]
    [InlineData("EXPIRED", "The certificate does not count: it is valid from", "--tlsv1.3")]
    [InlineData("ROGUE", "no authority that is trusted here", "--tlsv1.3")]
    public async Task A_proxy_is_its_owner(string who, string says, params string[] options)
    {
        string answer = await CurlAsync(["--cert", GridServer.Setting($"X509_{who}"), .. options, "api/v1/self"]);
        Assert.Contains(says, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_sent_in_many_pieces_arrives_whole()
    {
        string[] files = [.. Enumerable.Range(0, 50_000).Select(at => $$"""{"source": "d/{{at}}"}""")];
        await File.WriteAllLinesAsync(Folder.In("body"), ["""{"source": "/nowhere", "destination": "/archive"}""", .. files]);
        string answer = await CurlAsync(
            ["-H", $"Authorization: Bearer {(await File.ReadAllTextAsync(Folder.In("data/admin.token"))).Trim()}", "-H", "Content-Type: application/x-ndjson", "--data-binary", "@" + Folder.In("body"), "api/v1/transfers"]);
        Assert.Contains("\"files\":50000", answer, StringComparison.Ordinal);
    }

    private async Task<string> CurlAsync(params string[] args)
    {
        string server = Folder.Wiring.Environment("GODWIT_SERVER")!;
        var start = new ProcessStartInfo("curl", ["-sSk", "--max-time", "60", .. args[..^1], $"{server}/{args[^1]}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var curl = Process.Start(start)!;
        Task<string> error = curl.StandardError.ReadToEndAsync();
        string output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.True(curl.ExitCode == 0, $"{await error} {_service.Log}");
        return output;
    }
}
