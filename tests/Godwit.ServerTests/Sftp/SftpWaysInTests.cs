using System.Diagnostics;

namespace Godwit.ServerTests.Sftp;

/// <summary>Ways in that are OpenSSH's own, from a configuration that the test writes: jump hosts, certificates, an agent.</summary>
public sealed class SftpWaysInTests : IDisposable
{
    private readonly SftpCommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Through_a_jump_host()
    {
        Configure("Host jump", "IdentityFile " + SftpTestServer.Key, "Host beyond", "ProxyJump jump", "IdentityFile " + SftpTestServer.Key);
        await RequireCopiesAsync(args => _cli.RunAsync(0, args));
    }

    /// <summary>The account in the chroot may not forward: whoever went past it would get in.</summary>
    [Fact]
    public async Task A_jump_host_that_does_not_let_through_is_told_as_such()
    {
        string key = "IdentityFile " + SftpTestServer.Key;
        Configure("Host jump", "User " + SftpTestServer.User.Replace("gws", "gwc", StringComparison.Ordinal), key, "Host beyond", "ProxyJump jump", key);
        string said = await _cli.RunAsync(7, "ls", Beyond);
        Assert.Contains("jump host does not let", said, StringComparison.Ordinal);
        Assert.Contains("administratively prohibited", said, StringComparison.Ordinal);
    }

    /// <summary>Whoever runs the jump host would have it.</summary>
    [Fact]
    public async Task A_password_is_the_servers_and_not_given_to_a_jump_host()
    {
        Configure("Host jump", "PreferredAuthentications password", "Host beyond", "ProxyJump jump", "IdentityFile " + SftpTestServer.Key);
        await File.WriteAllTextAsync(_cli.In("secret"), SftpTestServer.Password + "\n");
        SftpCommandLine.Run(0, "chmod", "400", _cli.In("secret"));
        Directory.CreateDirectory(_cli.In(".config/godwit"));
        await File.WriteAllTextAsync(
            _cli.In(".config/godwit/godwit.yaml"), $$"""endpoints: { end: { url: "sftp://beyond/~", credentials: { password: { file: "{{_cli.In("secret")}}" } } } }""");
        Assert.Contains("Permission denied", await _cli.RunAsync(7, "ls", "end:"), StringComparison.Ordinal);
        Configure("Host jump", "IdentityFile " + SftpTestServer.Key, "Host beyond", "ProxyJump jump", "PreferredAuthentications password");
        await _cli.RunAsync(0, "ls", "end:");
    }

    [Fact]
    public async Task With_a_certificate()
    {
        string key = NewKey();
        Configure("Host beyond", $"IdentityFile {key}", $"CertificateFile {_cli.In("certificate")}");
        Certify(key, "+1h");
        await RequireCopiesAsync(args => _cli.RunAsync(0, args));
    }

    [Fact]
    public async Task With_a_certificate_beside_the_key_that_an_option_names()
    {
        string key = NewKey();
        Configure("Host beyond");
        Certify(key, "+1h");
        File.Move(_cli.In("certificate"), key + "-cert.pub");
        await RequireCopiesAsync(args => _cli.RunAsync(0, [.. args, "--sftp-key-file", key]));
    }

    [Fact]
    public async Task A_certificate_that_has_expired_does_not_let_in()
    {
        string key = NewKey();
        Configure("Host beyond", $"IdentityFile {key}", $"CertificateFile {_cli.In("certificate")}");
        Certify(key, "20200101:20200102");
        Assert.Contains("Permission denied", await _cli.RunAsync(7, "ls", Beyond), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_an_agent_that_alone_has_the_key()
    {
        Configure("Host beyond", "IdentityFile none");
        using var agent = Process.Start("ssh-agent", ["-D", "-a", _cli.In("agent")]);
        try
        {
            SftpCommandLine.Run(
                0, "sh", "-c", "until [ -S \"$1\" ]; do :; done; SSH_AUTH_SOCK=$1 exec ssh-add -q \"$2\"", "-", _cli.In("agent"), SftpTestServer.Key);
            await RequireCopiesAsync(args => Task.Run(() => _cli.RunApart(0, [("SSH_AUTH_SOCK", _cli.In("agent"))], args)));
            Assert.Contains("Permission denied", _cli.RunApart(7, [("SSH_AUTH_SOCK", "")], "ls", Beyond), StringComparison.Ordinal);
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync();
        }
    }

    private string Beyond => $"sftp://beyond/~/{_cli.Remote}";

    /// <summary>The user's configuration: what a test says, and where the server is.</summary>
    private void Configure(params string[] lines) => File.WriteAllLines(_cli.Config,
    [
        .. lines,
        "Host *",
        "HostName 127.0.0.1",
        $"Port {SftpTestServer.Port}",
        $"User {SftpTestServer.User}",
        $"UserKnownHostsFile {SftpTestServer.KnownHosts}",
        "GlobalKnownHostsFile none",
        "StrictHostKeyChecking yes",
    ]);

    private string NewKey()
    {
        SftpCommandLine.Run(0, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _cli.In("key"));
        return _cli.In("key");
    }

    private void Certify(string key, string validity)
    {
        SftpCommandLine.Run(0, "ssh-keygen", "-q", "-s", SftpTestServer.Authority, "-I", "test", "-n", SftpTestServer.User, "-V", validity, key + ".pub");
        File.Move(key + "-cert.pub", _cli.In("certificate"));
    }

    private async Task RequireCopiesAsync(Func<string[], Task> run)
    {
        Directory.CreateDirectory(_cli.In("src"));
        await File.WriteAllTextAsync(_cli.In("src/file"), "content");
        await run(["copy", _cli.In("src"), Beyond]);
        await run(["copy", Beyond, _cli.In("back")]);
        SftpCommandLine.RequireSame(_cli.In("src"), _cli.In("back"));
    }
}
