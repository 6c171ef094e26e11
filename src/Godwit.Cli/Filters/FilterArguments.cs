using System.CommandLine;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Filters;

/// <summary>The options that choose files, for every command that walks a tree.</summary>
internal sealed class FilterArguments
{
    private readonly Option<string[]> _include = Many(
        "--include", "PATTERN", "Take files that match, and leave out all that no rule matches. May be repeated; comes before --exclude and --filter.");

    private readonly Option<string[]> _exclude = Many("--exclude", "PATTERN", "Leave out files that match. May be repeated; comes before --filter.");

    private readonly Option<string[]> _filter = Many(
        "--filter", "RULE", "\"+ PATTERN\" takes, \"- PATTERN\" leaves out, \"!\" forgets the rules so far; the first that matches a file decides.");

    private readonly Option<string[]> _excludeIfPresent = Many(
        "--exclude-if-present", "NAME", "Leave out each directory of SRC, with all below it, that has an entry of this name. May be repeated.");

    private readonly Option<bool> _ignoreCase = SettingOption.Flag("--ignore-case", "Patterns take upper and lower case alike.");

    private readonly Option<string[]> _filesFrom = Many(
        "--files-from", "FILE", "Only the files listed there, one a line, or all below a listed directory; # and ; begin a comment; - is standard input. After a tab: its path at DST; after another: its checksum.");

    private readonly Option<string[]> _filesFrom0 = Many("--files-from0", "FILE", "As --files-from, each file ended by NUL.");

    private readonly Option<string?> _minSize = One("--min-size", "SIZE", "Leave out smaller files. K M G T P count by 1024; a bare number is bytes.");

    private readonly Option<string?> _maxSize = One("--max-size", "SIZE", "Leave out larger files.");

    private readonly Option<string?> _minAge = One(
        "--min-age", "AGE", "Leave out files changed more recently: 90s, 36h, 1d12h, 2w, 6M, 1y, or 2026-03-01T00:00:00Z.");

    private readonly Option<string?> _maxAge = One("--max-age", "AGE", "Leave out files changed longer ago.");

