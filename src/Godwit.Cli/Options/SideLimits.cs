using Godwit.Cli.Configuration;

namespace Godwit.Cli.Options;

/// <summary>What one side of a run is asked for at most, as its endpoint says. Each side has its own: the one that bears less is not
/// overrun, and does not hold up the steps that are the other's alone.</summary>
/// <param name="Transfers">Reads at once, writes at once, and other calls at once; null for what the store bears by itself.</param>
/// <param name="Bandwidth">Bytes a second that are read and written there together, those that are read for a proof included; null for no
/// limit.</param>
internal sealed record SideLimits(int? Transfers, BandwidthTimetable? Bandwidth)
{
    /// <summary>Nothing is said.</summary>
    public static SideLimits None { get; } = new(null, null);

    /// <summary>What the endpoint of an address says; null where the address names none.</summary>
    public static SideLimits Of(Endpoint? endpoint) =>
        endpoint is null ? None : new TransferSettings().LimitsOf(new SettingSource(null, _ => null, endpoint.Limits));
}
