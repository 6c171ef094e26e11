using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Transfers;

namespace Godwit.Cli.Client;

/// <summary><c>godwit transfers</c>: the transfers of a service, newest first.</summary>
internal static class TransfersCommand
{
    private const int Page = 500;

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<int?> limit = SettingOption.Of<int?>("--limit", "N", "Lines at most. Default: 20.", text =>
            int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));
        Option<TransferState?> state = SettingOption.Of<TransferState?>("--status", "STATE", "Only those that stand there, such as TRANSFERRING or ERROR.", text =>
            TransferSteps.Find(text) ?? throw new FormatException($"write one of {string.Join(", ", Enum.GetValues<TransferState>().Select(TransferSteps.NameOf))}"));
        Option<string?> project = SettingOption.Of<string?>("--project", "NAME", "Only those of a project.", SettingText.NotEmpty);
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line.");
        var command = new Command("transfers", "Lists the transfers of a service, newest first, one line each.") { limit, state, project, json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string only = (parsed.GetValue(state) is { } of ? $"&state={TransferSteps.NameOf(of)}" : "")
                + (parsed.GetValue(project) is { } name ? $"&project={Uri.EscapeDataString(name)}" : "");
            int left = parsed.GetValue(limit) ?? 20;
            string? cursor = "";
            while (left > 0 && cursor is not null)
            {
                JsonElement page = await service.GetAsync($"transfers?limit={Math.Min(left, Page)}{only}{cursor}", ct).ConfigureAwait(false);
                foreach (JsonElement one in page.GetProperty("items").EnumerateArray())
                {
                    await context.Output.WriteLineAsync(parsed.GetValue(json) ? one.GetRawText() : ArgumentText.Show(new TransferView(one).Line)).ConfigureAwait(false);
                    left--;
                }

                cursor = page.TryGetProperty("next", out JsonElement next) && next.GetString() is { } text ? $"&cursor={Uri.EscapeDataString(text)}" : null;
            }

            return (int)ExitCode.Success;
        });
        return command;
    }
}
