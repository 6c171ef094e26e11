using System.Net;
using System.Security.Cryptography.X509Certificates;
using Godwit.Cli;
using Godwit.Cli.Service;
using Godwit.Server.Staging;
using Godwit.Tests.Server.Tls;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Cli.Service;

/// <summary>Which stagers are in force, and where they call back.</summary>
public sealed class StagerServeTests : IDisposable
{
    private const string Tape = """
        stagers:
          tape:
            url: https://tape.example.org/
            secret: { file: tape.secret }

        """;

    private readonly CommandLineFolder _folder = new();

    private string Configuration => _folder.In("godwit.yaml");

    private Wiring Wiring => _folder.Wiring with { Environment = name => name == "GODWIT_CONFIG" ? Configuration : null };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_read_again_counts_as_a_whole_or_not_at_all()
    {
        Put("tape.secret", "a line that both know");
        Write(Tape + "    at-once: 7\n    time-limit: 2h\n    places: [\"disk:\"]\n    projects: [atlas]\npreparers:\n  tape: { url: \"https://prepare.example.org/\", secret: { file: tape.secret } }\n");
        using var live = new LiveConfiguration(new ServeSettings(new IPEndPoint(IPAddress.Loopback, 7480)), Wiring);
        live.Load();
        StagerRule tape = live.Stagers.Find(CallStage.Stage, "tape")!;
        Assert.Equal((7, TimeSpan.FromHours(2), "disk:", "atlas"), (tape.AtOnce, tape.Limit, tape.Places.Single().Text, tape.Projects!.Single()));
        StagerRule preparer = live.Stagers.Find(CallStage.Prepare, "tape")!;
        Assert.Equal((4, TimeSpan.FromHours(24), 0, null), (preparer.AtOnce, preparer.Limit, preparer.Places.Count, preparer.Projects));
        Assert.Null(live.Stagers.Find(CallStage.Stage, "Tape"));
        Assert.Equal(2, live.Stagers.All.Count);

        string code = tape.Asked.CodeOf("c1");
        Put("tape.secret", "another line that both know");
        live.Reload();
        Assert.NotEqual(code, (tape = live.Stagers.Find(CallStage.Stage, "tape")!).Asked.CodeOf("c1"));
        foreach ((string yaml, string says) in new[]
        {
            (Tape + "    at-once: none\n", "line 5: at-once is \"none\""),
            (Tape.Replace("tape.secret", "none.secret", StringComparison.Ordinal), "the secret of \"file: "),
            (Tape + "    ca: none.pem\n", "ca is \""),
            (Tape + "    ca: tape.secret\n", "There is no certificate of an authority"),
            (Tape + "    certificate: tape.secret\n    key: tape.secret\n", "the certificates of the stager \"tape\" cannot be used"),
            ("server:\n  certificate: none.pem\n" + Tape + "preparers:\n  pack: { url: \"https://p/\", secret: { env: NONE } }\n", "the variable is not set"),
        })
        {
            Write(yaml);
            CommandException fault = Assert.Throws<CommandException>(live.Reload);
            Assert.Contains(says, string.Join(' ', fault.Sentences), StringComparison.Ordinal);
            Assert.Same(tape, live.Stagers.Find(CallStage.Stage, "tape"));
        }

        Put("tape.secret", "whsec_?");
        Write(Tape);
        Assert.Contains("what follows whsec_ is not base64", Assert.Throws<CommandException>(live.Reload).Message, StringComparison.Ordinal);
        Write("stagers: {}\n");
        live.Reload();
        Assert.Empty(live.Stagers.All);
    }

