using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Results;

/// <summary>Makes sure before a run that no result lies where the run reads, writes or deletes.</summary>
/// <param name="ends">The two places.</param>
/// <param name="settings">What the run does there.</param>
internal sealed class ResultPlaces(TransferEnds ends, CopySettings settings)
{
    /// <summary>Refuses lists of a check inside what it compares: each would be a difference itself, and might replace a file that is compared.</summary>
    /// <param name="files">The lists.</param>
    /// <param name="trees">What is compared, each with its role.</param>
    /// <exception cref="CommandException">One lies there.</exception>
    public static void RequireBeside(IEnumerable<ResultFile> files, IReadOnlyList<(string Role, StoreIdentity Store, StorePath? File)> trees)
    {
        foreach (ResultFile one in files.Where(one => !ResultFiles.IsStream(one.File)))
        {
            StorePath real = ResultFiles.RealPath(one.File);
            foreach ((string role, StoreIdentity store, StorePath? file) in trees)
            {
                if (Below(store, real) is { } path && (file is null || path == file))
                {
                    throw new CommandException(
                        ExitCode.Usage,
                        $"{one.Option} \"{ArgumentText.Show(one.File)}\" lies inside {role}, which is compared: write it beside the trees.");
                }
            }
        }
    }

    /// <summary>Looks whether a result would take the place of what the run moves, or would be deleted, moved away or sent while it grows.</summary>
    /// <exception cref="CommandException">It would.</exception>
    public async Task RequireAsync(CancellationToken ct)
    {
        foreach (ResultFile one in settings.Results().Where(one => !ResultFiles.IsStream(one.File)))
        {
            StorePath real = ResultFiles.RealPath(one.File);
            RequireOutside(one, real, ends.SourceBox is null ? null : ends.Source.Identity);
            RequireOutside(one, real, ends.DestinationBox is null ? null : ends.Destination.Identity);
            if (Below(ends.Destination.Identity, real) is { } there)
            {
                await RequireAtDestinationAsync(one, there, ct).ConfigureAwait(false);
            }

            if (!settings.IsFedBy(one.File) && Below(ends.Source.Identity, real) is { } here)
            {
                await RequireAtSourceAsync(one, here, ct).ConfigureAwait(false);
            }
        }
    }

    private static void RequireOutside(ResultFile one, StorePath real, StoreIdentity? box)
    {
        if (box is not null && Below(box, real) is not null)
        {
            throw new CommandException(
                ExitCode.Usage, $"{one.Option} \"{ArgumentText.Show(one.File)}\" lies inside the drop box, where nothing else may be. Name a file outside.");
        }
    }

    private async Task RequireAtDestinationAsync(ResultFile one, StorePath there, CancellationToken ct)
    {
        if (await ArrivesAsync(there, ct).ConfigureAwait(false))
        {
            throw ResultFiles.Lost(one, $"is where \"{ends.Single?.Source ?? there}\" of SRC goes", "Name another file");
        }

        // With a list, a sync deletes nothing.
        if (settings is { Policy.Removal: not null, Files: null } && IsCovered(there))
        {
            throw Inside(one, "DST", "sync would delete it");
        }
    }

    private async Task RequireAtSourceAsync(ResultFile one, StorePath here, CancellationToken ct)
    {
        if (await IsMovedAsync(one, here, ct).ConfigureAwait(false))
        {
            throw ResultFiles.Lost(one, "is a file of SRC", "Move it away, or name another file");
        }

        string? why = one.Kind is ResultKind.Log or ResultKind.Manifest ? "it would change after it is sent, or while"
            : settings.Policy.RemoveSource ? "it would be moved away" : null;
        if (why is not null && ends.Single is null && IsTaken(here))
        {
            throw Inside(one, "SRC", why);
        }
    }

    private async Task<bool> ArrivesAsync(StorePath there, CancellationToken ct)
    {
        try
        {
            return ends.Single is { } single
                ? there == single.Destination
                : await ends.Source.StatAsync(there, ct).ConfigureAwait(false) is { Kind: not EntryKind.Directory };
        }
        catch (StoreException)
        {
            // The run itself tells what is wrong there.
            return false;
        }
    }

    /// <summary>Whether it is a file of the source. A list that an earlier run left there is none: it names what is there.</summary>
    private async Task<bool> IsMovedAsync(ResultFile one, StorePath here, CancellationToken ct)
    {
        if (ends.Single is { } single)
        {
            return here == single.Source;
        }

        if (one.Kind is not (ResultKind.Names or ResultKind.NulNames) || FileHead.Read(one.File) is not { } head)
        {
            return false;
        }

        foreach (StorePath name in await head.NamesAsync(ResultFiles.EndOf(one.Kind), signed: false, ct).ConfigureAwait(false) ?? [])
        {
            if (await ends.Source.StatAsync(name, ct).ConfigureAwait(false) is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the run takes a file of the source that has this name.</summary>
    private bool IsTaken(StorePath path)
    {
        if (settings.Listed is { } listed)
        {
            return listed.BySource.Any(file => file.Source == path);
        }

        if (settings.Files is not { } files)
        {
            return IsCovered(path);
        }

        // A listed directory stands for all below it.
        StorePath at = path;
        while (!at.IsRoot && !files.Contains(at))
        {
            at = at.Parent;
        }

        return !at.IsRoot;
    }

    /// <summary>Whether the filters take the name. What its length and time will be is not known: a link has none that they ask for.</summary>
    private bool IsCovered(StorePath path) => settings.Filter.Covers(new StoreEntry { Path = path, Kind = EntryKind.Link });

    private static CommandException Inside(ResultFile one, string role, string why) => new(
        ExitCode.Usage,
        $"{one.Option} \"{ArgumentText.Show(one.File)}\" lies inside {role}: {why}. Name a file outside, or leave it out with --exclude.");

    private static StorePath? Below(StoreIdentity store, StorePath real) =>
        store.Scheme == "file" && real.IsBelow(store.Root) ? real.RelativeTo(store.Root) : null;
}
