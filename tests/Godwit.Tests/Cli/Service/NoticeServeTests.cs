using Godwit.Tests.Server.Notices;

namespace Godwit.Tests.Cli.Service;

public sealed class NoticeServeTests : IAsyncLifetime
{
    private ServiceTrial _service = null!;
    private WebhookReceiver _receiver = null!;

    private CommandLineFolder Folder => _service.Folder;

    public async Task InitializeAsync()
    {
        _service = ServiceTrial.Prepare();
        _receiver = await WebhookReceiver.StartAsync();
        Folder.Put("a.dat", "one");
        _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
        await File.WriteAllTextAsync(Folder.In("hook.secret"), "a line that both know\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Folder.In("hook.secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Notices_are_told_listed_and_tried_again()
    {
        Configure("/hook?key=hush");
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        Delivery came = await _receiver.NextAsync();
        Assert.Equal((id, "SUCCESS", 1), (came.Transfer, came.State, came.Json.GetProperty("transfer").GetProperty("totals").GetProperty("delivered").GetInt32()));
        string line = await UntilListedAsync("delivered", came.Id);
        Assert.StartsWith($"{came.Id}  delivered  {_receiver.Address}/hook  {id} SUCCESS ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", line + _service.Log, StringComparison.Ordinal);
        Assert.Equal(1, (await _service.AskAsync("notices", "retry", came.Id)).Code);
        Assert.Equal(4, (await _service.AskAsync("notices", "retry", "none")).Code);
        Assert.Equal(2, (await _service.AskAsync("notices", "retry", "../x")).Code);

        _receiver.Say(410);
        string second = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        came = await _receiver.NextAsync();
        line = await UntilListedAsync("dead", came.Id);
        Assert.Contains($"{second} SUCCESS", line, StringComparison.Ordinal);
        Assert.EndsWith("(1 try)  It answers 410.", line, StringComparison.Ordinal);
        _receiver.Say(200);
        Assert.Contains("waiting", (await _service.AskAsync("notices", "retry", came.Id)).Output, StringComparison.Ordinal);
        Assert.Equal(came.Id, (await _receiver.NextAsync()).Id);
        await UntilListedAsync("delivered", came.Id);
        Assert.Contains($"retry_notice  admin", (await _service.AskAsync("audit")).Output, StringComparison.Ordinal);
        Assert.Equal(0, await _service.StopAsync());
    }

    [Fact]
    public async Task A_hangup_counts_for_what_ends_from_then_on()
    {
        await File.WriteAllTextAsync(Folder.In("godwit.yaml"), "notices: []\n");
        await _service.StartAsync();
        string before = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        await _service.UntilAsync(before, "SUCCESS");
        Configure("/after");
        _service.Hangup();
        string after;
        do
        {
            // The new rules count a moment after they were read.
            after = await _service.SubmitAsync(Folder.Source, Folder.Destination);
            await _service.UntilAsync(after, "SUCCESS");
        }
        while (_receiver.All.IsEmpty);

        Assert.DoesNotContain(_receiver.All, came => came.Transfer == before);
        await File.WriteAllTextAsync(Folder.In("hook.secret"), "");
        _service.Hangup();
        Assert.Contains("it is empty. What was in force before stays in force.", _service.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notices:\n  - webhook: https://h.example.org/\n    secret: { file: none }\n", "line 3: the secret of")]
    [InlineData("notices:\n  - webhook: https://h.example.org/\n    secret: { command: [echo, fifteen-letters] }\n", "fewer than 16 characters")]
    [InlineData("notices:\n  - webhook: https://h.example.org/\n    secret: { command: [echo, whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=] }\n", "fewer than 24 bytes")]
    [InlineData("notices:\n  - mail: [a@example.org]\n", "mail is to be sent, and no mail server is named: write smtp and smtp-from below server:")]
    [InlineData("server:\n  smtp: localhost:25\n", "smtp is said and smtp-from is not")]
    [InlineData("server:\n  smtp: mail.example.org\n  smtp-from: a@example.org\n  smtp-user: me\n", "smtp-password-file is not said")]
    [InlineData("server:\n  smtp: mail.example.org\n  smtp-from: a@example.org\n  smtp-tls: no\n  smtp-user: me\n  smtp-password-file: pw\n", "for everybody on the way to read")]
    public async Task What_cannot_be_told_is_said_at_the_start(string yaml, string says)
    {
        await File.WriteAllTextAsync(Folder.In("godwit.yaml"), yaml);
        Answer answer = await Folder.RunBareAsync(["serve", "--data", Folder.In("other"), "--listen", "127.0.0.1:0", "--config", Folder.In("godwit.yaml")]);
        Assert.Equal(2, answer.Code);
        Assert.Contains(says, answer.Error.Replace(":3:", ", line 3:", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder.In("other")));
    }

    private void Configure(string path) => File.WriteAllText(Folder.In("godwit.yaml"), $$"""
        notices:
          - webhook: {{_receiver.At(path)}}
            secret: { file: hook.secret }

        """);

    private async Task<string> UntilListedAsync(string status, string id)
    {
        while (true)
        {
            Answer listed = await _service.AskAsync("notices", "list", "--status", status);
            Assert.Equal(0, listed.Code);
            if (listed.Output.Split('\n').FirstOrDefault(line => line.StartsWith(id, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }
        }
    }
}
