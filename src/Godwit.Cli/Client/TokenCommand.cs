using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Client;

/// <summary><c>godwit token new|list|revoke</c>: who may ask a service.</summary>
internal static class TokenCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context) => new("token", "Makes, lists and takes back the tokens of a service. For its administrators.")
    {
        New(context), List(context), Revoke(context),
    };

    private static Command New(CommandContext context)
    {
        var subject = new Argument<string>("SUBJECT") { Description = "Who it is for: a person or a program. Transfers belong to the subject, not to the token." };
        Option<string?> project = SettingOption.Of<string?>(
            "--project", "NAME", "For which project of the service's configuration; that says which places may be used.", SettingText.NotEmpty);
        var roles = new Option<string[]>("--role")
        {
            HelpName = "ROLE",
            Description = "submitter (own transfers), project (those of the project), operator (all, and limits), stager, administrator; may be repeated. Default: submitter.",
        };
        Option<TimeSpan?> expires = SettingOption.Of<TimeSpan?>(
            "--expires", "TIME", "How long it counts, such as 90d. Default: until it is taken back.", text => DurationText.Parse(text));
        var command = new Command("new", "Makes a token and writes it to standard output. It is not shown again.") { subject, project, roles, expires };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string? until = parsed.GetValue(expires) is { } time ? Timestamp.From(context.Wiring.Time.GetUtcNow() + time).ToString() : null;
            using HttpContent body = BodyOf(parsed.GetRequiredValue(subject), parsed.GetValue(project), parsed.GetValue(roles) is { Length: > 0 } named ? named : ["submitter"], until);
            JsonElement made = await service.SendAsync(HttpMethod.Post, "tokens", body, null, ct).ConfigureAwait(false);
            await context.Output.WriteLineAsync(made.GetProperty("token").GetString()).ConfigureAwait(false);
            await context.Error.WriteLineAsync(ArgumentText.Show(LineOf(made))).ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command List(CommandContext context)
    {
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line.");
        var command = new Command("list", "Lists tokens, also those that count no more, by their ids. Their secrets nobody has.") { json };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            await foreach (JsonElement one in service.PagesAsync("tokens", ct).ConfigureAwait(false))
            {
                await context.Output.WriteLineAsync(parsed.GetValue(json) ? one.GetRawText() : ArgumentText.Show(LineOf(one))).ConfigureAwait(false);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Revoke(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The token's id: the twelve letters after gwt_, as godwit token list tells it." };
        var command = new Command("revoke", "Takes a token back; whoever uses it is refused from now on. Transfers that it handed over go on.") { id };
        var server = ServerOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using ServiceClient service = server.Open(parsed, context.Wiring);
            string which = parsed.GetRequiredValue(id);
            if (which.Length == 0 || !which.All(char.IsAsciiLetterLower))
            {
                throw new CommandException(ExitCode.Usage, $"\"{ArgumentText.Show(which)}\" is no id of a token: write the twelve letters that godwit token list tells.");
            }

            JsonElement revoked = await service.SendAsync(HttpMethod.Delete, $"tokens/{which}", null, null, ct).ConfigureAwait(false);
            await context.Output.WriteLineAsync(ArgumentText.Show(LineOf(revoked))).ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static ByteArrayContent BodyOf(string subject, string? project, string[] roles, string? expires)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("subject", subject);
            if (project is not null)
            {
                writer.WriteString("project", project);
            }

            writer.WriteStartArray("roles");
            Array.ForEach(roles, writer.WriteStringValue);
            writer.WriteEndArray();
            if (expires is not null)
            {
                writer.WriteString("expires", expires);
            }

            writer.WriteEndObject();
        }

        return new ByteArrayContent(text.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private static string LineOf(JsonElement token)
    {
        string Text(string name) => token.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
        string stands = Text("revoked") is { Length: > 0 } revoked ? $"taken back {revoked}" : Text("expires") is { Length: > 0 } expires ? $"until {expires}" : "until it is taken back";
        string roles = string.Join(",", token.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        return $"{Text("id")}  {Text("subject")}  {roles}{(Text("project") is { Length: > 0 } project ? $" of {project}" : "")}  {stands}";
    }
}
