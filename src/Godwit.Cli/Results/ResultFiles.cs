using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Cli.Results;

/// <summary>Makes sure before a run that no result is lost by another one, and that none replaces what is no such result.</summary>
internal static class ResultFiles
{
    /// <summary>Looks at the files. A device, a pipe and what this process has open, such as <c>/dev/stdout</c>, may be named twice; an empty file is
    /// always replaced.</summary>
    /// <param name="files">The results.</param>
    /// <param name="inputs">What the command reads.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">Two options name one file, the command reads it, or what is there would be lost and is plainly no such
    /// result.</exception>
    public static async Task RequireAsync(IReadOnlyList<ResultFile> files, IEnumerable<ReadFile> inputs, CancellationToken ct)
    {
        ILookup<StorePath, ReadFile> read = inputs.Where(one => !IsStream(one.File)).ToLookup(one => RealPath(one.File));
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

            if (read[RealPath(one.File)].FirstOrDefault(input => input.MayBe != one.Option) is { } input)
            {
                throw new CommandException(
                    ExitCode.Usage, $"{one.Option} \"{ArgumentText.Show(one.File)}\" is {input.What}, which this command reads. Name another file.");
            }

            await RequireReplaceableAsync(one, ct).ConfigureAwait(false);
        }
    }

    private static async Task RequireReplaceableAsync(ResultFile one, CancellationToken ct)
    {
        var found = FileHead.Read(one.File);
        if (one.Kind == ResultKind.Log)
        {
            RequireAppendable(one, found);
        }

        if (one.Kind is ResultKind.Manifest or ResultKind.Log || found is not { } head)
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

    /// <summary>What is there stays, and may be spoiled all the same.</summary>
    private static void RequireAppendable(ResultFile log, FileHead? found)
    {
        string? fault = found?.IsText() == false ? "is no log: it holds binary data"
            : InputFile.NamesOf(log.File) > 1 ? "has another name too (a hard link): the file of that name would grow"
            : null;
        if (fault is not null)
        {
            throw new CommandException(ExitCode.Usage, $"{log.Option} \"{ArgumentText.Show(log.File)}\" is there, and {fault}. Name another file.");
        }
    }

    /// <summary>What ends a name in a list.</summary>
    public static byte EndOf(ResultKind kind) => kind == ResultKind.NulNames ? (byte)0 : (byte)'\n';

    /// <summary>Refuses a result in whose place something else would be lost.</summary>
    public static CommandException Lost(ResultFile one, string why, string remedy) =>
        new(ExitCode.Usage, $"{one.Option} \"{ArgumentText.Show(one.File)}\" {why}: it would be lost. {remedy}.");

    /// <summary>Whether it is standard output, or something else that is written to where it stands.</summary>
    public static bool IsStream(string file) => file == "-" || WholeFile.IsDevice(Path.GetFullPath(file));

    /// <summary>Where a name leads, links followed; also where that is not there yet.</summary>
    public static StorePath RealPath(string file) => LocalStore.In(WholeFile.PlaceOf(file)).Identity.Root;
}
