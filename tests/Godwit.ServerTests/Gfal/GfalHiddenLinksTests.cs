using Godwit.Backends.Gfal;
using Godwit.Cli;
using Godwit.Cli.Commands;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>Links on servers that tell them as what they lead to: deleting a tree goes into none of them.</summary>
public sealed class GfalHiddenLinksTests
{
    private static readonly StorePath Top = StorePath.FromText("in");

    [Theory]
    [InlineData("gridftp", "relative", 0)]
    [InlineData("gridftp", "absolute", 0)]
    [InlineData("xrootd", "relative", 0)]
    [InlineData("xrootd", "absolute", 6)]
    public async Task Rm_takes_a_link_to_a_directory_or_leaves_it_and_never_what_it_leads_to(string server, string how, int end)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        string directory = GridServer.Fresh();
        await using GfalStore store = GridServer.Open(workers, server, directory);
        foreach (string name in (string[])["in/file", "in/sub/file", "out/precious"])
        {
            await store.WriteAsync(StorePath.FromText(name), WriteSource.From(new byte[10]), WriteOptions.Default, default);
        }

        string here = $"{Here(server)}/{directory}";
        Directory.CreateSymbolicLink($"{here}/in/sub/link", how == "relative" ? "../../out" : $"{here}/out");
        using var said = new StringWriter();
        Assert.Equal(end, (int)await new RmTree(store, Top, said).RunAsync(default));
        Assert.True(File.Exists($"{here}/out/precious"));
        Assert.Equal(end != 0, Directory.Exists($"{here}/in"));
        Assert.False(File.Exists($"{here}/in/file"));
        Assert.Equal(end != 0, said.ToString().Contains("in/sub/link", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task Rm_goes_into_no_directory_when_the_worker_is_lost_before_it_knows_what_that_is(string server)
    {
        await using GfalWorkers workers = GridServer.Connect(server);
        await using GfalStore bare = GridServer.Open(workers, server);
        await bare.WriteAsync(StorePath.FromText("in/sub/precious"), WriteSource.From(new byte[10]), WriteOptions.Default, default);
        await using IStore store = new LayeredStore(bare, new Conformance.AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.Delete && moment == Conformance.CallMoment.Before
                ? throw new StoreException(StoreErrorKind.Interrupted, "as if the worker was lost")
                : ValueTask.CompletedTask));
        using var said = new StringWriter();
        Assert.NotEqual(ExitCode.Success, await new RmTree(store, Top, said).RunAsync(default));
        Assert.NotNull(await bare.StatAsync(StorePath.FromText("in/sub/precious"), default));
    }

    private static string Here(string server) => server == "xrootd"
        ? $"{GridServer.Setting("XROOTD_A_DATA")}/{GridServer.Home(server)}"
        : $"/{GridServer.Home(server)}";
}
