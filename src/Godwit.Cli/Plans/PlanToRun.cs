using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Transfers.Plan;

namespace Godwit.Cli.Plans;

/// <summary>What <c>--plan FILE</c> means without <c>--dry-run</c>: the file's decisions instead of those of the command line.</summary>
internal static class PlanToRun
{
    /// <summary>Opens the plan; null where none is to be carried out.</summary>
    /// <exception cref="CommandException">It cannot be used, or the command line decides something that the plan has decided.</exception>
    public static PlanFileReader? Open(CopySettings settings, IReadOnlyList<string> deciding)
    {
        if (settings.Plan is not { } file || settings.Policy.DryRun)
        {
            return null;
        }

        string[] given = [.. deciding, .. settings.Filter == EntryFilter.All && settings.Listed is null ? (string[])[] : ["the filters"]];
        return given.Length == 0 ? PlanFileReader.Open(file) : throw new CommandException(
            ExitCode.Usage, $"--plan carries out what was decided when it was made. Leave out {string.Join(", ", given)}, or add --dry-run to make another plan.");
    }

    /// <summary>The settings with what the plan has decided.</summary>
    public static CopySettings Onto(CopySettings settings, PlanHeader header) => settings with
    {
        Policy = settings.Policy with { Compare = header.Compare, Links = header.Links, NoOverwrite = header.NoOverwrite, StableFor = TimeSpan.Zero },
    };

    /// <summary>Refuses to carry a plan out elsewhere.</summary>
    /// <exception cref="CommandException">It is another command's plan, or of other places.</exception>
    public static void Require(PlanHeader header, string verb, TransferEnds ends)
    {
        if ((header.Verb, header.Source, header.Destination) != (verb, ends.SourceText, ends.DestinationText))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"The plan is of {header.Verb} {header.Source} {header.Destination}, not of {verb} {ends.SourceText} {ends.DestinationText}. Name the same places.");
        }
    }
}