    [Fact]
    public void Certificates_are_read()
    {
        using var authority = new TestAuthority();
        using X509Certificate2 own = authority.Issue("CN=godwit");
        Put("host.pem", own.ExportCertificatePem());
        Put("host.key", own.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Put("ca.pem", authority.Certificate.ExportCertificatePem());
        Put("tape.secret", "a line that both know");
        Write(Tape + "    certificate: host.pem\n    key: host.key\n    ca: ca.pem\n");
        using var live = new LiveConfiguration(new ServeSettings(new IPEndPoint(IPAddress.Loopback, 7480)), Wiring);
        live.Load();
        live.Reload();
        Assert.NotNull(live.Stagers.Find(CallStage.Stage, "tape"));
    }

    [Fact]
    public void Stagers_stay_where_the_services_own_certificate_cannot_be_used()
    {
        using var authority = new TestAuthority(now: TimeProvider.System.GetUtcNow());
        using X509Certificate2 own = authority.Issue("CN=godwit", usage: "1.3.6.1.5.5.7.3.1", isServer: true);
        Put("own.pem", own.ExportCertificatePem());
        Put("own.key", own.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Put("tape.secret", "a line that both know");
        Write(Tape);
        var settings = new ServeSettings(new IPEndPoint(IPAddress.Loopback, 7480)) { Certificate = _folder.In("own.pem"), Key = _folder.In("own.key") };
        using var live = new LiveConfiguration(settings, Wiring);
        live.Load();
        Put("own.key", "none");
        Write("stagers: {}\n");
        Assert.Throws<CommandException>(live.Reload);
        Assert.Single(live.Stagers.All);
    }

    [Theory]
    [InlineData("127.0.0.1:7480", null, false, "http://127.0.0.1:7480/")]
    [InlineData("[::1]:7480", null, true, "https://[::1]:7480/")]
    [InlineData("0.0.0.0:0", "https://godwit.example.org", true, "https://godwit.example.org/")]
    [InlineData("0.0.0.0:0", "https://example.org/godwit", true, "https://example.org/godwit/")]
    [InlineData("0.0.0.0:7480", "http://example.org:8080/godwit/", false, "http://example.org:8080/godwit/")]
    public void A_callback_goes_where_the_service_is_reached(string listen, string? said, bool isTls, string expected)
    {
        var settings = new ServeSettings(IPEndPoint.Parse(listen)) { PublicUrl = said is null ? null : new Uri(said), Certificate = isTls ? "x" : null };
        Assert.Equal((null, expected), (settings.CallbackFault, settings.CallbackBase.AbsoluteUri));
        Assert.Equal($"{expected}api/v1/callbacks/c1", new Uri(settings.CallbackBase, "api/v1/callbacks/c1").AbsoluteUri);
    }

    [Theory]
    [InlineData("127.0.0.1:0", Tape, "would not know where to call back, because the service listens at a free port (127.0.0.1:0): write public-url: https://HOST below server:")]
    [InlineData("0.0.0.0:7480", Tape, "the stager \"tape\" would not know where to call back, because the service listens at all addresses of this machine (0.0.0.0:7480)")]
    [InlineData("[::]:7480", "preparers:\n  pack: { url: \"https://p/\", secret: { env: X } }\n", "the preparer \"pack\" would not know")]
    [InlineData("[::ffff:0.0.0.0]:7480", Tape, "listens at all addresses")]
    [InlineData("127.0.0.1:7480", "server:\n  public-url: ftp://x/\n", "line 2: public-url is \"ftp://x/\": write https://HOST/PATH or http://HOST:PORT")]
    [InlineData("127.0.0.1:7480", "server:\n  public-url: https://x/?a\n", "line 2: public-url is \"https://x/?a\"")]
    [InlineData("127.0.0.1:7480", "server:\n  public-url: https://me:hush@x/\n", "without name, password, ? and #")]
    [InlineData("127.0.0.1:7480", "server:\n  wait-limit: 0s\n", "line 2: wait-limit is \"0s\": write at least 1s")]
    [InlineData("127.0.0.1:7480", "server:\n  transfer-limit: never\n", "line 2: transfer-limit is \"never\": write a time such as")]
    [InlineData("127.0.0.1:7480", "server:\n  keep: 23h\n", "line 2: keep is \"23h\": write at least 1d")]
    [InlineData("127.0.0.1:7480", "server:\n  keep: 3651d\n", "line 2: keep is \"3651d\": write at most 3650d")]
    [InlineData("127.0.0.1:7480", "server:\n  wait-limit: 5000000d\n", "line 2: wait-limit is \"5000000d\": write at most 3650d")]
    [InlineData("127.0.0.1:7480", "server:\n  transfer-limit: 99999999999999w\n", "line 2: transfer-limit is \"99999999999999w\": write at most 3650d")]
    [InlineData("127.0.0.1:7480", "server:\n  drain: 87601h\n", "line 2: drain is \"87601h\": write at most 3650d")]
    [InlineData("127.0.0.1:7480", "stagers:\n  t: { url: \"https://t/\", secret: { command: [echo, fifteen-letters] } }\n", "fewer than 16 characters. Make one: openssl rand -base64 32")]
    [InlineData("127.0.0.1:7480", "preparers:\n  p: { url: \"https://p/\", secret: { command: [echo, whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=] } }\n", "fewer than 24 bytes behind whsec_")]
    public async Task What_cannot_be_is_said_at_the_start(string listen, string yaml, string says)
    {
        Write(yaml);
        Put("tape.secret", "a line that both know");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Answer answer = await _folder.RunBareAsync(["serve", "--data", _folder.In("other"), "--listen", listen, "--insecure", "--config", Configuration], limit.Token);
        Assert.Equal(2, answer.Code);
        Assert.Contains(says, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("other")));
    }

    private void Write(string yaml) => File.WriteAllText(Configuration, yaml);

    private void Put(string name, string content)
    {
        File.WriteAllText(_folder.In(name), content + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.In(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
