using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary><c>godwit schedule add|list|show|run|pause|resume|remove</c>: what a service hands over by itself.</summary>
internal static class ScheduleCommand
{
    private const int RunsShown = 5;

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context) => new("schedule", "Makes, lists and changes schedules: copies that a service begins by itself at planned times.")
    {
        AddScheduleCommand.Build(context), List(context), Show(context), Run(context),
        Act(context, "pause", "Lets a schedule not fire until it is resumed; what it has begun goes on.", HttpMethod.Patch, """{"enabled":false}"""),
        Act(context, "resume", "Lets a paused schedule fire again, from the next planned time on.", HttpMethod.Patch, """{"enabled":true}"""),
        Act(context, "remove", "Forgets a schedule and its history. The transfers that it began stay, and go on.", HttpMethod.Delete, null),
    };

    /// <summary>A body of JSON.</summary>
    public static ByteArrayContent Content(byte[] json) => new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static Argument<string> Name() => new("NAME") { Description = "The schedule's name, or its id where several people have one of that name." };

    private static Command List(CommandContext context)
    {
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line.");
        var command = new Command("list", "Lists schedules, in the order in which they were made, one line each.") { json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            await foreach (JsonElement one in service.PagesAsync("schedules", ct).ConfigureAwait(false))
            {
                await context.Output.WriteLineAsync(parsed.GetValue(json) ? one.GetRawText() : ArgumentText.Show(new ScheduleView(one).Line)).ConfigureAwait(false);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        Argument<string> name = Name();
        Option<bool> json = SettingOption.Flag("--json", "What the service answers, as JSON: the schedule in the first line, then a run a line, the newest first.");
        var command = new Command("show", "Says all of a schedule: when it fires next, and what became of the times before.") { name, json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            JsonElement schedule = await FindAsync(service, parsed.GetRequiredValue(name), ct).ConfigureAwait(false);
            JsonElement runs = await service.GetAsync($"schedules/{IdOf(schedule)}/runs?limit={RunsShown}", ct).ConfigureAwait(false);
            JsonElement[] items = [.. runs.GetProperty("items").EnumerateArray()];
            IEnumerable<string> lines = parsed.GetValue(json)
                ? [schedule.GetRawText(), .. items.Select(run => run.GetRawText())]
                : new ScheduleView(schedule).Lines(items).Select(line => ArgumentText.Show(line));
            foreach (string line in lines)
            {
                await context.Output.WriteLineAsync(line).ConfigureAwait(false);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Run(CommandContext context)
    {
        Argument<string> name = Name();
        Option<bool> wait = SettingOption.Flag("--wait", "Stay until the transfer has ended, and end with its exit code.");
        var command = new Command("run", "Begins a schedule's transfer now and writes its id. Refused while the one before goes on, and outside its window.") { name, wait };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            JsonElement schedule = await FindAsync(service, parsed.GetRequiredValue(name), ct).ConfigureAwait(false);
            using HttpContent body = Content("{}"u8.ToArray());
            JsonElement run = await service.SendAsync(HttpMethod.Post, $"schedules/{IdOf(schedule)}/run", body, null, ct).ConfigureAwait(false);
            string transfer = run.GetProperty("transfer").GetString()!;
            await context.Output.WriteLineAsync(transfer).ConfigureAwait(false);
            return (int)(parsed.GetValue(wait) ? await WaitForEnd.RunAsync(service, transfer, context.Error, ct).ConfigureAwait(false) : ExitCode.Success);
        });
        return command;
    }

    private static Command Act(CommandContext context, string verb, string description, HttpMethod method, string? body)
    {
        Argument<string> name = Name();
        var command = new Command(verb, description) { name };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            JsonElement schedule = await FindAsync(service, parsed.GetRequiredValue(name), ct).ConfigureAwait(false);
            using HttpContent? content = body is null ? null : Content(System.Text.Encoding.UTF8.GetBytes(body));
            JsonElement answer = await service.SendAsync(method, $"schedules/{IdOf(schedule)}", content, null, ct).ConfigureAwait(false);
            string told = body is null ? $"{answer.GetProperty("name").GetString()}  removed" : new ScheduleView(answer).Line;
            await context.Output.WriteLineAsync(ArgumentText.Show(told)).ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
        return command;
    }

    /// <summary>The schedule that a name means.</summary>
    /// <exception cref="CommandException">There is none, or there are several.</exception>
    private static async Task<JsonElement> FindAsync(ServiceClient service, string name, CancellationToken ct)
    {
        JsonElement page = await service.GetAsync($"schedules?limit=100&name={Uri.EscapeDataString(name)}", ct).ConfigureAwait(false);
        JsonElement[] found = [.. page.GetProperty("items").EnumerateArray()];
        if (found.Length == 1)
        {
            return found[0];
        }

        if (found.Length > 1)
        {
            string which = string.Join(", ", found.Select(one => $"{IdOf(one)} of {one.GetProperty("owner").GetString()}"));
            throw new CommandException(ExitCode.Usage, $"Several people have a schedule \"{ArgumentText.Show(name)}\": name one by its id, {ArgumentText.Show(which)}.");
        }

        return name.Length > 0 && name.All(char.IsAsciiLetterOrDigit)
            ? await service.GetAsync($"schedules/{name}", ct).ConfigureAwait(false)
            : throw new CommandException(ExitCode.FileNotFound, $"There is no schedule {ArgumentText.Show(name)}. See what there is: godwit schedule list.");
    }

    private static string IdOf(JsonElement schedule) => schedule.GetProperty("id").GetString()!;
}
