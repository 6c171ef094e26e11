namespace Godwit.Benchmarks;

/// <summary>What is measured.</summary>
/// <param name="Name">The word of the command line.</param>
/// <param name="Prepare">Makes the data, and says who runs; the first is the one that ratios are against.</param>
internal sealed record Scenario(string Name, Func<Room, Race> Prepare);

/// <summary>Contestants on data that is there.</summary>
/// <param name="Title">What they have to do.</param>
/// <param name="Contestants">Who runs, in turn.</param>
internal sealed record Race(string Title, IReadOnlyList<Contestant> Contestants)
{
    /// <summary>What has to be there until the last has run; null for nothing.</summary>
    public IDisposable? Holds { get; init; }
}

/// <summary>A program and what it is called with.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Command">Gives a run's command; asked anew for each run, before the clock starts.</param>
internal sealed record Contestant(string Name, Func<Command> Command);

/// <summary>One command.</summary>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Settings">Environment variables beside those of this process.</param>
internal sealed record Command(IReadOnlyList<string> Words, IReadOnlyDictionary<string, string>? Settings = null)
{
    /// <summary>A directory that has to hold the same files as another afterwards; what is fast and wrong does not count.</summary>
    public (string Expected, string Found)? SameTrees { get; init; }

    /// <summary>A directory that is thrown away afterwards; null for none.</summary>
    public string? Thrown { get; init; }
}

/// <summary>Sizes that were asked for instead of the scenarios' own.</summary>
internal sealed record Size(int? Files, long? Bytes);

/// <summary>All scenarios.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } = [.. DirectoryScenarios.All, .. BucketScenarios.All, .. SftpScenarios.All, .. GridScenarios.All, .. RelayScenarios.All, .. LedgerScenarios.All];
}
