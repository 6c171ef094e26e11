using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Backends.Sftp.Ssh;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Looks at the way to a server, before a store of it can be opened: the program, the name, the port, the login.</summary>
/// <param name="connections">How it is reached. The login that works is kept for its stores.</param>
public sealed class SftpWay(SftpConnections connections)
{
    private const int BannerBytes = 255;

    private readonly SftpOptions _options = connections.Options;
    private Dictionary<string, string> _settings = [];

    private string Host => _settings.GetValueOrDefault("hostname", _options.Server.Host);

    private int Port => int.TryParse(_settings.GetValueOrDefault("port"), out int port) ? port : _options.Server.Port ?? 22;

    /// <summary>What ssh goes through, where it does not connect to the server itself.</summary>
    private string? Through => Given("proxyjump") is { } jump ? $"the jump host {jump}" : Given("proxycommand") is { } command ? $"the command {command}" : null;

    /// <summary>The steps, each of which the next one needs.</summary>
    public IReadOnlyList<DiagnosisStep> Steps() =>
    [
        new("ssh", ProgramAsync) { IsNeeded = true },
        new("name", NameAsync) { IsNeeded = true },
        new("port", PortAsync) { IsNeeded = true },
        new("login", LoginAsync) { IsNeeded = true },
    ];

    private async ValueTask<Finding?> ProgramAsync(CancellationToken ct)
    {
        (_, string version) = await SshQuestion.AskAsync(_options, ["-V"], ct).ConfigureAwait(false);
        (int code, string told) = await SshQuestion.AskAsync(_options, ["-G", .. SshArguments.For(_options)], ct).ConfigureAwait(false);
        if (code != 0)
        {
            return new Finding(FindingOutcome.Failed, $"{version.Trim()}, which says: {told.Trim()}", "Correct ssh's configuration.");
        }

        _settings = SshQuestion.Settings(told);
        return new Finding(FindingOutcome.Ok, $"{version.Trim()} ({_options.Command[0]})");
    }

    private async ValueTask<Finding?> NameAsync(CancellationToken ct)
    {
        if (Through is { } through)
        {
            return new Finding(FindingOutcome.Ok, $"{Host}, reached through {through}");
        }

        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(Host, ct).ConfigureAwait(false);
            return new Finding(FindingOutcome.Ok, $"{Host} is {string.Join(", ", found.Select(address => address.ToString()))}");
        }
        catch (SocketException e)
        {
            return new Finding(FindingOutcome.Failed, $"no address is known for \"{Host}\": {e.Message}", "Correct the name, or HostName in ~/.ssh/config.");
        }
    }

    private async ValueTask<Finding?> PortAsync(CancellationToken ct)
    {
        if (Through is not null)
        {
            return null;
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Host, Port, ct).ConfigureAwait(false);
            var banner = new byte[BannerBytes];
            int length = await client.GetStream().ReadAsync(banner, ct).ConfigureAwait(false);
            string first = Encoding.ASCII.GetString(banner, 0, length).Split('\n')[0].Trim();
            return first.StartsWith("SSH-", StringComparison.Ordinal)
                ? new Finding(FindingOutcome.Ok, $"{Port} answers: {PathText.Escape(Encoding.ASCII.GetBytes(first))}")
                : new Finding(FindingOutcome.Failed, $"what listens at {Port} does not speak SSH", "Correct the port.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return new Finding(FindingOutcome.Failed, $"{Port} cannot be reached: {e.Message}", "Look at the port, the server and the network.");
        }
    }

    private async ValueTask<Finding?> LoginAsync(CancellationToken ct)
    {
        await connections.GetAsync(ct).ConfigureAwait(false);
        return new Finding(FindingOutcome.Ok, $"the server's key is known, and it lets {_settings.GetValueOrDefault("user", "this user")} in");
    }

    private string? Given(string setting) => _settings.TryGetValue(setting, out string? value) && value != "none" ? value : null;
}