    private readonly Option<int?> _maxDepth = SettingOption.Of<int?>(
        "--max-depth", "N", "How deep to go; 1 is the top directory's own files.",
        text => int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int depth)
            ? depth
            : throw new FormatException("write a whole number"));

    private FilterArguments()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static FilterArguments AddTo(Command command)
    {
        var arguments = new FilterArguments();
        foreach (Option option in (Option[])[
            arguments._include, arguments._exclude, arguments._filter, arguments._excludeIfPresent, arguments._ignoreCase, arguments._filesFrom, arguments._filesFrom0,
            arguments._minSize, arguments._maxSize, arguments._minAge, arguments._maxAge, arguments._maxDepth])
        {
            command.Add(option);
        }

        return arguments;
    }

    /// <summary>Adds only the options that read a list of files, without columns.</summary>
    public static FilterArguments AddListsTo(Command command)
    {
        var arguments = new FilterArguments();
        arguments._filesFrom.Description =
            "Only the files listed there, or all below a listed directory, by their paths below SRC, one a line; # and ; begin a comment; - is standard input.";
        command.Add(arguments._filesFrom);
        command.Add(arguments._filesFrom0);
        return arguments;
    }

    /// <summary>The files that hold the lists, as they were named.</summary>
    public IReadOnlyList<string> ListsOf(ParseResult parsed) => [.. parsed.GetValue(_filesFrom) ?? [], .. parsed.GetValue(_filesFrom0) ?? []];

    /// <summary>The filter that the command line asks for. Lists are read here, whole.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="wiring">What it is connected to.</param>
    /// <param name="columns">Whether a list may give files another name, or a checksum.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">With every fault, each naming its option and value.</exception>
    public async Task<FilterSelection> ReadAsync(ParseResult parsed, Wiring wiring, bool columns, CancellationToken ct)
    {
        var faults = new List<string>();
        string[] lines = parsed.GetValue(_filesFrom) ?? [];
        string[] nuls = parsed.GetValue(_filesFrom0) ?? [];
        var files = new List<ListedFile>();
        foreach ((string option, string file) in lines.Select(file => ("--files-from", file)).Concat(nuls.Select(file => ("--files-from0", file))))
        {
            files.AddRange(await ReadListAsync(option, file, wiring, faults, ct).ConfigureAwait(false));
        }

        ListedFile? more = files.Find(one => one.HasColumns);
        if (more is not null && !columns)
        {
            faults.Add($"{more.Where} has more than one column, and here only files are chosen: leave out its other columns, or write a tab in a name as \\t.");
        }

        if (more is not null && parsed.GetValue(_excludeIfPresent) is { Length: > 0 })
        {
            faults.Add($"--exclude-if-present looks into directories, and a list with columns ({more.Where}) is not looked for in any. Leave out one of them.");
        }

        FilterSelection selection = new FilterOptions
        {
            Include = parsed.GetValue(_include) ?? [],
            Exclude = parsed.GetValue(_exclude) ?? [],
            Filter = parsed.GetValue(_filter) ?? [],
            ExcludeIfPresent = parsed.GetValue(_excludeIfPresent) ?? [],
            IgnoreCase = parsed.GetValue(_ignoreCase),
            Files = lines.Length + nuls.Length > 0 && more is null ? new FileSet(files.Select(one => one.Source)) : null,
            MinSize = parsed.GetValue(_minSize),
            MaxSize = parsed.GetValue(_maxSize),
            MinAge = parsed.GetValue(_minAge),
            MaxAge = parsed.GetValue(_maxAge),
            MaxDepth = parsed.GetValue(_maxDepth),
        }.Build(wiring.Time);
        string[] all = [.. faults, .. selection.Faults];
        selection = selection with { Listed = more is null ? null : new ListedFiles(files) };
        return all.Length == 0 ? selection : throw new CommandException(ExitCode.Usage, string.Join(' ', all));
    }

    /// <summary>Says which listed files no listing showed.</summary>
    /// <returns>How many.</returns>
    public static async Task<long> ReportNotMetAsync(FilterSelection selection, TextWriter error)
    {
        await TellLeftOutAsync(selection.Files, error).ConfigureAwait(false);
        return await ReportNotMetAsync(selection.Files, "is not there", error).ConfigureAwait(false);
    }

    /// <summary>Says how many listed files other filters left out. That is no failure: it is what the command line says.</summary>
    public static async Task TellLeftOutAsync(FileSet? files, TextWriter error)
    {
        StorePath? first = null;
        long count = 0;
        foreach (StorePath path in files?.LeftOut ?? [])
        {
            first ??= path;
            count++;
        }

        if (count > 0)
        {
            string which = count == 1 ? $"the listed file \"{first}\" was" : $"{count} listed files were";
            string such = count == 1 ? "" : $", such as \"{first}\"";
            await error.WriteLineAsync($"godwit: {which} left out by the other filters{such}.").ConfigureAwait(false);
        }
    }

    /// <summary>Says which listed files were not met, and what that means.</summary>
    /// <returns>How many.</returns>
    public static async Task<long> ReportNotMetAsync(FileSet? files, string what, TextWriter error)
    {
        long count = 0;
        foreach (StorePath path in files?.NotMet ?? [])
        {
            count++;
            await error.WriteLineAsync($"godwit: \"{path}\" is listed in --files-from and {what}.").ConfigureAwait(false);
        }

        return count;
    }

    private static async Task<IReadOnlyList<ListedFile>> ReadListAsync(
        string option, string file, Wiring wiring, List<string> faults, CancellationToken ct)
    {
        try
        {
            Stream list = await InputFile.OpenAsync(file, wiring, ct).ConfigureAwait(false);
            await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable _ = list.ConfigureAwait(false);
            IReadOnlyList<ListedFile> read = option == "--files-from"
                ? await PathList.ReadLinesAsync(list, ct).ConfigureAwait(false)
                : await PathList.ReadNulAsync(list, ct).ConfigureAwait(false);
            return [.. read.Select(one => one with { Where = $"{option} \"{file}\" {one.Where}" })];
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            faults.Add($"{option} \"{file}\" cannot be read: {e.Message.TrimEnd('.')}.");
            return [];
        }
    }

    private static Option<string[]> Many(string name, string shape, string description) => new(name)
    {
        HelpName = shape,
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static Option<string?> One(string name, string shape, string description) => new(name)
    {
        HelpName = shape,
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
    };
}
