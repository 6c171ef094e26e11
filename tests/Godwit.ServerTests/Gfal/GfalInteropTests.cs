using System.Security.Cryptography;
using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.ServerTests.Gfal;

/// <summary>Godwit and the tools of the grid on one server: each reads what the other wrote, bit for bit and by the same names.</summary>
public sealed class GfalInteropTests : IDisposable
{
    /// <summary>Names that an address may get wrong.</summary>
    private static readonly string[] s_names = ["plain", "d e/two words", "d e/deeper/100% # ü", "%41", "日本語", "empty", "large"];

    private readonly GridCommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("gridftp", "globus-url-copy")]
    [InlineData("gridftp", "gfal-copy")]
    [InlineData("xrootd", "xrdcp")]
    [InlineData("xrootd", "gfal-copy")]
    public async Task What_another_tool_wrote_Godwit_reads_and_what_Godwit_wrote_that_tool_reads(string server, string tool)
    {
        await MakeTreeAsync();
        string theirs = _cli.Url(server, "theirs"), own = _cli.Url(server, "own");
        await (tool switch
        {
            "globus-url-copy" => GlobusUrlCopyAsync($"file://{_cli.In("src")}/", theirs + "/"),
            "xrdcp" => XrdcpAsync(_cli.In("src"), theirs),
            _ => GfalCopyUpAsync(theirs),
        });
        string names = tool == "xrdcp" ? theirs + "/src" : theirs;
        await _cli.GodwitAsync("copy", names, _cli.In("back"));
        await _cli.RequireSameAsync("src", "back");

        await _cli.GodwitAsync("copy", _cli.In("src"), own);
        Directory.CreateDirectory(_cli.In("down"));
        await (tool switch
        {
            "globus-url-copy" => GlobusUrlCopyAsync(own + "/", $"file://{_cli.In("down")}/"),
            "xrdcp" => XrdcpAsync(own, _cli.In("down")),
            _ => GfalCopyDownAsync(own),
        });
        await _cli.RequireSameAsync("src", tool == "xrdcp" ? "down/own" : "down");
    }

    [Theory]
    [InlineData("gridftp", "md5")]
    [InlineData("xrootd", "adler32")]
    public async Task Other_tools_are_told_the_checksums_of_Godwits_receipts(string server, string kind)
    {
        await MakeTreeAsync();
        await _cli.GodwitAsync("copy", _cli.In("src"), _cli.Url(server, "own"));
        IReadOnlyList<Receipt> receipts = await _cli.ReceiptsAsync("src", server, "own");
        Assert.Equal(s_names.Length, receipts.Count);
        foreach (Receipt receipt in receipts)
        {
            string own = Assert.Single(receipt.Checksums, checksum => Checksum.NameOf(checksum.Kind) == kind).Hex;
            string path = $"/{receipt.Intent.Destination}";
            string told = await _cli.RunAsync("gfal-sum", Encoded(GridServer.Setting($"{server.ToUpperInvariant()}_A"), path), kind);
            Assert.Equal(own, told.Split(' ')[^1].Trim());
            if (server == "xrootd")
            {
                Assert.Equal(
                    $"{kind} {own}", (await _cli.RunAsync("xrdfs", GridServer.Setting("XROOTD_A"), "query", "checksum", path)).Trim());
            }
        }
    }

    // It writes names as addresses, in listings too.
    private Task<string> GlobusUrlCopyAsync(string from, string to) => _cli.RunAsync("globus-url-copy", "-q", "-cd", "-r", from, to);

    // It takes names as they are, and puts the directory itself into the other.
    private Task<string> XrdcpAsync(string from, string to) => _cli.RunAsync("xrdcp", "-s", "-p", "-r", from, to + "/");

    // A server's name it takes as an address, a local one as it is, or, beside XRootD, as both at once: that can only be a plain one. With a
    // directory (-r) it writes no name as an address.
    private async Task<string> GfalCopyUpAsync(string to)
    {
        Directory.CreateDirectory(_cli.In("flat"));
        for (int i = 0; i < s_names.Length; i++)
        {
            File.Copy(_cli.In($"src/{s_names[i]}"), _cli.In($"flat/{i}"));
            await _cli.RunAsync("gfal-copy", "-p", "-f", $"file://{_cli.In($"flat/{i}")}", Encoded(to, s_names[i]));
        }

        return "";
    }

    private async Task<string> GfalCopyDownAsync(string from)
    {
        foreach (string name in s_names)
        {
            await _cli.RunAsync("gfal-copy", "-f", Encoded(from, name), $"file://{_cli.In("got")}");
            Directory.CreateDirectory(Path.GetDirectoryName(_cli.In($"down/{name}"))!);
            File.Move(_cli.In("got"), _cli.In($"down/{name}"));
        }

        return "";
    }

    private static string Encoded(string above, string name) => $"{above}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    private async Task MakeTreeAsync()
    {
        foreach (string name in s_names)
        {
            string file = _cli.In($"src/{name}");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            byte[] content = name switch
            {
                "empty" => [],
                "large" => RandomNumberGenerator.GetBytes(40 << 20),
                _ => Encoding.UTF8.GetBytes(name),
            };
            await File.WriteAllBytesAsync(file, content);
        }
    }
}
