using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;

namespace Godwit.Cli.Client;

/// <summary><c>godwit cancel|pause|resume|retry ID ...</c>: what is done with transfers of a service.</summary>
internal static class ActCommands
{
    /// <summary>The command <c>cancel</c>.</summary>
    public static Command Cancel(CommandContext context) => Build(
        "cancel", "Cancels transfers of a service. What arrived stays; once the state is CANCELED nothing more is written.", null, context);

    /// <summary>The command <c>pause</c>.</summary>
    public static Command Pause(CommandContext context) => Build(
        "pause", "Lets transfers of a service wait; what is under way stops cleanly.",
        SettingOption.Of<string?>("--message", "TEXT", "What their owners are told.", SettingText.NotEmpty), context);

    /// <summary>The command <c>resume</c>.</summary>
    public static Command Resume(CommandContext context) => Build("resume", "Lets paused transfers of a service go on.", null, context);

    /// <summary>The command <c>retry</c>.</summary>
    public static Command Retry(CommandContext context) => Build(
        "retry", "Tries transfers of a service again that ended as PARTIAL, ERROR or CANCELED: what did not arrive.", null, context);

    private static Command Build(string verb, string description, Option<string?>? message, CommandContext context)
    {
        var ids = new Argument<string[]>("ID") { Description = "What godwit submit wrote; one or more.", Arity = ArgumentArity.OneOrMore };
        var command = new Command(verb, description) { ids };
        if (message is not null)
        {
            command.Add(message);
        }

        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            ExitCode code = ExitCode.Success;
            foreach (string id in parsed.GetRequiredValue(ids))
            {
                code = await TryAsync(service, verb, id, message is null ? null : parsed.GetValue(message), context, ct).ConfigureAwait(false) is var one && one != ExitCode.Success ? one : code;
            }

            return (int)code;
        });
        return command;
    }

    /// <summary>One that is refused stops no other.</summary>
    private static async Task<ExitCode> TryAsync(ServiceClient service, string verb, string id, string? message, CommandContext context, CancellationToken ct)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(message is null ? "{}" : $$"""{"message":{{JsonSerializer.Serialize(message)}}}"""));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            JsonElement answer = await service.SendAsync(HttpMethod.Post, $"{ServiceClient.PathOf(id)}/{verb}", body, null, ct).ConfigureAwait(false);
            await context.Output.WriteLineAsync(ArgumentText.Show($"{id}  {new TransferView(answer).Word}")).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (CommandException e) when (e.Code != ExitCode.Fatal)
        {
            await context.Error.WriteLineAsync(ArgumentText.Show($"godwit: {id}: {e.Message}")).ConfigureAwait(false);
            return e.Code;
        }
    }
}
