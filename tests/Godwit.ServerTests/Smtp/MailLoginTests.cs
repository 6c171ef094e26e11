using Godwit.Cli;
using Godwit.Drill.Service;
using Godwit.Tests.Cli;

namespace Godwit.ServerTests.Smtp;

/// <summary>Notices by a mail server that wants STARTTLS and a password, and by one that has no STARTTLS.</summary>
public sealed class MailLoginTests : IAsyncLifetime, IDisposable
{
    private readonly CommandLineFolder _folder = new();
    private readonly string _name = $"t{Guid.NewGuid():N}";
    private ServiceProcess? _service;

    public Task InitializeAsync()
    {
        _folder.Put("a.dat", "one");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await (_service?.DisposeAsync() ?? ValueTask.CompletedTask);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_the_right_password_it_is_delivered_over_TLS()
    {
        string server = Mail.Setting("GODWIT_TEST_SMTP_TLS");
        string id = await EndAsync(server, "godwit-test-password", trusts: true);
        Mail mail = await Mail.ArrivedAsync(_name, id);
        Assert.StartsWith("[godwit] SUCCESS ", mail["Subject"], StringComparison.Ordinal);
        Assert.Matches("^EHLO [^\r]*\r\nSTARTTLS\r\n(?s:.*)AUTH ", await ReceivedAsync("tls"));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_given_up_with_the_remedy()
    {
        int before = (await ReceivedAsync("tls")).Length;
        string id = await EndAsync(Mail.Setting("GODWIT_TEST_SMTP_TLS"), "not-the-password", trusts: true);
        string dead = await ListedAsync("dead", id);
        Assert.Contains("smtp-user", dead, StringComparison.Ordinal);
        Assert.Contains("smtp-password-file", dead, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", dead + _service!.Said, StringComparison.Ordinal);
        string received = (await ReceivedAsync("tls"))[before..];
        Assert.Contains("AUTH ", received, StringComparison.Ordinal);
        Assert.DoesNotMatch("DATA|RCPT TO", received);
    }

    [Fact]
    public async Task A_server_without_STARTTLS_gets_neither_password_nor_mail()
    {
        string id = await EndAsync(Mail.Setting("GODWIT_TEST_SMTP_CLEAR"), "godwit-test-password", trusts: true);
        string listed = await ListedAsync("waiting", id);
        Assert.Contains("smtp-tls", listed, StringComparison.Ordinal);
        Assert.All((await ReceivedAsync("clear")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(EHLO .*|QUIT)$", line));
    }

    [Fact]
    public async Task A_server_of_an_unknown_authority_gets_neither_password_nor_mail()
    {
        int before = (await ReceivedAsync("tls")).Length;
        string id = await EndAsync(Mail.Setting("GODWIT_TEST_SMTP_TLS"), "godwit-test-password", trusts: false);
        string listed = await ListedAsync("waiting", id);
        Assert.Contains("SSL_CERT_FILE", listed, StringComparison.Ordinal);
        Assert.DoesNotMatch("AUTH|MAIL FROM|DATA", (await ReceivedAsync("tls"))[before..]);
    }

    /// <summary>A transfer of a service that hands its mail to a server, and has ended.</summary>
    private async Task<string> EndAsync(string server, string password, bool trusts)
    {
        string file = _folder.In("password");
        await File.WriteAllTextAsync(file, password + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await File.WriteAllTextAsync(_folder.In("godwit.yaml"), $"""
            notices:
              - mail: {_name}@example.org
            server:
              smtp: {server}
              smtp-from: godwit@example.org
              smtp-tls: yes
              smtp-user: godwit
              smtp-password-file: {file}

            """);
        var variables = new Dictionary<string, string?> { ["SSL_CERT_FILE"] = trusts ? Mail.Setting("GODWIT_TEST_SMTP_AUTHORITY") : null };
        _service = ServiceProcess.StartWith(_folder.In("data"), variables, "--config", _folder.In("godwit.yaml"));
        Uri? address = await _service.Address;
        Assert.True(address is not null, _service.Said);
        _folder.Wiring = new Wiring
        {
            Environment = name => name switch
            {
                "GODWIT_SERVER" => address.GetLeftPart(UriPartial.Authority),
                "GODWIT_TOKEN" => File.ReadAllText(_folder.In("data/admin.token")),
                _ => null,
            },
        };
        Answer answer = await _folder.RunBareAsync(["submit", _folder.Source, _folder.Destination, "--wait"]);
        Assert.True(answer.Code == 0, answer.Error);
        return answer.Output.Split('\n')[0].Trim();
    }

    /// <summary>What operators are told of the notice of a transfer, when it has come that far.</summary>
    private async Task<string> ListedAsync(string status, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            string lines = (await _folder.RunBareAsync(["notices", "list", "--status", status])).Output;
            if (lines.Contains(id, StringComparison.Ordinal) && lines.Contains("The mail server", StringComparison.Ordinal))
            {
                return lines;
            }

            Assert.False(patience.IsCancellationRequested, (await _folder.RunBareAsync(["notices", "list"])).Output + _service!.Said);
            await Task.Yield();
        }
    }

    private static async Task<string> ReceivedAsync(string name)
    {
        string file = Path.Combine(Mail.Setting("GODWIT_TEST_SMTP_RECEIVED"), name);
        return File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
    }
}
