using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>Commands with an SFTP server on either side: other programs read what Godwit wrote, a kill costs nothing, errors say what to do.</summary>
public sealed class SftpCommandTests : IDisposable
{
    private readonly SftpCommandLine _cli = new();

    public static TheoryData<string> Programs { get; } = ["sftp", "scp", "rsync", "rclone"];

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task What_Godwit_sends_is_on_the_servers_disk_and_comes_back_the_same()
    {
        await MakeTreeAsync(isForRclone: false);
        await _cli.RunAsync(0, "copy", _cli.In("src"), _cli.Url("a b"), "--links", "keep");
        SftpCommandLine.RequireSame(_cli.In("src"), Path.Combine(_cli.OnDisk, "a b"));
        await _cli.RunAsync(0, "check", _cli.In("src"), _cli.Url("a%20b"), "--quiet");
        await _cli.RunAsync(9, "copy", _cli.In("src"), _cli.Url("a b"), "--links", "keep", "--error-on-no-transfer");
        await _cli.RunAsync(0, "copy", _cli.Url("a b"), _cli.In("back"), "--links", "keep");
        SftpCommandLine.RequireSame(_cli.In("src"), _cli.In("back"));
        await _cli.RunAsync(9, "copy", _cli.Url("a b"), _cli.In("back"), "--links", "keep", "--error-on-no-transfer");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Another_program_reads_what_Godwit_wrote_and_the_reverse(string program)
    {
        await MakeTreeAsync(isForRclone: program == "rclone");
        await _cli.RunAsync(0, "copy", _cli.In("src"), _cli.Url("ours"));
        Directory.CreateDirectory(_cli.In("theirs"));
        Fetch(program, "ours", _cli.In("theirs"));
        SftpCommandLine.RequireSame(_cli.In("src"), _cli.In("theirs"));

        Send(program, _cli.In("src"), "sent");
        await _cli.RunAsync(0, "copy", _cli.Url("sent"), _cli.In("back"));
        SftpCommandLine.RequireSame(_cli.In("src"), _cli.In("back"));
    }

    /// <summary>The server shows its files from a root of its own: no path says that the one directory lies in the other.</summary>
    [Fact]
    public async Task A_sync_never_deletes_a_source_that_lies_inside_the_destination_of_a_chroot()
    {
        string name = SftpTestServer.Fresh();
        string data = Path.Combine(SftpTestServer.Chroot, "data", name);
        SftpCommandLine.Run(0, "install", "-d", "-m", "777", data, Path.Combine(data, "raw"));
        await File.WriteAllTextAsync(Path.Combine(data, "raw", "p"), "precious");
        await File.WriteAllTextAsync(Path.Combine(data, "p"), "old");
        string[] ways = [Path.Combine(data, "raw"), $"sftp://chroot/data/{name}", data, $"sftp://chroot/data/{name}/raw"];
        foreach (string[] ends in ways.Chunk(2))
        {
            string said = await _cli.RunAsync(7, ["sync", .. ends, "--no-overwrite"]);
            Assert.Contains("lies inside", said, StringComparison.Ordinal);
            Assert.Equal("precious", await File.ReadAllTextAsync(Path.Combine(data, "raw", "p")));
            Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(data, "p")));
        }

