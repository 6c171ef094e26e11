using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary><c>godwit status ID</c>: where a transfer of a service stands.</summary>
internal static class StatusCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "What godwit submit wrote." };
        Option<bool> wait = SettingOption.Flag("--wait", "Stay until it has ended, and end with its exit code.");
        Option<bool> json = SettingOption.Flag("--json", "What the service answers, as JSON.");
        var command = new Command("status", "Says where a transfer of a service stands, and what to do. Exit 0, or with --wait as the transfer ends.") { id, wait, json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string which = parsed.GetRequiredValue(id);
            ExitCode code = parsed.GetValue(wait) ? await WaitForEnd.RunAsync(service, which, context.Error, ct).ConfigureAwait(false) : ExitCode.Success;
            JsonElement answer = await service.GetAsync(ServiceClient.PathOf(which), ct).ConfigureAwait(false);
            IEnumerable<string> lines = parsed.GetValue(json) ? [answer.GetRawText()] : parsed.GetValue(wait) ? [] : new TransferView(answer).Lines();
            foreach (string line in lines)
            {
                await context.Output.WriteLineAsync(parsed.GetValue(json) ? line : ArgumentText.Show(line)).ConfigureAwait(false);
            }

            return (int)code;
        });
        return command;
    }
}
