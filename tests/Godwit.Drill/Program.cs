using System.Runtime.InteropServices;
using Godwit.Cli;
using Godwit.Drill;

// The very command line of Godwit, with a kill switch around its stores and its ledger.
var plug = new Plug(Environment.GetEnvironmentVariable("GODWIT_DRILL_KILL"), Environment.GetEnvironmentVariable("GODWIT_DRILL_STEPS"));
var faults = new Faults(Environment.GetEnvironmentVariable("GODWIT_DRILL_FAULTS"));
var wiring = new Wiring
{
    DressStore = (store, side) => plug.Around(faults.Around(store, side), side),
    DressLedger = plug.Around,
    DressSubmissions = plug.Around,
    DressCallOuts = plug.Around,
};
using var stop = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});
int code = await GodwitCommandLine.RunAsync(args, wiring, Console.Out, Console.Error, stop.Token);
plug.WriteSteps();
return code;
