using Godwit.Storage;
using Godwit.Tests.Cli.Pages;

namespace Godwit.ServerTests.Gfal;

/// <summary>Every command on the page about servers of the grid is run against some, and does what the page says.</summary>
public sealed class GridPagesTests
{
    private static readonly (string OnPage, string Server)[] s_servers =
        [("gsiftp://gridftp.example.org", "gridftp"), ("gsiftp://mirror.example.org", "gridftp-b"), ("root://xrootd.example.org/", "xrootd")];

    [Fact]
    public async Task A_page_does_what_it_says()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(PageRun.Tasks, "grid-servers.md"));
        foreach ((string onPage, string server) in s_servers)
        {
            StorePath fresh = GridServer.Home(server).Join(StorePath.FromText(GridServer.Fresh()));
            string slashes = server == "xrootd" ? "//" : "/";
            text = text.Replace($"{onPage}/data", $"{GridServer.Server(server)}{slashes}{fresh}", StringComparison.Ordinal);
        }

        await PageRun.RequireAsync(
            text, ("X509_USER_PROXY", GridServer.Setting("X509_ALICE")), ("X509_CERT_DIR", GridServer.Setting("X509_CERT_DIR")));
    }
}
