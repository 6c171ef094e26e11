using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Storage;

namespace Godwit.Cli.Results;

/// <summary>Makes sure before a run that no result is lost by another one, and that none replaces what is no such result.</summary>
internal static class ResultFiles
{
    /// <summary>Looks at the files. A device, a pipe and what this process has open, such as <c>/dev/stdout</c>, may be named twice; an empty file is
    /// always replaced.</summary>
    /// <exception cref="CommandException">Two options name one file, or what is there would be lost and is plainly no such result.</exception>
    public static async Task RequireAsync(IReadOnlyList<ResultFile> files, CancellationToken ct)
    {
        var named = new Dictionary<StorePath, ResultFile>();
        foreach (ResultFile one in files.Where(one => !IsStream(one.File)))
        {
            if (!named.TryAdd(RealPath(one.File), one))
            {
                throw new CommandException(
                    ExitCode.Usage,
                    $"{named[RealPath(one.File)].Option} and {one.Option} both name the file \"{ArgumentText.Show(one.File)}\": one would replace the other. "
                    + "Give each a file of its own.");
            }

            await RequireReplaceableAsync(one, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Looks whether a result would take the place of what the run moves.</summary>
    /// <param name="files">The results.</param>
    /// <param name="ends">The two places.</param>
    /// <param name="lists">The lists that the run takes its files from: such a list may be replaced by what failed of it.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">It would.</exception>
    public static async Task RequireOutsideAsync(IReadOnlyList<ResultFile> files, TransferEnds ends, IReadOnlyList<string> lists, CancellationToken ct)
    {
        foreach (ResultFile one in files.Where(one => !IsStream(one.File)))
        {
            StorePath real = RealPath(one.File);
            if (Below(ends.Destination, real) is { } there && await ArrivesAsync(ends, there, ct).ConfigureAwait(false))
            {
                throw Lost(one, $"is where \"{ends.Single?.Source ?? there}\" of SRC goes", "Name another file");
            }

            bool isFed = lists.Any(list => list != "-" && RealPath(list) == real);
            if (!isFed && Below(ends.Source, real) is { } here && await IsMovedAsync(one, here, ends, ct).ConfigureAwait(false))
            {
                throw Lost(one, "is a file of SRC", "Move it away, or name another file");
            }
        }
    }

    private static async Task<bool> ArrivesAsync(TransferEnds ends, StorePath there, CancellationToken ct)
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
    private static async Task<bool> IsMovedAsync(ResultFile one, StorePath here, TransferEnds ends, CancellationToken ct)
    {
        if (ends.Single is { } single)
        {
            return here == single.Source;
        }

        if (one.Kind is not (ResultKind.Names or ResultKind.NulNames) || FileHead.Read(one.File) is not { } head)
        {
            return false;
        }

        foreach (StorePath name in await head.NamesAsync(EndOf(one.Kind), signed: false, ct).ConfigureAwait(false) ?? [])
        {
            if (await ends.Source.StatAsync(name, ct).ConfigureAwait(false) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task RequireReplaceableAsync(ResultFile one, CancellationToken ct)
    {
        if (one.Kind is ResultKind.Log or ResultKind.Manifest || FileHead.Read(one.File) is not { } head)
        {
            return;
        }

        (bool isOne, string what) = one.Kind switch
        {
            ResultKind.Report => (head.BeginsWith("v", "id", "verb"), "report of Godwit"),
            ResultKind.Plan => (head.BeginsWith("godwit_plan"), "plan of Godwit"),
            _ => (await head.NamesAsync(EndOf(one.Kind), one.Kind == ResultKind.SignedNames, ct).ConfigureAwait(false) is not null, "list of files"),
        };
        if (!isOne)
        {
            throw Lost(one, $"is there, and is no {what}", "Move it away, or name another file");
        }
    }

    private static byte EndOf(ResultKind kind) => kind == ResultKind.NulNames ? (byte)0 : (byte)'\n';

    private static CommandException Lost(ResultFile one, string why, string remedy) =>
        new(ExitCode.Usage, $"{one.Option} \"{ArgumentText.Show(one.File)}\" {why}: it would be lost. {remedy}.");

    private static StorePath? Below(IStore store, StorePath real) =>
        store.Identity.Scheme == "file" && real.IsBelow(store.Identity.Root) ? real.RelativeTo(store.Identity.Root) : null;

    private static bool IsStream(string file) => file == "-" || InputFile.IsOpenHere(Path.GetFullPath(file)) || InputFile.IsSpecial(file);

    /// <summary>Where a name leads, links followed; also where that is not there yet.</summary>
    private static StorePath RealPath(string file)
    {
        const int MostLinks = 40;
        string whole = Path.GetFullPath(file);
        for (int links = 0; links < MostLinks && new FileInfo(whole).LinkTarget is { } target; links++)
        {
            whole = Path.GetFullPath(target, Path.GetDirectoryName(whole)!);
        }

        return LocalStore.In(whole).Identity.Root;
    }
}
