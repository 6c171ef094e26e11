namespace Godwit.Server.Metrics;

/// <summary>One transfer that a stager or preparer is to make ready.</summary>
/// <param name="Stage">stage or prepare.</param>
/// <param name="By">Who.</param>
/// <param name="State">waiting, asked or acknowledged.</param>
internal sealed record StagingState(string Stage, string By, string State);
