using System.Globalization;
using System.Text;
using Godwit.Cli;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Relay;

/// <summary>Two hosts, each with its own ledger, and a drop box between them.</summary>
internal sealed class RelayFolder : IDisposable
{
    public CommandLineFolder Folder { get; } = new();

    public string Site => Folder.Source;

    public string Box => Folder.In("box");

    public string Archive => Folder.Destination;

    public Wiring Wiring { get; set; } = new() { Environment = _ => null };

    public void Dispose() => Folder.Dispose();

    public void Put(string name, string content) => Folder.Put(name, content);

    public Task<Answer> PushAsync(params string[] options) => RunAsync(["relay", "push", Site, Box, .. options], "pushing");

    public Task<Answer> PullAsync(params string[] options) => RunAsync(["relay", "pull", Box, Archive, .. options], "pulling");

    /// <summary>Runs what has to succeed.</summary>
    public static async Task<Answer> DoneAsync(Task<Answer> run)
    {
        Answer answer = await run;
        Assert.True(answer.Code == 0, answer.Error + answer.Output);
        return answer;
    }

    public async Task<Answer> RunAsync(string[] args, string? state = null)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        string[] all = state is null ? args : [.. args, "--state", Folder.In(state)];
        var bytes = new MemoryStream();
        Wiring wiring = Wiring with { OpenOutput = () => bytes };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)all, wiring, output, error, default);
        return new Answer(code, output + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    /// <summary>The calls that the box's store gets meanwhile.</summary>
    public async Task<long> CallsAsync(StoreSide side, Func<Task<Answer>> runAsync)
    {
        var calls = new AtEachCall((_, _, _) => ValueTask.CompletedTask);
        Wiring before = Wiring;
        Wiring = before with { DressStore = (store, where) => where == side ? new LayeredStore(store, calls) : store };
        await DoneAsync(runAsync());
        Wiring = before;
        return calls.Calls;
    }

    /// <summary>Everything that either side and the box hold, but for what runs say of themselves.</summary>
    public SortedDictionary<string, string>[] Trees() => [CommandLineFolder.Tree(Site), TreeOfBox(), CommandLineFolder.Tree(Archive)];

    /// <summary>Everything that the box holds, but for what runs say of themselves.</summary>
    public SortedDictionary<string, string> TreeOfBox()
    {
        SortedDictionary<string, string> tree = CommandLineFolder.Tree(Box);
        foreach (string said in tree.Keys.Where(name => name.StartsWith("runs/", StringComparison.Ordinal)).ToArray())
        {
            tree.Remove(said);
        }

        return tree;
    }

    /// <summary>What lies in the box, without ids.</summary>
    public string[] InBox(string tree) => [.. CommandLineFolder.Tree(Box).Keys.Where(name => name.StartsWith(tree + "/", StringComparison.Ordinal))];
}
