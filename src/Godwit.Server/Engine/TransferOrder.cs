using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Engine;

/// <summary>What is asked for when a transfer is handed over, in the words of the command line.</summary>
/// <param name="Verb">The command: <c>copy</c>.</param>
/// <param name="Source">The source, as on the command line; empty where its stager will say where it is.</param>
/// <param name="Destination">The destination, likewise.</param>
public sealed record TransferOrder(string Verb, string Source, string Destination)
{
    /// <summary>Options by the names that they have on the command line and in the configuration, without dashes: each with its values, one for all
    /// but those that may be repeated; <c>true</c> for a flag.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Options { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Between which endpoints it goes, as far as that was found out when it was accepted; empty before.</summary>
    public (string Source, string Destination) Endpoints { get; init; } = ("", "");

    /// <summary>Whether it is held to what its project may use; not, where an administrator handed it over.</summary>
    public bool IsBound { get; init; }

    /// <summary>Who brings its source to where it can be read; null for nobody.</summary>
    public CallOrder? Stage { get; init; }

    /// <summary>Who prepares what is to be moved; null for nobody.</summary>
    public CallOrder? Prepare { get; init; }

    /// <summary>The stager who named its source; null where whoever handed it over did. Nobody writes it down with the order.</summary>
    public string? StagedBy { get; init; }

    /// <summary>Whether its stager will say where the source is.</summary>
    public bool IsSourceStaged => Source.Length == 0 && Stage is not null;

    /// <summary>What a submission keeps of it beside its source and destination.</summary>
    public string ToDetails() => JsonSerializer.Serialize(
        new OrderDetails(Source, Destination, Options, Endpoints.Source, Endpoints.Destination, IsBound, Stage, Prepare), OrderJson.Default.OrderDetails);

    /// <summary>The order of a submission.</summary>
    /// <exception cref="JsonException">Its details were written by something else.</exception>
    public static TransferOrder Of(Submission submission)
    {
        ArgumentNullException.ThrowIfNull(submission);
        return Of(submission.Verb, submission.Details, $"transfer {submission.Id}");
    }

    /// <summary>The order of a schedule.</summary>
    /// <exception cref="JsonException">Its details were written by something else.</exception>
    public static TransferOrder Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return Of(schedule.Verb, schedule.Details, $"schedule {schedule.Id}");
    }

    private static TransferOrder Of(string verb, string text, string whose)
    {
        OrderDetails details = JsonSerializer.Deserialize(text, OrderJson.Default.OrderDetails) ?? throw new JsonException($"The {whose} has no details.");
        return new TransferOrder(verb, details.Source, details.Destination)
        {
            Options = details.Options,
            Endpoints = (details.SourceEndpoint, details.DestinationEndpoint),
            IsBound = details.IsBound,
            Stage = details.Stage,
            Prepare = details.Prepare,
        };
    }
}

/// <summary>Somebody who is to be asked before files are moved.</summary>
/// <param name="By">Who, by his name in the configuration.</param>
/// <param name="What">What he is asked for, in words that are his; empty where the transfer itself says enough.</param>
public sealed record CallOrder(string By, string What);

/// <summary>An order as the ledger keeps it: the addresses as they were written, because their readable form escapes what is not Unicode.</summary>
internal sealed record OrderDetails(
    string Source, string Destination, IReadOnlyDictionary<string, IReadOnlyList<string>> Options, string SourceEndpoint, string DestinationEndpoint,
    bool IsBound = false, CallOrder? Stage = null, CallOrder? Prepare = null);

/// <summary>How orders are written down.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OrderDetails))]
internal sealed partial class OrderJson : JsonSerializerContext;
