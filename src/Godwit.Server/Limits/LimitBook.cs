using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Server.Queue;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Limits;

/// <summary>The limits that operators have set, as the ledger keeps them: what is set counts at once, and after a restart, too.</summary>
/// <param name="settings">Where they are kept.</param>
/// <param name="limits">The limits in force.</param>
public sealed class LimitBook(IServiceSettings settings, LiveLimits limits)
{
    private const string Endpoint = "limit of endpoint ";
    private const string Link = "limit of link ";

    /// <summary>The limits in force.</summary>
    public LiveLimits Limits => limits;

    /// <summary>Called when what is said of a place is different.</summary>
    public Action<LimitedPlace> Changed { get; set; } = _ => { };

    /// <summary>Puts in force what an earlier service wrote down.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used, or holds what this program did not write.</exception>
    public async Task LoadAsync(CancellationToken ct)
    {
        foreach ((LimitedPlace place, LimitSettings said) in await ListAsync(ct).ConfigureAwait(false))
        {
            Apply(place, said);
        }
    }

    /// <summary>Everything that is said.</summary>
    public async ValueTask<IReadOnlyList<(LimitedPlace Place, LimitSettings Said)>> ListAsync(CancellationToken ct)
    {
        var found = new List<(LimitedPlace, LimitSettings)>();
        foreach (ServiceSetting setting in await settings.ListAsync(ct).ConfigureAwait(false))
        {
            if (PlaceOf(setting.Name) is { } place)
            {
                found.Add((place, Read(setting)));
            }
        }

        return found;
    }

    /// <summary>Sets what a place may take: for certain first, then at once.</summary>
    public async ValueTask SetAsync(LimitedPlace place, LimitSettings said, CancellationToken ct)
    {
        string? text = said == new LimitSettings() ? null : JsonSerializer.Serialize(said, LimitJson.Default.LimitSettings);
        await settings.PutAsync(NameOf(place), text, ct).ConfigureAwait(false);
        Apply(place, said);
    }

    private void Apply(LimitedPlace place, LimitSettings said)
    {
        if (place.Destination is { } destination)
        {
            limits.Set(new EndpointPair(place.Source, destination), said);
        }
        else
        {
            limits.Set(place.Source, said);
        }

        Changed(place);
    }

    private static string NameOf(LimitedPlace place) => place.Destination is null ? Endpoint + place.Source : $"{Link}{place.Source}\n{place.Destination}";

    private static LimitedPlace? PlaceOf(string name) =>
        name.StartsWith(Endpoint, StringComparison.Ordinal) ? new LimitedPlace(name[Endpoint.Length..], null)
        : name.StartsWith(Link, StringComparison.Ordinal) && name[Link.Length..].Split('\n') is [var source, var destination] ? new LimitedPlace(source, destination)
        : null;

    private static LimitSettings Read(ServiceSetting setting)
    {
        try
        {
            return JsonSerializer.Deserialize(setting.Text, LimitJson.Default.LimitSettings) ?? new LimitSettings();
        }
        catch (JsonException e)
        {
            throw new LedgerException($"The ledger holds a limit that this program did not write: {setting.Name}.", e);
        }
    }
}

/// <summary>An endpoint, or a link.</summary>
/// <param name="Source">The endpoint; of a link that of the source.</param>
/// <param name="Destination">The link's destination; null for an endpoint.</param>
public sealed record LimitedPlace(string Source, string? Destination);

/// <summary>How limits are written down.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LimitSettings))]
internal sealed partial class LimitJson : JsonSerializerContext;
