using System.CommandLine;
using Godwit.Cli.Doctor;
using Godwit.Cli.Options;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit doctor [SRC [DST]]</c>: says what would stop a transfer, before it does.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var source = new Argument<string?>("SRC") { Description = "What is to be read. Without it, only what is on this machine is looked at.", Arity = ArgumentArity.ZeroOrOne };
        var destination = new Argument<string?>("DST") { Description = "Where it is to be written. May be left out.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> probe = SettingOption.Flag(
            "--probe", "Write a small file to DST, or to SRC where it stands alone, read it back, compare it and delete it. Without it nothing is changed.");
        Option<TimeSpan?> work = SettingOption.Of<TimeSpan?>(
            "--for", "TIME", "How long the work takes, such as 6h: credentials and certificates have to last as long. Default: --time-budget's.",
            text => DurationText.Parse(text));
        Option<bool> json = SettingOption.Flag("--json", "One JSON object for each check, and one with the verdict, on standard output.");
        Option<bool> quiet = SettingOption.Flag("--quiet", "Say nothing of what is well.");
        var command = new Command(
            "doctor",
            "Looks at the configuration, the state directory and the way to SRC and DST, and says what is wrong and what to do. "
            + "Exit 0: nothing fails; 2: the configuration is wrong; 7: something else fails.")
        {
            source, destination, probe, work, json, quiet,
        };
        var state = StateOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var request = new DoctorRequest(
                parsed.GetValue(source), parsed.GetValue(destination), state.Read(parsed), parsed.GetValue(probe), parsed.GetValue(work));
            if (parsed.GetValue(json) && parsed.GetValue(quiet))
            {
                throw new CommandException(ExitCode.Usage, "--json and --quiet contradict each other. Leave out one of them.");
            }

            if (request is { Probe: true, Source: null })
            {
                throw new CommandException(ExitCode.Usage, "--probe needs an address: godwit doctor DST --probe.");
            }

            DoctorOutput output = parsed.GetValue(json) ? new DoctorJson(context) : new DoctorLines(context, parsed.GetValue(quiet));
            return (int)await new DoctorRun(request, output, context.Wiring).RunAsync(ct).ConfigureAwait(false);
        });
        return command;
    }
}
