using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Service;

/// <summary>When the credentials of a service end, as far as that can be read from files and variables: no server is asked and no program is run.</summary>
/// <param name="wiring">The process.</param>
/// <param name="own">When the service's own certificate ends; null where it has none.</param>
internal sealed class CredentialEnds(Wiring wiring, Func<DateTimeOffset?> own)
{
    /// <summary>What the service itself is called. No endpoint can be.</summary>
    public const string Service = "(service)";

    /// <summary>The ends that are known now, by endpoint.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Read()
    {
        var ends = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (Endpoint endpoint in wiring.Configuration.InForce(wiring.Environment).Endpoints)
        {
            if (EndOf(endpoint) is { } end)
            {
                ends[endpoint.Name] = end;
            }
        }

        if (own() is { } certificate)
        {
            ends[Service] = certificate;
        }

        return ends;
    }

    /// <summary>What cannot be read has no end that is known; the transfers that need it say what is wrong.</summary>
    private DateTimeOffset? EndOf(Endpoint endpoint)
    {
        try
        {
            return wiring.ReachOf(endpoint)?.CredentialEnd(endpoint, wiring);
        }
        catch (Exception e) when (e is CommandException or StoreException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return null;
        }
    }
}
