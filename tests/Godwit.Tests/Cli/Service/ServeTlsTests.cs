using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Godwit.Tests.Server.Tls;

namespace Godwit.Tests.Cli.Service;

/// <summary>TLS by two settings, certificates of clients, and what is read again on SIGHUP.</summary>
public sealed class ServeTlsTests : IAsyncLifetime, IDisposable
{
    private readonly TestAuthority _authority = new(now: TimeProvider.System.GetUtcNow());
    private ServiceTrial _service = null!;
    private X509Certificate2 _alice = null!;

    private CommandLineFolder Folder => _service.Folder;

    public Task InitializeAsync()
    {
        _service = ServiceTrial.Prepare();
        Folder.Put("a.dat", "one");
        Directory.CreateDirectory(Folder.In("authorities"));
        File.WriteAllBytes(Folder.In("authorities/1234abcd.0"), _authority.AsFile.Item2);
        _alice = _authority.Issue("DC=org, CN=Alice");
        PutCertificate();
        Configure("submitter");
        _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    public void Dispose()
    {
        _alice.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Commands_reach_a_service_with_tls_that_they_trust()
    {
        await _service.StartAsync();
        Assert.Contains("https://127.0.0.1:", _service.Log, StringComparison.Ordinal);
        Answer submitted = await _service.AskAsync("submit", Folder.Source, Folder.Destination, "--server-ca", Folder.In("authorities/1234abcd.0"));
        Assert.True(submitted.Code == 0, submitted.Error);
        Assert.Equal(7, (await _service.AskAsync("transfers")).Code);
    }

    [Fact]
    public async Task A_certificate_is_somebody_as_the_configuration_says_even_after_it_was_read_again()
    {
        await _service.StartAsync();
        Assert.Equal("alice submitter /DC=org/CN=Alice", await SelfAsync(_alice));
        Configure("operator");
        _service.Hangup();
        Assert.Contains("service.reloaded", _service.Log, StringComparison.Ordinal);
        Assert.Equal("alice operator /DC=org/CN=Alice", await SelfAsync(_alice));
        using X509Certificate2 bob = _authority.Issue("DC=org, CN=Bob");
        Assert.Contains("Nothing is said of /DC=org/CN=Bob", await SelfAsync(bob), StringComparison.Ordinal);
        using var rogue = new TestAuthority(now: TimeProvider.System.GetUtcNow());
        using X509Certificate2 other = rogue.Issue("DC=org, CN=Alice");
        Assert.Contains("The certificate does not count", await SelfAsync(other), StringComparison.Ordinal);
        Assert.Contains("token", await SelfAsync(null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_with_a_fault_changes_nothing_when_it_is_read_again()
    {
        await _service.StartAsync();
        string right = File.ReadAllText(Folder.In("godwit.yaml"));
        File.WriteAllText(Folder.In("godwit.yaml"), right + "  - dn-file: \"a\\0b\"\n");
        _service.Hangup();
        Assert.Contains("is not used", _service.Log, StringComparison.Ordinal);
        File.WriteAllText(Folder.In("godwit.yaml"), right + "nonsense: 1\n");
        _service.Hangup();
        Assert.Contains("nonsense", _service.Log, StringComparison.Ordinal);
        Assert.Equal("alice submitter /DC=org/CN=Alice", await SelfAsync(_alice));
    }

    [Fact]
    public async Task A_certificate_that_was_renewed_counts_for_new_connections()
    {
        await _service.StartAsync();
        string before = (await ServerAsync()).Thumbprint;
        PutCertificate();
        _service.Hangup();
        Assert.NotEqual(before, (await ServerAsync()).Thumbprint);
        string after = (await ServerAsync()).Thumbprint;
        File.WriteAllText(Folder.In("key.pem"), "nonsense");
        _service.Hangup();
        Assert.Contains("cannot be used", _service.Log, StringComparison.Ordinal);
        Assert.Equal(after, (await ServerAsync()).Thumbprint);
    }

    [Fact]
    public async Task What_cannot_all_be_used_is_not_used_in_part()
    {
        await _service.StartAsync();
        string before = (await ServerAsync()).Thumbprint;
        PutCertificate();
        Directory.Move(Folder.In("authorities"), Folder.In("away"));
        _service.Hangup();
        Assert.Contains("is not used", _service.Log, StringComparison.Ordinal);
        Assert.Equal(before, (await ServerAsync()).Thumbprint);
    }

    [Fact]
    public async Task What_was_revoked_since_does_not_count_on_a_connection_that_is_open()
    {
        await _service.StartAsync();
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => IsOurs(shown);
        handler.SslOptions.ClientCertificates = [_alice];
        using var client = new HttpClient(handler) { BaseAddress = new Uri(Folder.Wiring.Environment("GODWIT_SERVER")!) };
        Assert.True((await client.GetAsync("/api/v1/self")).IsSuccessStatusCode);
        File.WriteAllBytes(Folder.In("authorities/1234abcd.r0"), _authority.Revoked(_authority.Now.AddDays(1), _alice).Item2);
        _service.Hangup();
        Assert.Equal(401, (int)(await client.GetAsync("/api/v1/self")).StatusCode);
    }

    [Theory]
    [InlineData("ECDSA_P256")]
    [InlineData("ECDSA_P384")]
    [InlineData("ECDSA_P521")]
    public async Task A_key_of_a_curve_serves(string curve)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(curve switch
        {
            "ECDSA_P256" => System.Security.Cryptography.ECCurve.NamedCurves.nistP256,
            "ECDSA_P384" => System.Security.Cryptography.ECCurve.NamedCurves.nistP384,
            _ => System.Security.Cryptography.ECCurve.NamedCurves.nistP521,
        });
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 own = new CertificateRequest("CN=localhost", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Folder.In("cert.pem"), own.ExportCertificatePem());
        File.WriteAllText(Folder.In("key.pem"), key.ExportECPrivateKeyPem());
        await _service.StartAsync();
        foreach (SslProtocols version in (SslProtocols[])[SslProtocols.Tls12, SslProtocols.Tls13])
        {
            Assert.Equal(own.Thumbprint, (await ServerAsync(version, own.Subject)).Thumbprint);
        }
    }

    [Theory]
    [InlineData("--certificate", "cert.pem", "TLS needs two settings, and key is not said")]
    [InlineData("--key", "key.pem", "TLS needs two settings, and certificate is not said")]
    [InlineData("--client-ca", "authorities", "client-ca is said without TLS")]
    [InlineData("--listen", "0.0.0.0:0", "is reached from other machines")]
    public async Task Half_of_it_is_refused(string option, string value, string says)
    {
        Answer answer = await Folder.RunBareAsync(["serve", "--data", Folder.In("other"), option, value.Contains(':', StringComparison.Ordinal) ? value : Folder.In(value)]);
        Assert.Equal(2, answer.Code);
        Assert.Contains(says, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder.In("other")));
    }

    private bool IsOurs(X509Certificate? shown, string? issuer = null) => shown?.Issuer == (issuer ?? _authority.Certificate.Subject);

    private void PutCertificate()
    {
        using X509Certificate2 own = _authority.Issue("CN=localhost", usage: "1.3.6.1.5.5.7.3.1", isServer: true);
        File.WriteAllText(Folder.In("cert.pem"), own.ExportCertificatePem());
        using var key = own.GetRSAPrivateKey()!;
        File.WriteAllText(Folder.In("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private void Configure(string role) => File.WriteAllText(Folder.In("godwit.yaml"), $"""
        server:
          certificate: cert.pem
          key: key.pem
          client-ca: authorities
        people:
          - dn: ["/DC=org/CN=Alice"]
            subject: alice
            project: atlas
            roles: {role}

        """);

    private async Task<string> SelfAsync(X509Certificate2? certificate)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => IsOurs(shown);
        handler.SslOptions.ClientCertificates = certificate is null ? null : [certificate];
        using var client = new HttpClient(handler) { BaseAddress = new Uri(Folder.Wiring.Environment("GODWIT_SERVER")!) };
        using HttpResponseMessage answer = await client.GetAsync("/api/v1/self");
        JsonElement told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return answer.IsSuccessStatusCode
            ? $"{told.GetProperty("subject").GetString()} {told.GetProperty("roles")[0].GetString()} {told.GetProperty("credential").GetString()}"
            : told.GetProperty("detail").GetString()!;
    }

    private async Task<X509Certificate2> ServerAsync(SslProtocols versions = SslProtocols.Tls12 | SslProtocols.Tls13, string? issuer = null)
    {
        var address = new Uri(Folder.Wiring.Environment("GODWIT_SERVER")!);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = new SslStream(client.GetStream(), false, (_, shown, _, _) => IsOurs(shown, issuer));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = versions });
        return X509CertificateLoader.LoadCertificate(stream.RemoteCertificate!.GetRawCertData());
    }
}
