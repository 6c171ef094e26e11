using Godwit.Tests.Cli.Pages;

namespace Godwit.ServerTests.Sftp;

/// <summary>Every command on a page about SFTP servers is run against one, and does what the page says.</summary>
public sealed class SftpPagesTests
{
    [Fact]
    public async Task A_page_does_what_it_says()
    {
        using var cli = new SftpCommandLine();
        string text = await File.ReadAllTextAsync(Path.Combine(PageRun.Tasks, "sftp-servers.md"));
        await PageRun.RequireAsync(text.Replace("sftp://archive/~", cli.Url(), StringComparison.Ordinal), ("GODWIT_SSH_COMMAND", $"ssh -F {cli.Config}"));
    }
}
