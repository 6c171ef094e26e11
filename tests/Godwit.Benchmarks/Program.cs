using System.CommandLine;
using System.Globalization;
using Godwit.Benchmarks;
using Godwit.Cli;
using Godwit.Storage;

// A contestant of the scenario "plan": the very command line, whose source is computed.
if (args is ["generated", { } count, { } shape, .. string[] rest])
{
    var generated = new GeneratedStore(long.Parse(count, CultureInfo.InvariantCulture), shape == "spread");
    var wiring = new Wiring { DressStore = (store, side) => side == StoreSide.Source ? generated : store };
    return await GodwitCommandLine.RunAsync(rest, wiring, Console.Out, Console.Error, CancellationToken.None);
}

// A contestant of the scenario "ledger".
if (args is [LedgerScenarios.Word, { } place, { } number, { } batch])
{
    await LedgerScenarios.RunAsync(place, int.Parse(number, CultureInfo.InvariantCulture), int.Parse(batch, CultureInfo.InvariantCulture));
    return 0;
}

var what = new Argument<string[]>("SCENARIO")
{
    Description = "What is measured; all without one: " + string.Join(", ", Scenarios.All.Select(scenario => scenario.Name)),
    DefaultValueFactory = _ => [.. Scenarios.All.Select(scenario => scenario.Name)],
};
what.AcceptOnlyFromAmong([.. Scenarios.All.Select(scenario => scenario.Name)]);
var rounds = new Option<int>("--rounds") { Description = "How often each contestant runs.", DefaultValueFactory = _ => 3 };
var directory = new Option<string>("--dir") { Description = "Where the data lies.", DefaultValueFactory = _ => Path.GetTempPath() };
var files = new Option<int?>("--files") { Description = "How many small files, instead of the scenario's own number." };
var bytes = new Option<long?>("--bytes") { Description = "The size of a large file, instead of the scenario's own." };
var json = new Option<string?>("--json") { Description = "Where every figure is written as JSON." };
var command = new RootCommand("Runs Godwit and its peers in turn on the same data and prints medians, spreads and ratios.")
{
    what, rounds, directory, files, bytes, json,
};
command.SetAction(parsed =>
{
    var size = new Size(parsed.GetValue(files), parsed.GetValue(bytes));
    var results = new List<Result>();
    foreach (string name in parsed.GetValue(what)!)
    {
        Scenario scenario = Scenarios.All.Single(one => one.Name == name);
        using var room = new Room(parsed.GetValue(directory)!, size);
        Result result = Measure.Run(scenario, room, parsed.GetValue(rounds));
        Console.WriteLine(result.Table());
        results.Add(result);
    }

    if (parsed.GetValue(json) is { } file)
    {
        File.WriteAllText(file, Result.Json(results));
    }
});
return command.Parse(args).Invoke();
