using Godwit.Tests.Cli;
using Godwit.Tests.Cli.Service;

namespace Godwit.ServerTests.Smtp;

/// <summary>Notices of <c>godwit serve</c> as mail, through a real mail server.</summary>
public sealed class MailNoticeTests : IAsyncLifetime
{
    private readonly ServiceTrial _service = ServiceTrial.Prepare();
    private readonly string _name = $"t{Guid.NewGuid():N}";

    private static string Server => Mail.Setting("GODWIT_TEST_SMTP");

    private CommandLineFolder Folder => _service.Folder;

    public Task InitializeAsync()
    {
        Folder.Put("a.dat", "one");
        _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task Success_and_failure_are_mailed()
    {
        Configure($"{_name}@example.org");
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, Folder.In("dst ä"));
        Mail mail = await Mail.ArrivedAsync(_name, id);
        Assert.Equal(("godwit@example.org", $"{_name}@example.org", "auto-generated"), (mail["From"], mail["To"], mail["Auto-Submitted"]));
        Assert.Equal($"[godwit] SUCCESS {Folder.Source} -> {Folder.In("dst ä")}", mail["Subject"]);
        Assert.Matches("^<[0-9a-z]{26}@example.org>$", mail["Message-ID"]);
        Assert.Equal(["Everything arrived.", "1 of 1 files delivered (3 of 3 bytes)."], mail.Body.Split('\n')[..2]);

        string failed = await _service.SubmitAsync(Folder.In("none/"), Folder.Destination);
        mail = await Mail.ArrivedAsync(_name, failed);
        Assert.StartsWith("[godwit] ERROR ", mail["Subject"], StringComparison.Ordinal);
        Assert.Contains($"What failed: godwit logs {failed}. Again, for what did not arrive: godwit retry {failed}.", mail.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_with_line_ends_makes_no_header_and_no_other_mail()
    {
        Configure($"{_name}@example.org");
        string odd = Folder.In("dst\r\nBcc: eve@example.org\r\n\r\n.\r\nMAIL FROM:<eve@example.org>");
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, odd);
        Mail mail = await Mail.ArrivedAsync(_name, id);
        Assert.False(mail.Has("Bcc"));
        Assert.Equal($"[godwit] SUCCESS {Folder.Source} -> {odd.Replace("\r\n", "??", StringComparison.Ordinal)}"[..60], mail["Subject"][..60]);
        Assert.Contains("Owner:    admin\n", mail.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_refuses_is_known_to_operators()
    {
        Configure($"later@{_name}.org");
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        string line;
        do
        {
            line = (await _service.AskAsync("notices", "list", "--status", "waiting")).Output;
        }
        while (!line.Contains("try again later", StringComparison.Ordinal));

        Assert.Contains($"  mailto:later@{_name}.org  {id} SUCCESS ", line, StringComparison.Ordinal);
    }

    private void Configure(string to) => File.WriteAllText(Folder.In("godwit.yaml"), $"""
        notices:
          - mail: {to}
            on: [success, failure]
        server:
          smtp: {Server}
          smtp-from: godwit@example.org

        """);
}
