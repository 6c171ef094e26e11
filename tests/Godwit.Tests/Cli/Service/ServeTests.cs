using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Godwit.Tests.Cli.Service;

public sealed class ServeTests : IAsyncLifetime
{
    private ServiceTrial _service = null!;

    private CommandLineFolder Folder => _service.Folder;

    public Task InitializeAsync()
    {
        _service = ServiceTrial.Prepare();
        Folder.Put("a.dat", "one");
        Folder.Put("sub/b.dat", "two");
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task What_is_handed_over_is_carried_out_and_told()
    {
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, Folder.Destination, "--exclude", "b.*", "--no-overwrite");
        Answer status = await _service.AskAsync("status", id, "--wait");
        Assert.Equal(0, status.Code);
        Assert.Contains("1 of 1 files delivered", status.Error, StringComparison.Ordinal);
        Assert.Equal(["a.dat"], CommandLineFolder.Tree(Folder.Destination).Keys);
        Assert.Contains($"{id}  SUCCESS", (await _service.AskAsync("transfers")).Output, StringComparison.Ordinal);
        Assert.Contains("file.delivered path=a.dat", (await _service.AskAsync("logs", id)).Output, StringComparison.Ordinal);
        Assert.Contains("\"event\":\"file.delivered\"", (await _service.AskAsync("logs", id, "--json", "--follow")).Output, StringComparison.Ordinal);
        Assert.Empty((await _service.AskAsync("transfers", "--status", "ERROR")).Output);
        Assert.Equal(0, await _service.StopAsync());
        Assert.Contains("\"transfer.ended\",\"transfer\":\"" + id, _service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_goes_with_its_names_and_checksums()
    {
        await _service.StartAsync();
        await File.WriteAllTextAsync(Folder.In("list"), "a.dat\tx/renamed.dat\nsub/b.dat\twrong.dat\tmd5:00000000000000000000000000000000\n");
        Answer ended = await _service.AskAsync("submit", Folder.Source, Folder.Destination, "--files-from", Folder.In("list"), "--wait");
        Assert.Equal(6, ended.Code);
        Assert.Equal(["x/renamed.dat"], CommandLineFolder.Tree(Folder.Destination).Keys);
        Assert.Contains("PARTIAL", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_request_with_the_same_key_is_one_transfer()
    {
        await _service.StartAsync();
        string first = await _service.SubmitAsync(Folder.Source, Folder.Destination, "--key", "night1");
        Assert.Equal(first, await _service.SubmitAsync(Folder.Source, Folder.Destination, "--key", "night1"));
        Answer other = await _service.AskAsync("submit", Folder.Source, Folder.In("elsewhere"), "--key", "night1");
        Assert.Equal(1, other.Code);
    }
    [Fact]
    public async Task Tokens_are_made_listed_used_and_taken_back()
    {
        await _service.StartAsync();
        Answer made = await _service.AskAsync("token", "new", "alice", "--role", "operator", "--expires", "90d");
        Assert.Equal(0, made.Code);
        string token = Assert.Single(made.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await File.WriteAllTextAsync(Folder.In("token"), token);
        Assert.Contains("  alice  operator  until ", (await _service.AskAsync("token", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _service.AskAsync("transfers", "--token-file", Folder.In("token"))).Code);
        Assert.Contains("may not", (await _service.AskAsync("token", "list", "--token-file", Folder.In("token"))).Error, StringComparison.Ordinal);
        Assert.Contains("taken back", (await _service.AskAsync("token", "revoke", token[4..16])).Output, StringComparison.Ordinal);
        Assert.Equal(7, (await _service.AskAsync("transfers", "--token-file", Folder.In("token"))).Code);
        Assert.Equal(3, (await _service.AskAsync("audit")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(2, (await _service.AskAsync("token", "revoke", "../x")).Code);
        Assert.Equal(2, (await _service.AskAsync("token", "new", "bob", "--role", "root")).Code);
    }

    [Fact]
    public async Task What_failed_is_tried_again_and_then_arrives()
    {
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.In("later"), Folder.Destination);
        Answer failed = await _service.AskAsync("status", id, "--wait");
        Assert.Equal(7, failed.Code);
        Assert.Contains("godwit retry " + id, failed.Error, StringComparison.Ordinal);
        Directory.CreateDirectory(Folder.In("later"));
        await File.WriteAllTextAsync(Folder.In("later/file"), "there now");
        Assert.Equal(0, (await _service.AskAsync("retry", id)).Code);
        Assert.Equal(0, (await _service.AskAsync("status", id, "--wait")).Code);
        Assert.Equal(["file"], CommandLineFolder.Tree(Folder.Destination).Keys);
        Answer again = await _service.AskAsync("retry", id, "nothing");
        Assert.NotEqual(0, again.Code);
        Assert.Contains("SUCCESS", again.Error, StringComparison.Ordinal);
        Assert.Contains("nothing", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_paused_waits_and_what_is_cancelled_ends()
    {
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, Folder.Destination, "--bandwidth", "1024");
        Directory.CreateDirectory(Folder.In("large"));
        await File.WriteAllTextAsync(Folder.In("large/file"), new string('x', 1_000_000));
        string slow = await _service.SubmitAsync(Folder.In("large"), Folder.In("slow"), "--bandwidth", "1024", "--priority", "5");
        await _service.UntilAsync(slow, "TRANSFERRING");
        while (!(await _service.AskAsync("status", slow)).Output.Contains("0 of 1 files delivered", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        Assert.Contains("PAUSED", (await _service.AskAsync("pause", slow, "--message", "the \"tape\" is full")).Output, StringComparison.Ordinal);
        Assert.Contains("the \"tape\" is full", (await _service.AskAsync("status", slow)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _service.AskAsync("resume", slow)).Code);
        Assert.Equal(0, (await _service.AskAsync("cancel", slow)).Code);
        Assert.Equal(130, (await _service.AskAsync("status", slow, "--wait")).Code);
        await _service.UntilAsync(id, "SUCCESS");
        Assert.Empty(CommandLineFolder.Tree(Folder.In("slow")));
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_token_and_it_is_shown_once()
    {
        await _service.StartAsync();
        Assert.Contains((await File.ReadAllTextAsync(Folder.In("data/admin.token"))).Trim(), _service.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Folder.In("wrong"), "gwt_aaaaaaaaaaaa_" + new string('A', 43));
        Answer refused = await _service.AskAsync("transfers", "--token-file", Folder.In("wrong"));
        Assert.Equal(7, refused.Code);
        await _service.StopAsync();
        Assert.DoesNotContain("gwt_", _service.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:0", "without TLS")]
    [InlineData("nonsense", "--listen")]
    public async Task Where_it_may_not_listen_it_does_not(string listen, string says)
    {
        Answer refused = await Folder.RunBareAsync(["serve", "--data", Folder.In("data"), "--listen", listen]);
        Assert.Equal(2, refused.Code);
        Assert.Contains(says, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_one_on_the_same_directory_or_port_is_refused()
    {
        await _service.StartAsync();
        Answer same = await Folder.RunBareAsync(["serve", "--data", Folder.In("data"), "--listen", "127.0.0.1:0"]);
        Assert.Equal(7, same.Code);
        Assert.Contains("Another service has", same.Error, StringComparison.Ordinal);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        Answer port = await Folder.RunBareAsync(["serve", "--data", Folder.In("other"), "--listen", $"{taken.LocalEndpoint}"]);
        Assert.Equal(7, port.Code);
        Assert.Contains("cannot be listened at", port.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_hears_that_it_listens_lives_and_stops()
    {
        string name = "\0godwit-serve-" + Guid.NewGuid().ToString("N");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(name));
        _service.Variables["NOTIFY_SOCKET"] = "@" + name[1..];
        _service.Variables["WATCHDOG_USEC"] = "50000";
        await _service.StartAsync();
        string told = "";
        byte[] datagram = new byte[1000];
        while (!told.Contains("READY=1", StringComparison.Ordinal) || !told.Contains("WATCHDOG=1", StringComparison.Ordinal))
        {
            told += Encoding.UTF8.GetString(datagram, 0, await socket.ReceiveAsync(datagram));
        }

        await _service.StopAsync();
        while (!told.Contains("STOPPING=1", StringComparison.Ordinal))
        {
            told += Encoding.UTF8.GetString(datagram, 0, await socket.ReceiveAsync(datagram));
        }
    }

    [Theory]
    [InlineData("status")]
    [InlineData("logs")]
    [InlineData("cancel")]
    public async Task An_id_that_is_none_is_refused(string command)
    {
        await _service.StartAsync();
        Assert.Equal(2, (await _service.AskAsync(command, "")).Code);
        Assert.Equal(2, (await _service.AskAsync(command, "../version")).Code);
    }

    [Fact]
    public async Task Waiting_goes_on_when_the_service_comes_back()
    {
        await _service.StartAsync();
        Directory.CreateDirectory(Folder.In("large"));
        await File.WriteAllTextAsync(Folder.In("large/file"), new string('x', 6000));
        string id = await _service.SubmitAsync(Folder.In("large"), Folder.In("slow"), "--bandwidth", "2048");
        await _service.UntilAsync(id, "TRANSFERRING");
        Task<Answer> waiting = _service.AskAsync("status", id, "--wait");
        await _service.RestartAsync();
        Answer ended = await waiting;
        Assert.True(ended.Code == 0, ended.Error);
        Assert.Equal(["file"], CommandLineFolder.Tree(Folder.In("slow")).Keys);
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_remedy()
    {
        Answer none = await Folder.RunBareAsync(["transfers", "--server", "http://127.0.0.1:1", "--token-file", "/dev/null"]);
        Assert.Equal(7, none.Code);
        Assert.Contains("godwit serve", none.Error, StringComparison.Ordinal);
        Answer token = await Folder.RunBareAsync(["transfers"]);
        Assert.NotEqual(0, token.Code);
    }

    [Fact]
    public async Task The_unit_is_one_that_systemd_takes()
    {
        string unit = Path.Combine(Pages.PageRun.Repository(), "packaging", "godwit.service");
        string text = (await File.ReadAllTextAsync(unit)).Replace("/usr/local/bin/godwit", "/bin/true", StringComparison.Ordinal).Replace("man:godwit(1)", "https://example.org", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Folder.In("godwit.service"), text);
        using var verify = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("systemd-analyze", ["verify", Folder.In("godwit.service")]) { RedirectStandardError = true })!;
        string error = await verify.StandardError.ReadToEndAsync();
        await verify.WaitForExitAsync();
        Assert.Equal("", error);
        Assert.Equal(0, verify.ExitCode);
    }
}
