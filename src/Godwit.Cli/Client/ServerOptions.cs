using System.CommandLine;
using Godwit.Cli.Options;
using Godwit.Cli.Service;

namespace Godwit.Cli.Client;

/// <summary>Which service is asked, and by whom: common to all commands that talk to one.</summary>
internal sealed class ServerOptions
{
    /// <summary>Where a service listens that nobody told otherwise.</summary>
    public const string UsualServer = "http://127.0.0.1:7480";

    private readonly Option<string?> _server = SettingOption.Of<string?>(
        "--server", "URL", $"The service. Default: GODWIT_SERVER, else {UsualServer}.", text => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? text
            : throw new FormatException("write http://host:port or https://host:port"));

    private readonly Option<string?> _tokenFile = SettingOption.File(
        "--token-file", "FILE", "The file with the token. Default: the variable GODWIT_TOKEN, else what godwit serve left for its own user.");

    private readonly Option<string?> _ca = SettingOption.File("--server-ca", "FILE", "Certificates (PEM) that the service's must lead to. Default: those of the system.");

    private ServerOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static ServerOptions AddTo(Command command)
    {
        var options = new ServerOptions();
        command.Add(options._server);
        command.Add(options._tokenFile);
        command.Add(options._ca);
        return options;
    }

    /// <summary>The service that a command line means.</summary>
    /// <exception cref="CommandException">There is no token, or a file cannot be read.</exception>
    public ServiceClient Open(ParseResult parsed, Wiring wiring)
    {
        string server = parsed.GetValue(_server) ?? (wiring.Environment("GODWIT_SERVER") is { Length: > 0 } variable ? variable : UsualServer);
        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            throw new CommandException(ExitCode.Usage, $"GODWIT_SERVER is \"{ArgumentText.Show(server)}\": write http://host:port or https://host:port.");
        }

        return new ServiceClient(url, TokenOf(parsed, wiring), parsed.GetValue(_ca), wiring.Time);
    }

    private string TokenOf(ParseResult parsed, Wiring wiring)
    {
        string? named = parsed.GetValue(_tokenFile);
        if (named is null && wiring.Environment("GODWIT_TOKEN") is { Length: > 0 } token)
        {
            return token.Trim();
        }

        string file = named ?? Path.Combine(ServiceDirectory.Choose(ServerSettings.DataOf(wiring), wiring.Environment), ServiceDirectory.TokenFile);
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Usage,
                named is null
                    ? $"There is no token: set GODWIT_TOKEN, or name a file with --token-file. (The one of a service of this user would be in \"{ArgumentText.Show(file)}\".)"
                    : $"The file of the token \"{ArgumentText.Show(file)}\" cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }
}
