using Godwit.Cli;
using Godwit.Drill;

// The very command line of Godwit, with a kill switch around its stores and its ledger.
var plug = new Plug(Environment.GetEnvironmentVariable("GODWIT_DRILL_KILL"), Environment.GetEnvironmentVariable("GODWIT_DRILL_STEPS"));
var faults = new Faults(Environment.GetEnvironmentVariable("GODWIT_DRILL_FAULTS"));
var wiring = new Wiring { DressStore = (store, side) => plug.Around(faults.Around(store, side), side), DressLedger = plug.Around };
int code = await GodwitCommandLine.RunAsync(args, wiring, Console.Out, Console.Error, CancellationToken.None);
plug.WriteSteps();
return code;
