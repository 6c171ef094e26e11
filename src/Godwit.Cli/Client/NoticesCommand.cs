using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary><c>godwit notices list|retry</c>: what was told of transfers that ended, and what did not arrive.</summary>
internal static class NoticesCommand
{
    private static readonly string[] s_states = ["waiting", "delivered", "dead"];

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context) =>
        new("notices", "Lists what a service told of transfers that ended, and tries again what did not arrive. For its operators.") { List(context), Retry(context) };

    private static Command List(CommandContext context)
    {
        Option<string?> status = SettingOption.Of<string?>("--status", "waiting|delivered|dead", "Only those of which this became: dead are those that were given up.", text =>
            s_states.Contains(text) ? text : throw new FormatException($"write one of {string.Join(", ", s_states)}"));
        Option<int?> limit = SettingOption.Of<int?>("--limit", "N", "Lines at most. Default: 100.", text =>
            int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line.");
        var command = new Command("list", "Lists notices, newest first: what became of each, to whom it goes, of which transfer, and what was wrong.") { status, limit, json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string question = parsed.GetValue(status) is { } state ? $"&state={state}" : "";
            int left = parsed.GetValue(limit) ?? 100;
            await foreach (JsonElement one in service.PagesAsync("notices", question, ct).ConfigureAwait(false))
            {
                await context.Output.WriteLineAsync(parsed.GetValue(json) ? one.GetRawText() : ArgumentText.Show(LineOf(one))).ConfigureAwait(false);
                if (--left == 0)
                {
                    break;
                }
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Retry(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The notice's id, as godwit notices list tells it." };
        var command = new Command("retry", "Tries a notice again at once that was given up, or that waits for its next try.") { id };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string which = parsed.GetRequiredValue(id);
            if (which.Length == 0 || !which.All(char.IsAsciiLetterOrDigit))
            {
                throw new CommandException(ExitCode.Usage, $"\"{ArgumentText.Show(which)}\" is no id of a notice: look it up with godwit notices list.");
            }

            JsonElement retried = await service.SendAsync(HttpMethod.Post, $"notices/{which}/retry", null, null, ct).ConfigureAwait(false);
            await context.Output.WriteLineAsync(ArgumentText.Show(LineOf(retried))).ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static string LineOf(JsonElement notice)
    {
        string Text(string name) => notice.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
        string fault = Text("fault") is { Length: > 0 } told ? $"  {told}" : "";
        string next = Text("next") is { Length: > 0 } when ? $", next {when}" : "";
        int tries = notice.GetProperty("tries").GetInt32();
        return $"{Text("id")}  {Text("state"),-9}  {Text("target")}  {Text("transfer")} {Text("transfer_state")} {Text("ended")}  ({tries} {(tries == 1 ? "try" : "tries")}{next}){fault}";
    }
}
