using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Cli.Plans;

/// <summary>What <c>--plan FILE</c> means without <c>--dry-run</c>: the file's decisions instead of those of the command line.</summary>
internal static class PlanToRun
{
    /// <summary>Opens the plan; null where none is to be carried out.</summary>
    /// <exception cref="CommandException">It cannot be used, or the command line decides something that the plan has decided.</exception>
    public static async Task<PlanFileReader?> OpenAsync(
        CopySettings settings, IReadOnlyList<string> deciding, Wiring wiring, CancellationToken ct)
    {
        if (settings.Plan is not { } file || settings.Policy.DryRun)
        {
            return null;
        }

        string[] given = [.. deciding, .. settings.Filter == EntryFilter.All && settings.Listed is null ? (string[])[] : ["the filters"]];
        return given.Length == 0 ? await PlanFileReader.OpenAsync(file, wiring, ct).ConfigureAwait(false) : throw new CommandException(
            ExitCode.Usage, $"--plan carries out what was decided when it was made. Leave out {string.Join(", ", given)}, or add --dry-run to make another plan.");
    }

    /// <summary>The settings with what the plan has decided.</summary>
    /// <exception cref="CommandException">The command line says otherwise.</exception>
    public static CopySettings Onto(CopySettings settings, PlanHeader header)
    {
        RequireSame("--keep-directories", !settings.Policy.KeepSourceDirectories || header.KeepDirectories);
        return settings with
        {
            Policy = settings.Policy with
            {
                Compare = header.Compare,
                Links = header.Links,
                NoOverwrite = header.NoOverwrite,
                StableFor = TimeSpan.Zero,
                Removal = settings.Policy.Removal is { } given ? Guards(given, header.Guards) : null,
                SourceRemoval = settings.Policy.RemoveSource ? Guards(settings.Policy.SourceRemoval ?? new RemovalPolicy(), header.Guards) : null,
                KeepSourceDirectories = header.KeepDirectories,
            },
        };
    }

    /// <summary>The ends with the directory that the plan was made with for what is put aside.</summary>
    /// <exception cref="CommandException">The command line names another one.</exception>
    public static TransferEnds WithBackup(TransferEnds ends, PlanHeader header, Address destination, Wiring wiring)
    {
        RequireSame(BackupDirectory.Option, ends.Backup is not { } given || given.Identity.Root == header.Backup);
        return ends.Backup is null && header.Backup is { } planned ? BackupDirectory.AddTo(ends, destination, planned, wiring) : ends;
    }

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

    /// <summary>The guards of the plan. One may be added where it has none: a guard only ever refuses.</summary>
    private static RemovalPolicy Guards(RemovalPolicy given, RemovalPolicy planned)
    {
        bool hasLimit = planned.MaxFiles is not null || planned.MaxShare is not null;
        bool givesLimit = given.MaxFiles is not null || given.MaxShare is not null;
        RequireSame("--max-delete", !hasLimit || !givesLimit || (given.MaxFiles, given.MaxShare) == (planned.MaxFiles, planned.MaxShare));
        RequireSame("--allow-empty-source", !given.AllowEmptySource || planned.AllowEmptySource);
        return hasLimit ? planned : given with { AllowEmptySource = planned.AllowEmptySource };
    }

    private static void RequireSame(string option, bool isSame)
    {
        if (!isSame)
        {
            throw new CommandException(ExitCode.Usage, $"{option} is not as in the plan. Leave it out, or make another plan with --dry-run.");
        }
    }
}
