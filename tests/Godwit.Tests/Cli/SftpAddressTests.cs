using System.Text;
using Godwit.Backends.Sftp;
using Godwit.Cli;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;

namespace Godwit.Tests.Cli;

/// <summary>Addresses of SFTP servers, and the ssh command.</summary>
public sealed class SftpAddressTests
{
    [Theory]
    [InlineData("sftp://host/a/b", null, "host", null, "/a/b")]
    [InlineData("sftp://host", null, "host", null, "")]
    [InlineData("sftp://host/", null, "host", null, "/")]
    [InlineData("sftp://host/~", null, "host", null, "")]
    [InlineData("sftp://host/~/a%20b", null, "host", null, "a b")]
    [InlineData("sftp://host/~me/a", null, "host", null, "/~me/a")]
    [InlineData("sftp://me@host:2222/a", "me", "host", 2222, "/a")]
    [InlineData("SFTP://me%40site@my_host.example/a", "me@site", "my_host.example", null, "/a")]
    [InlineData("sftp://[fe80::1]:22/a", null, "fe80::1", 22, "/a")]
    public void An_address_names_a_server_and_a_path(string text, string? user, string host, int? port, string path)
    {
        var address = Address.Parse("SRC", text);
        SftpServer server = Assert.IsType<SftpPlace>(address.Server).Server;
        Assert.Equal((user, host, port), (server.User, server.Host, server.Port));
        Assert.Equal(path, Encoding.UTF8.GetString(address.Path));
        Assert.Null(address.Bucket);
    }

    [Theory]
    [InlineData("sftp://")]
    [InlineData("sftp:///a")]
    [InlineData("sftp://-oProxyCommand=x/a")]
    [InlineData("sftp://-l@host/a")]
    [InlineData("sftp://%2doProxyCommand=x@host/a")]
    [InlineData("sftp://other.example.org%2fdata@host/a")]
    [InlineData("sftp://a%20b@host/a")]
    [InlineData("sftp://a%0ab@host/a")]
    [InlineData("sftp://host:port/a")]
    [InlineData("sftp://ho st/a")]
    [InlineData("sftp://host$(x)/a")]
    [InlineData("sftp://host/a%00")]
    public void What_no_server_can_be_called_is_refused(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => Address.Parse("SRC", text)).Code);

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("99999")]
    [InlineData("123456789012345678901")]
    public async Task A_port_is_from_1_to_65535(string port)
    {
        using var folder = new CommandLineFolder();
        Answer used = await folder.RunBareAsync(["ls", $"sftp://host:{port}/"]);
        Assert.Equal((2, $"godwit: URL has the port {port}, and ports are 1 to 65535. Correct it.\n"), (used.Code, used.Error));
        File.WriteAllText(folder.In("godwit.yaml"), $"endpoints:\n  box:\n    url: sftp://host:{port}/\n");
        Answer check = await folder.RunBareAsync(["config", "check", "--config", folder.In("godwit.yaml")]);
        Assert.Equal(2, check.Code);
        Assert.Contains($"line 3: url has the port {port}, and ports are 1 to 65535.", check.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh", "ssh")]
    [InlineData("  ssh   -F  file ", "ssh|-F|file")]
    [InlineData("ssh -F 'a b' -o \"X=it's\"", "ssh|-F|a b|-o|X=it's")]
    [InlineData("ssh '' $(x) ;", "ssh||$(x)|;")]
    public void A_command_is_split_into_words_and_nothing_is_replaced(string command, string words) =>
        Assert.Equal(words.Split('|'), CommandWords.Of(command));

    [Theory]
    [InlineData(" ")]
    [InlineData("ssh 'open")]
    public void A_command_without_words_or_with_an_open_quote_is_refused(string command) =>
        Assert.Throws<CommandException>(() => CommandWords.Of(command));
}
