using Godwit.Cli.Options;
using Godwit.Transfers;

namespace Godwit.Cli.Progress;

/// <summary>A standing in words, whole for a log or cut to a window.</summary>
internal static class StandingText
{
    /// <summary>All of it, in one line.</summary>
    public static string Whole(Standing standing, TimeSpan elapsed)
    {
        string line = Line(standing, elapsed, Parts.All);
        return line + (standing.Totals.Failed > 0 ? $", {standing.Totals.Failed} FAILED" : "");
    }

    /// <summary>What fits into so many columns, without the failures. The rate and the time left are there in any window, in lines of their own
    /// where it takes that: whoever looks wants to see whether it moves, how fast, and how long still.</summary>
    /// <returns>The lines, and whether they hold the counts.</returns>
    public static (IReadOnlyList<string> Lines, bool HasCounts) Fitting(Standing standing, TimeSpan elapsed, int width)
    {
        Parts[] less = [Parts.All, Parts.Counts | Parts.Bytes | Parts.Elapsed, Parts.Counts | Parts.Bytes, Parts.Bytes, Parts.None];
        foreach (Parts parts in less)
        {
            string line = Line(standing, elapsed, parts);
            if (line.Length <= width)
            {
                return ([line], parts.HasFlag(Parts.Counts));
            }
        }

        string left = Left(standing);
        return (left.Length > 0 ? [Rate(standing), left] : [Rate(standing)], false);
    }

    private static string Line(Standing standing, TimeSpan elapsed, Parts parts)
    {
        string more = standing.PlanIsComplete ? "" : "+";
        string[] said =
        [
            parts.HasFlag(Parts.Counts) ? $"{standing.Totals.Delivered}/{standing.Totals.Planned}{more} files" : "",
            parts.HasFlag(Parts.Bytes) ? $"{SizeText.Show(standing.DoneBytes)} of {SizeText.Show(standing.Totals.PlannedBytes)}{more}" : "",
            Rate(standing),
            Left(standing),
            parts.HasFlag(Parts.Retries) && standing.Totals.Retries > 0 ? Amount.Of(standing.Totals.Retries, "retry") : "",
        ];
        string line = string.Join(", ", said.Where(part => part.Length > 0));
        return parts.HasFlag(Parts.Elapsed) ? $"{DurationText.Show(elapsed)}: {line}" : line;
    }

    private static string Rate(Standing standing) => $"{SizeText.Show(standing.Rate)}/s";

    private static string Left(Standing standing)
    {
        bool allSent = standing.PlanIsComplete && standing.DoneBytes >= standing.Totals.PlannedBytes;
        return allSent && standing.UnderWay.Count > 0 ? "verifying" : standing.Left is { } left ? $"{DurationText.Show(left)} left" : "";
    }

    /// <summary>What a line holds beside the rate and the time left.</summary>
    [Flags]
    private enum Parts
    {
        None = 0,
        Counts = 1,
        Bytes = 2,
        Elapsed = 4,
        Retries = 8,
        All = Counts | Bytes | Elapsed | Retries,
    }
}
