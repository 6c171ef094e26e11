using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration;

namespace Godwit.Cli.Options;

/// <summary>
/// What a command line or Godwit's variables say of S3 holds for both ends of a transfer. Between two servers that sends data, or a secret key, to
/// the wrong one: then each end has to say it for itself, in the configuration.
/// </summary>
/// <param name="reach">How buckets are reached.</param>
/// <param name="wiring">What the command line is connected to.</param>
internal sealed class S3TwoEnds(S3Reach reach, Wiring wiring)
{
    private const string Remedy = "Leave it out, and say for each end what it needs in the options of an endpoint of the configuration.";

    /// <summary>Refuses what would reach the wrong server.</summary>
    /// <exception cref="CommandException">A server would take the place of one that an endpoint names, or a customer key would go to two servers.</exception>
    public void Require(Address from, Address to)
    {
        if (from.Bucket is null || to.Bucket is null)
        {
            return;
        }

        RequireOwnServer(from.Endpoint);
        RequireOwnServer(to.Endpoint);
        ConfiguredValue key = reach.SourceOf(null, wiring).Find(reach.CustomerKey);
        if (key.Origin != "default" && ServerOf(from) != ServerOf(to))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"{Shown(key)} would be sent to the servers of both SRC \"{from}\" and DST \"{to}\", which are two. A key is for one. {Remedy}");
        }
    }

    private void RequireOwnServer(Endpoint? endpoint)
    {
        if (endpoint?.Options.GetValueOrDefault(reach.Server.Key) is not { } own)
        {
            return;
        }

        ConfiguredValue inForce = reach.SourceOf(endpoint, wiring).Find(reach.Server);
        if (inForce.Origin != own.Origin && !IsOne(inForce.Text, own.Text))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"{Shown(inForce)} says {inForce.Text} for both ends, and the endpoint \"{endpoint}\" is on {own.Text} ({own.Origin}). {Remedy}");
        }
    }

    /// <summary>What tells one server from another: its URL, or whose profile names it.</summary>
    private string ServerOf(Address address)
    {
        SettingSource source = reach.SourceOf(address.Endpoint, wiring);
        ConfiguredValue server = source.Find(reach.Server);
        return server.Origin == "default" ? $"profile {source.Find(reach.Profile).Text}" : new Uri(server.Text).AbsoluteUri;
    }

    private static bool IsOne(string one, string other) => new Uri(one).AbsoluteUri == new Uri(other).AbsoluteUri;

    /// <summary>The option or the variable.</summary>
    private static string Shown(ConfiguredValue value) => value.Origin.Split(' ')[^1];
}
