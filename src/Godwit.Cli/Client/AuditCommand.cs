using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary><c>godwit audit</c>: who changed what of a service, and who was refused.</summary>
internal static class AuditCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<int?> limit = SettingOption.Of<int?>("--limit", "N", "Lines at most. Default: 100.", text =>
            int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line.");
        var command = new Command("audit", "Lists who changed what of a service, and who was refused, newest first. For its operators.") { limit, json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            int left = parsed.GetValue(limit) ?? 100;
            await foreach (JsonElement one in service.PagesAsync("audit", ct).ConfigureAwait(false))
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

    private static string LineOf(JsonElement entry)
    {
        string Text(string name) => entry.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
        string rest = string.Concat(new[] { Text("target"), Text("detail") }.Where(text => text.Length > 0).Select(text => "  " + text));
        return $"{Text("time")}  {entry.GetProperty("status").GetInt32()}  {Text("action")}  {Text("subject")} ({Text("credential")} from {Text("origin")}){rest}";
    }
}