        SftpCommandLine.Run(0, "rm", "-rf", data);
    }

    [Theory]
    [InlineData("Destination.BeginParts.After@3")]
    [InlineData("Destination.WritePart.Before@4")]
    [InlineData("Destination.WritePart.After@4")]
    [InlineData("Destination.SyncUploads.After@1")]
    [InlineData("Destination.GetUnpublishedChecksum.After@2")]
    [InlineData("Destination.CompleteParts.Before@2")]
    [InlineData("Destination.CompleteParts.After@2")]
    [InlineData("Destination.SyncPublished.After@1")]
    public async Task Into_a_server_a_copy_survives_a_kill(string step) => await RequireSurvivesAsync(step, into: true);

    [Theory]
    [InlineData("Source.List.After@1")]
    [InlineData("Source.OpenRange.After@3")]
    [InlineData("Destination.WritePart.After@4")]
    [InlineData("Destination.CompleteParts.After@2")]
    public async Task Out_of_a_server_a_copy_survives_a_kill(string step) => await RequireSurvivesAsync(step, into: false);

    [Theory]
    [InlineData("shell", "auto", "stored")]
    [InlineData("shell", "off", "read-back")]
    [InlineData("chroot", "auto", "read-back")]
    public async Task What_was_written_is_proved_by_the_server_where_it_has_a_shell(string account, string checksums, string verdict)
    {
        await MakeTreeAsync(isForRclone: false);
        string there = account == "chroot" ? $"sftp://chroot/data/{_cli.Remote}" : _cli.Url();
        string[] options = ["--json", "--sftp-checksums", checksums];
        string said = await _cli.RunAsync(0, ["copy", _cli.In("src"), there, .. options]);
        Assert.Equal(16, Count(said, $"\"verdict\":\"{verdict}\""));
        said = await _cli.RunAsync(0, ["copy", there, _cli.In("back"), .. options]);
        Assert.Equal(verdict == "stored" ? 16 : 0, Count(said, "\"source_proof\":\"stored\""));
        SftpCommandLine.RequireSame(_cli.In("src"), _cli.In("back"));
        if (account == "chroot")
        {
            SftpCommandLine.Run(0, "rm", "-rf", Path.Combine(SftpTestServer.Chroot, "data", _cli.Remote));
        }
    }

    [Fact]
    public async Task Reading_back_is_what_it_says_also_where_the_server_would_tell()
    {
        await MakeTreeAsync(isForRclone: false);
        string said = await _cli.RunAsync(0, "copy", _cli.In("src"), _cli.Url(), "--json", "--verify", "readback");
        Assert.Equal(16, Count(said, "\"verdict\":\"read-back\""));
    }

    [Fact]
    public async Task A_comparison_does_not_fetch_what_the_server_can_sum_up()
    {
        await MakeTreeAsync(isForRclone: false);
        await _cli.RunAsync(0, "copy", _cli.In("src"), _cli.Url());
        await _cli.RunAsync(0, "check", _cli.In("src"), _cli.Url(), "--quiet", "--compare", "checksum");
        await _cli.RunAsync(0, "check", _cli.Url(), _cli.In("src"), "--quiet", "--compare", "checksum");
        SftpCommandLine.Run(0, "sh", "-c", "echo -n other >\"$1\" && touch -r \"$2\" \"$1\"", "-", Path.Combine(_cli.OnDisk, "plain"), _cli.In("src/plain"));
        Assert.Contains("checksums differ", await _cli.RunAsync(1, "check", _cli.In("src"), _cli.Url(), "--compare", "checksum"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Small_commands_reach_a_server()
    {
        await MakeTreeAsync(isForRclone: false);
        await _cli.RunAsync(0, "mkdir", _cli.Url("d/e"));
        await _cli.RunAsync(0, "copy", _cli.In("src/plain"), _cli.Url("d/e/"));
        Assert.Equal("plain", await _cli.RunAsync(0, "cat", _cli.Url("d/e/plain")));
        Assert.Contains("plain", await _cli.RunAsync(0, "ls", _cli.Url("d/e")), StringComparison.Ordinal);
        await _cli.RunAsync(0, "stat", _cli.Url("d/e/plain"));
        await _cli.RunAsync(0, "sync", _cli.In("src/d"), _cli.Url("d/e"), "--max-delete", "100%");
        Assert.DoesNotContain("plain", await _cli.RunAsync(0, "ls", _cli.Url("d/e")), StringComparison.Ordinal);
        await _cli.RunAsync(0, "rm", "-r", _cli.Url("d"));
        await _cli.RunAsync(3, "ls", _cli.Url("d/"));
        await _cli.RunAsync(4, "copy", _cli.Url("none"), _cli.In("x"));
        await _cli.RunAsync(3, "copy", _cli.Url("none/"), _cli.In("x"));
    }

    [Fact]
    public async Task An_endpoint_has_its_server_its_key_and_its_password()
    {
        Directory.CreateDirectory(_cli.In(".config/godwit"));
        await File.WriteAllTextAsync(_cli.In("secret"), SftpTestServer.Password + "\n");
        SftpCommandLine.Run(0, "chmod", "400", _cli.In("secret"));
        await File.WriteAllTextAsync(_cli.In(".config/godwit/godwit.yaml"), $$"""
            endpoints:
              bykey:
                url: sftp://{{SftpTestServer.User}}@127.0.0.1:{{SftpTestServer.Port}}/~/{{_cli.Remote}}
                options: { ssh-command: ssh -F none, key-file: "{{SftpTestServer.Key}}", known-hosts: "{{SftpTestServer.KnownHosts}}", connections: 2 }
              byword:
                url: sftp://password/~/{{_cli.Remote}}
                credentials: { password: { file: "{{_cli.In("secret")}}" } }
            """);
        await MakeTreeAsync(isForRclone: false);
        await _cli.RunAsync(0, "copy", _cli.In("src"), "byword:x");
        await _cli.RunAsync(0, "config", "show", "bykey");
        await _cli.RunAsync(0, "check", _cli.In("src"), "byword:x", "--quiet");
        await _cli.RunAsync(0, "check", _cli.In("src"), "bykey:x", "--quiet", "--sftp-ssh-command", "ssh -F none");
    }

    [Fact]
    public async Task An_unknown_host_ends_with_fatal_and_the_command_that_adds_it()
    {
        string said = await _cli.RunAsync(7, "ls", $"sftp://127.0.0.1:{SftpTestServer.Port}/x", "--sftp-known-hosts", "/dev/null");
        Assert.Contains("ssh-keyscan", said, StringComparison.Ordinal);
    }

    private static int Count(string said, string what) => said.Split(what).Length - 1;

    private async Task RequireSurvivesAsync(string step, bool into)
    {
        await MakeTreeAsync(isForRclone: false);
        if (!into)
        {
            await _cli.RunAsync(0, "copy", _cli.In("src"), _cli.Url("from"));
        }

        (string from, string to) = into ? (_cli.In("src"), _cli.Url("to")) : (_cli.Url("from"), _cli.In("to"));
        string[] copy = ["copy", from, to, "--part-size", "1MiB", "--parts", "2", "--transfers", "2"];
        Assert.True(_cli.RunAndKill(step, copy), $"{step} was not met");
        for (int i = 0; _cli.SshProcesses() > 0; i++)
        {
            Assert.True(i < 100, "an ssh process was left behind");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await _cli.RunAsync(0, copy);
        SftpCommandLine.RequireSame(_cli.In("src"), into ? Path.Combine(_cli.OnDisk, "to") : _cli.In("to"));
        await _cli.RunAsync(9, [.. copy, "--error-on-no-transfer"]);
    }

    private void Fetch(string program, string remote, string to) => Transfer(program, $"{_cli.Remote}/{remote}", to, isFetch: true);

    private void Send(string program, string from, string remote)
    {
        SftpCommandLine.Run(0, "ssh", "-F", _cli.Config, "shell", $"mkdir -p {_cli.Remote}");
        Transfer(program, from, $"{_cli.Remote}/{remote}", isFetch: false);
    }

    private void Transfer(string program, string from, string to, bool isFetch)
    {
        switch (program)
        {
            case "sftp":
                File.WriteAllText(_cli.In("batch"), isFetch ? $"get -r {from} {to}.d\n" : $"put -r {from} {to}\n");
                SftpCommandLine.Run(0, "sftp", "-q", "-F", _cli.Config, "-b", _cli.In("batch"), "shell");
                break;
            case "scp":
                SftpCommandLine.Run(0, "scp", "-q", "-r", "-F", _cli.Config, isFetch ? $"shell:{from}" : from, isFetch ? $"{to}.d" : $"shell:{to}");
                break;
            case "rsync":
                SftpCommandLine.Run(0, "rsync", "-a", "-e", $"ssh -F {_cli.Config}", isFetch ? $"shell:{from}/" : $"{from}/", isFetch ? $"{to}/" : $"shell:{to}/");
                break;
            default:
                string remote = $":sftp,host=127.0.0.1,port={SftpTestServer.Port},user={SftpTestServer.User},key_file={SftpTestServer.Key}:";
                SftpCommandLine.Run(0, "rclone", "--config", "/dev/null", "copy", isFetch ? remote + from : from, isFetch ? to : remote + to);
                break;
        }

        if (isFetch && program is "sftp" or "scp")
        {
            Directory.Delete(to);
            Directory.Move($"{to}.d", to);
        }
    }

    /// <summary>Names that a shell, a protocol or a pattern may get wrong, large files among them.</summary>
    private async Task MakeTreeAsync(bool isForRclone)
    {
        await using var store = LocalStore.In(_cli.In("src"), new LocalOptions { CreateRoot = true });
        byte[][] names =
        [
            "plain"u8.ToArray(), "d/e/deep"u8.ToArray(), "d/two words"u8.ToArray(), "-rf"u8.ToArray(), "$(reboot)"u8.ToArray(),
            "star*[a]{b}?"u8.ToArray(), "quotes'\"`"u8.ToArray(), "back\\slash"u8.ToArray(), "%41%2F"u8.ToArray(), " outer "u8.ToArray(), "~"u8.ToArray(),
            "Größe"u8.ToArray(), .. isForRclone ? Array.Empty<byte[]>() : ["new\nline"u8.ToArray(), [(byte)'x', 0xff, 0xfe]],
        ];
        foreach (byte[] name in names)
        {
            await PutAsync(store, StorePath.FromBytes(name), name);
        }

        var large = new byte[5 << 20];
        new Random(1).NextBytes(large);
        await PutAsync(store, StorePath.FromText("d/large"), large);
        await PutAsync(store, StorePath.FromText("large"), large[..((3 << 20) + 1)]);
    }

    private static async Task PutAsync(LocalStore store, StorePath path, byte[] content) => await store.WriteAsync(
        path, WriteSource.From(content), new WriteOptions { Metadata = new WriteMetadata { Modified = new Timestamp(1_600_000_000_123_456_789) } }, default);
}
