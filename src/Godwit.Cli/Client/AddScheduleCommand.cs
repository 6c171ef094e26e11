using System.CommandLine;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Cli.Results;

namespace Godwit.Cli.Client;

/// <summary><c>godwit schedule add NAME SRC DST</c>: makes a schedule.</summary>
internal sealed class AddScheduleCommand
{
    private readonly CommandContext _context;
    private readonly Argument<string> _name = new("NAME") { Description = "What it is called: letters, digits, dots, dashes, underscores." };

    private readonly Option<string> _cron = new("--cron")
    {
        HelpName = "EXPR",
        Required = true,
        Description = "When it fires: minute, hour, day of the month, month, day of the week, such as \"0 2 * * *\" or \"*/15 8-18 * * MON-FRI\"; or @hourly, @daily, @weekly, @monthly, @yearly.",
    };

    private readonly Option<string?> _zone = SettingOption.Of<string?>("--zone", "ZONE", "The time zone of --cron and --window, such as Europe/Zurich. Default: UTC.", SettingText.NotEmpty);

    private readonly Option<string?> _window = SettingOption.Of<string?>(
        "--window", "HH:MM-HH:MM", "The hours in which its transfers go on; what is under way at the end is paused and goes on in the next window. Default: always.", SettingText.NotEmpty);

    private readonly Option<string?> _missed = SettingOption.Of<string?>(
        "--missed", "run|skip", "What becomes of times that passed while no service ran: one run for all of them, or none. Default: run.",
        text => text is "run" or "skip" ? text : throw new FormatException("write run or skip"));

    private readonly Option<bool> _json = SettingOption.Flag("--json", "What the service answers, as JSON.");
    private readonly OrderArguments _order;
    private readonly ServerOptions _server;

    private AddScheduleCommand(Command command, CommandContext context)
    {
        _context = context;
        command.Add(_name);
        _order = OrderArguments.AddTo(command);
        foreach (Option option in (Option[])[_cron, _zone, _window, _missed, _json])
        {
            command.Add(option);
        }

        _server = ServerOptions.AddTo(command);
    }

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command("add", "Makes a schedule: a copy that the service begins at planned times, one run at a time. Exit 0 when it is kept.");
        var add = new AddScheduleCommand(command, context);
        command.SetAction(add.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        _order.Require(parsed);
        using ServiceClient service = _server.Open(parsed, _context.Wiring);
        using var body = new MemoryStream();
        Write(body, parsed);
        using HttpContent content = ScheduleCommand.Content(body.ToArray());
        JsonElement answer = await service.SendAsync(HttpMethod.Post, "schedules", content, null, ct).ConfigureAwait(false);
        await _context.Output.WriteLineAsync(parsed.GetValue(_json) ? answer.GetRawText() : ArgumentText.Show(new ScheduleView(answer).Line)).ConfigureAwait(false);
        return (int)ExitCode.Success;
    }

    private void Write(Stream body, ParseResult parsed)
    {
        using var json = new Utf8JsonWriter(body, JsonFields.Options);
        json.WriteStartObject();
        (string Name, string? Text)[] fields =
        [
            ("name", parsed.GetRequiredValue(_name)), ("cron", parsed.GetRequiredValue(_cron)), ("zone", parsed.GetValue(_zone)), ("window", parsed.GetValue(_window)),
            ("missed", parsed.GetValue(_missed)),
        ];
        foreach ((string name, string? text) in fields.Where(field => field.Text is not null))
        {
            json.WriteString(name, text);
        }

        _order.Write(json, parsed);
        json.WriteEndObject();
    }
}
