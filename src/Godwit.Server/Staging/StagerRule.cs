using Godwit.Server.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>What the configuration says of somebody who makes transfers ready.</summary>
/// <param name="Name">His name, of one kind's.</param>
/// <param name="Stage">What he is asked for.</param>
/// <param name="Asked">Asks him.</param>
public sealed record StagerRule(string Name, CallStage Stage, IStager Asked)
{
    /// <summary>Transfers that one has at once of whom the configuration says nothing else.</summary>
    public const int UsualAtOnce = 4;

    /// <summary>How long it may take where the configuration says nothing else.</summary>
    public static TimeSpan UsualLimit { get; } = TimeSpan.FromHours(24);

    /// <summary>Transfers that he has at once.</summary>
    public int AtOnce { get; init; } = UsualAtOnce;

    /// <summary>How long it may take from the moment when it is its turn until he calls back.</summary>
    public TimeSpan Limit { get; init; } = UsualLimit;

    /// <summary>The sources that he may name in his answer; empty where he may name none.</summary>
    public IReadOnlyList<UrlPattern> Places { get; init; } = [];

    /// <summary>The projects whose transfers may ask him; null for all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }
}
