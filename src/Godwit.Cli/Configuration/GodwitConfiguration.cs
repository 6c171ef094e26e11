using Godwit.Server.Access;

namespace Godwit.Cli.Configuration;

/// <summary>A configuration that was read: an unchanging whole.</summary>
internal sealed record GodwitConfiguration
{
    /// <summary>Where it is kept, or would be.</summary>
    public required string File { get; init; }

    /// <summary>Whether the file is there.</summary>
    public bool IsThere { get; init; }

    /// <summary>General settings, by key.</summary>
    public IReadOnlyDictionary<string, ConfiguredValue> Defaults { get; init; } = new Dictionary<string, ConfiguredValue>();

    /// <summary>The endpoints, in the order of the file.</summary>
    public IReadOnlyList<Endpoint> Endpoints { get; init; } = [];

    /// <summary>How a service runs, by key.</summary>
    public IReadOnlyDictionary<string, ConfiguredValue> Server { get; init; } = new Dictionary<string, ConfiguredValue>();

    /// <summary>The projects of a service, in the order of the file; null where it says nothing of any. Only a service knows them: nothing else loads them.</summary>
    public IReadOnlyList<Project>? Projects { get; init; }

    /// <summary>Who may ask a service with a certificate; null where it says nothing of anybody.</summary>
    public IReadOnlyList<Person>? People { get; init; }

    /// <summary>Who is told of a service's transfers that ended; null where it says nothing of anybody.</summary>
    public IReadOnlyList<NoticeEntry>? Notices { get; init; }

    /// <summary>Who brings sources to where a service can read them; null where it says nothing of anybody.</summary>
    public IReadOnlyList<StagerEntry>? Stagers { get; init; }

    /// <summary>Who prepares what a service moves; null where it says nothing of anybody.</summary>
    public IReadOnlyList<StagerEntry>? Preparers { get; init; }

    /// <summary>All who make a service's transfers ready: stagers before preparers.</summary>
    public IEnumerable<StagerEntry> AllAsked => [.. Stagers ?? [], .. Preparers ?? []];

    /// <summary>The endpoint of a name; null for none.</summary>
    public Endpoint? Find(string name) => Endpoints.FirstOrDefault(endpoint => endpoint.Name == name);

    /// <summary>Which of the names that are there a mistyped one looks most like, as a sentence.</summary>
    public string NearestTo(string name) => Endpoints.Count == 0
        ? $"{File} names no endpoint."
        : $"The nearest in {File} is \"{NearestWord.To(name, [.. Endpoints.Select(endpoint => endpoint.Name)])}\".";
}
