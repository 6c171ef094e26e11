using System.Collections.Concurrent;
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

    // A file on a disk that does not answer keeps nobody from the ends of the others.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task<DateTimeOffset?>> _looking = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _known = new(StringComparer.Ordinal);

    /// <summary>The ends that are known now, by endpoint: of a file that does not answer, what it said last.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> ReadAsync()
    {
        IReadOnlyList<Endpoint> endpoints = wiring.Configuration.InForce(wiring.Environment).Endpoints;
        Task<DateTimeOffset?>[] looks = [.. endpoints.Select(LookAt)];
        await ((Task)Task.WhenAll(looks).WaitAsync(s_patience, wiring.Time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ends = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach ((Endpoint endpoint, Task<DateTimeOffset?> look) in endpoints.Zip(looks))
        {
            if (await LastOfAsync(endpoint.Name, look).ConfigureAwait(false) is { } end)
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

    /// <summary>Looks at one; the look before goes on where it has not come back.</summary>
    private Task<DateTimeOffset?> LookAt(Endpoint endpoint) => _looking[endpoint.Name] =
        _looking.TryGetValue(endpoint.Name, out Task<DateTimeOffset?>? before) && !before.IsCompleted ? before : Task.Run(() => EndOf(endpoint));

    private async ValueTask<DateTimeOffset?> LastOfAsync(string endpoint, Task<DateTimeOffset?> look)
    {
        if (!look.IsCompletedSuccessfully)
        {
            return _known.TryGetValue(endpoint, out DateTimeOffset last) ? last : null;
        }

        DateTimeOffset? end = await look.ConfigureAwait(false);
        if (end is { } known)
        {
            _known[endpoint] = known;
        }
        else
        {
            _known.TryRemove(endpoint, out _);
        }

        return end;
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
