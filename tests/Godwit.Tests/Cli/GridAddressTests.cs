using System.Runtime.Versioning;
using System.Text;
using Godwit.Backends.Gfal;
using Godwit.Backends.Local;
using Godwit.Cli;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli;

/// <summary>Addresses of GridFTP and XRootD servers.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class GridAddressTests
{
    private static readonly Wiring s_wiring = new() { Environment = _ => null };

    [Theory]
    [InlineData("gsiftp://host/a/b", "gsiftp", "host", 2811, "/a/b")]
    [InlineData("srm://host/a/b", "srm", "host", 8443, "/a/b")]
    [InlineData("gsiftp://host:21199//a", "gsiftp", "host", 21199, "/a")]
    [InlineData("gsiftp://host", "gsiftp", "host", 2811, "/")]
    [InlineData("gsiftp://host/", "gsiftp", "host", 2811, "/")]
    [InlineData("gsiftp://host/what?", "gsiftp", "host", 2811, "/what?")]
    [InlineData("gsiftp://[fe80::1]:22/a", "gsiftp", "fe80::1", 22, "/a")]
    [InlineData("root://host//a/b", "root", "host", 1094, "/a/b")]
    [InlineData("root://host/a/b", "root", "host", 1094, "/a/b")]
    [InlineData("root://host////a//b/", "root", "host", 1094, "/a/b/")]
    [InlineData("ROOTS://HOST.Example:1095//a", "roots", "host.example", 1095, "/a")]
    [InlineData("root://host//./a/./b", "root", "host", 1094, "/a/b")]
    [InlineData("root://host//a/.", "root", "host", 1094, "/a/")]
    [InlineData("root://host/.", "root", "host", 1094, "/")]
    [InlineData("root://host//a%20b%2Fc/100%", "root", "host", 1094, "/a b/c/100%")]
    [InlineData("gsiftp://host/a/~b", "gsiftp", "host", 2811, "/a/~b")]
    [InlineData("root://host//~a", "root", "host", 1094, "/~a")]
    [InlineData("root://host//..a/b..", "root", "host", 1094, "/..a/b..")]
    public void An_address_names_a_server_and_a_path_from_its_root(string text, string scheme, string host, int port, string path)
    {
        var address = Address.Parse("SRC", text);
        Assert.Equal(new GfalServer(scheme, host, port), Assert.IsType<GridPlace>(address.Server).Server);
        Assert.Equal(path, Encoding.UTF8.GetString(address.Path));
        Assert.Equal(path.EndsWith('/'), address.LooksLikeDirectory);
        Assert.Null(address.Bucket);
        Assert.Equal(StoreSide.Source, address.Side);
    }

    [Theory]
    [InlineData("gsiftp://", "write gsiftp://host:2811/path")]
    [InlineData("root:///a", "write root://host:1094//path")]
    [InlineData("root://host:port//a", "write root://host:1094//path")]
    [InlineData("root://host:0//a", "SRC has the port 0, and ports are 1 to 65535.")]
    [InlineData("root://host:65536//a", "SRC has the port 65536, and ports are 1 to 65535.")]
    [InlineData("gsiftp://-host/a", "write gsiftp://host:2811/path")]
    [InlineData("gsiftp://ho st/a", "write gsiftp://host:2811/path")]
    [InlineData("gsiftp://me@host/a", "a proxy says who you are")]
    [InlineData("root://@host/a", "a proxy says who you are")]
    [InlineData("root://me:hush@host//a", "holds a key or a password")]
    [InlineData("root://host//a?token=hush", "holds a key or a password")]
    [InlineData("root://host//a?xrd.wantprot=gsi", "XRootD takes no path")]
    [InlineData("roots://host//a%3fb", "XRootD takes no path")]
    [InlineData("root://host//a/../b", "holds \"..\"")]
    [InlineData("gsiftp://host/..", "holds \"..\"")]
    [InlineData("gsiftp://host/a/%2e%2e/b", "holds \"..\"")]
    [InlineData("gsiftp://host/a%2f..", "holds \"..\"")]
    [InlineData("gsiftp://host/a%00", "holds a NUL character")]
    [InlineData("gsiftp://host/a%0d%0aDELE%20b", "holds a line break")]
    [InlineData("root://host//a%0a", "holds a line break")]
    [InlineData("gsiftp://host/~/a", "takes for a home directory")]
    [InlineData("gsiftp://host//./%7eme", "takes for a home directory")]
    [InlineData("davs://host/a", "davs:// address, which this version cannot reach")]
    [InlineData("xroot://host/a", "xroot:// address, which this version cannot reach")]
    public void What_cannot_be_an_address_is_refused_and_no_secret_repeated(string text, string sentence)
    {
        CommandException refused = Assert.Throws<CommandException>(() => Address.Parse("SRC", text));
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gsiftp://host/a", "gsiftp://host:2811/a")]
    [InlineData("root://host/a/", "root://host:1094//a/")]
    [InlineData("roots://[::1]//", "roots://[::1]:1094//")]
    public void An_address_is_told_as_other_tools_would_take_it(string text, string told)
    {
        var address = Address.Parse("SRC", text);
        Assert.Equal(told, address.ToString());
        Assert.Equal(told, Address.Parse("SRC", told).ToString());
    }

    [Fact]
    public async Task A_store_of_it_begins_at_the_written_path_and_is_treated_as_one_behind_a_network()
    {
        var address = Address.Parse("URL", "roots://host//a/./b/");
        await using IStore store = Reach.Open(address, address.Path, new LocalOptions(), s_wiring);
        Assert.Equal("root://host:1094/a/b", store.Identity.ToString());
        Assert.Equal(StorePath.FromText("a/b"), Reach.RealPath(address, s_wiring));
        Assert.NotNull(Reach.LayersFor(store, StoreSide.Source).Timeouts);
        await using var entry = AddressedEntry.FromTop(address, s_wiring);
        Assert.Equal((StorePath.Root, StorePath.FromText("a/b")), (entry.Store.Identity.Root, entry.Path));
        await using var itself = AddressedEntry.Itself(address, s_wiring);
        Assert.Equal(StorePath.FromText("a/b"), itself.Store.Identity.Absolute(itself.Path));
    }

    [Theory]
    [InlineData("gsiftp://host/a/b", "gsiftp://host:2811", "a/b")]
    [InlineData("root://host//a/b/", "root://host:1094", "a/b")]
    [InlineData("roots://host//a/b", "root://host:1094", "a/b")]
    [InlineData("root://host", "root://host:1094", "")]
    public void The_ledger_is_asked_for_the_place_as_it_knows_it(string text, string space, string path) =>
        Assert.Equal(new PlaceSearch(space, StorePath.FromText(path)), LedgerPlace.Of("--path", text, s_wiring));

    [Fact]
    public void A_program_becomes_its_own_worker_also_where_the_runtime_runs_it()
    {
        string own = Path.Combine(AppContext.BaseDirectory, "godwit.dll");
        Assert.Equal(["/opt/godwit", "gfal2-worker"], ThisProgram.WorkerCommand("/opt/godwit", AppContext.BaseDirectory));
        Assert.Equal(["/usr/bin/dotnet", own, "gfal2-worker"], ThisProgram.WorkerCommand("/usr/bin/dotnet", AppContext.BaseDirectory));
        Assert.Equal(["/opt/dotnet", "gfal2-worker"], ThisProgram.WorkerCommand("/opt/dotnet", "/nowhere"));
    }
}
