using System.Text;
using Godwit.Backends.Gfal.Worker;
using Godwit.Cli;
using Godwit.Cli.State;

if (args is [GfalWorker.Argument])
{
    return GfalWorker.Run();
}

StandardStreams.Hold();
EmbeddedSqlite.Offer();
using var signals = new StopSignals(TimeProvider.System);
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using var output = new StreamWriter(StandardStreams.Output(), utf8, 32 * 1024) { AutoFlush = false };
using var error = new StreamWriter(StandardStreams.Error(), utf8) { AutoFlush = true };
var wiring = new Wiring
{
    IsTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
    OutputIsTerminal = !Console.IsOutputRedirected,
    OpenInput = StandardStreams.Input,
    OpenOutput = StandardStreams.Output,
    StopCode = () => signals.Code,
    OnHangup = signals.OnHangup,
};
return await GodwitCommandLine.RunAsync(ArgumentText.OfProcess(args), wiring, output, error, signals.Token).ConfigureAwait(false);
