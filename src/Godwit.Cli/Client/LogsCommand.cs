using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary><c>godwit logs ID</c>: what happened in a transfer of a service.</summary>
internal static class LogsCommand
{
    // What every line has already, or nobody reads.
    private static readonly string[] s_known = ["v", "event", "time", "transfer", "path_base64", "source_path_base64"];

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "What godwit submit wrote." };
        Option<bool> follow = SettingOption.Flag("--follow", "Go on with what happens, until it has ended.");
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line, as godwit copy --json writes them.");
        var command = new Command("logs", "Writes what happened in a transfer of a service: its states, its files, what failed and why.") { id, follow, json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string path = ServiceClient.PathOf(parsed.GetRequiredValue(id));
            long last = 0;
            while (true)
            {
                bool hasEnded = new TransferView(await service.GetAsync(path, ct).ConfigureAwait(false)).HasEnded;
                last = await TellAsync(service, path, last, parsed.GetValue(json), context.Output, ct).ConfigureAwait(false);
                if (!parsed.GetValue(follow) || hasEnded)
                {
                    return (int)ExitCode.Success;
                }

                await context.Output.FlushAsync(ct).ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromSeconds(1), service.Time, ct).ConfigureAwait(false);
            }
        });
        return command;
    }

    /// <summary>Writes what came after an event.</summary>
    /// <returns>The last one.</returns>
    private static async Task<long> TellAsync(ServiceClient service, string path, long after, bool asJson, TextWriter output, CancellationToken ct)
    {
        while (true)
        {
            JsonElement page = await service.GetAsync($"{path}/log?after={after.ToString(CultureInfo.InvariantCulture)}&limit=1000", ct).ConfigureAwait(false);
            JsonElement[] items = [.. page.GetProperty("items").EnumerateArray()];
            foreach (JsonElement item in items)
            {
                JsonElement happened = item.GetProperty("event");
                await output.WriteLineAsync(asJson ? happened.GetRawText() : LineOf(happened)).ConfigureAwait(false);
            }

            if (items.Length == 0)
            {
                return after;
            }

            after = items[^1].GetProperty("id").GetInt64();
        }
    }

    private static string LineOf(JsonElement happened)
    {
        IEnumerable<string> fields = happened.EnumerateObject().Where(field => !s_known.Contains(field.Name)).Select(field => $"{field.Name}={field.Value}");
        return ArgumentText.Show($"{Text(happened, "time")} {Text(happened, "event")} {string.Join(' ', fields)}".TrimEnd());
    }

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
}
