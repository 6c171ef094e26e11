using System.CommandLine;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers.Check;

namespace Godwit.Cli.Commands;

/// <summary>The lists that a check can leave; each is a file, or <c>-</c> for standard output. Their options are rclone's.</summary>
internal sealed class CheckLists
{
    private readonly (Option<string?> Option, CheckVerdict? Verdict)[] _lists =
    [
        (List("--combined", "All paths, each after = (the same), + (only in SRC), - (only in DST), * (differs) or ! (error)."), null),
        (List("--match", "Paths that are the same."), CheckVerdict.Match),
        (List("--differ", "Paths that differ."), CheckVerdict.Differs),
        (List("--missing", "Paths that DST lacks.", "--missing-on-dst"), CheckVerdict.MissingOnDestination),
        (List("--missing-on-src", "Paths that only DST has."), CheckVerdict.MissingOnSource),
        (List("--error", "Paths that could not be compared."), CheckVerdict.Error),
    ];

    private CheckLists()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static CheckLists AddTo(Command command)
    {
        var lists = new CheckLists();
        foreach ((Option<string?> option, _) in lists._lists)
        {
            command.Add(option);
        }

        return lists;
    }

    /// <summary>The lists that the command line asks for.</summary>
    /// <exception cref="CommandException">More than one is to go to standard output.</exception>
    public IReadOnlyList<CheckList> Read(ParseResult parsed)
    {
        CheckList[] asked =
        [
            .. _lists.Select(list => new CheckList(list.Option.Name, parsed.GetValue(list.Option) ?? "", list.Verdict))
                .Where(list => list.File.Length > 0),
        ];
        return asked.Count(list => list.File == "-") <= 1
            ? asked
            : throw new CommandException(ExitCode.Usage, "Only one list can go to standard output.");
    }

    private static Option<string?> List(string name, string description, params string[] aliases)
    {
        Option<string?> option = SettingOption.File(name, "FILE", description);
        foreach (string alias in aliases)
        {
            option.Aliases.Add(alias);
        }

        return option;
    }
}

/// <summary>One list.</summary>
/// <param name="Option">Its option.</param>
/// <param name="File">Where it goes.</param>
/// <param name="Verdict">Which paths are in it; null for all, each after its sign.</param>
internal sealed record CheckList(string Option, string File, CheckVerdict? Verdict)
{
    /// <summary>The file that it is.</summary>
    public ResultFile Result => new(Option, File, Verdict is null ? ResultKind.SignedNames : ResultKind.Names);

    /// <summary>Writes the line's path, if it belongs here.</summary>
    public void Write(ByteOutput output, CheckLine line)
    {
        if (line.Verdict == CheckVerdict.Skipped || (Verdict is { } only && line.Verdict != only))
        {
            return;
        }

        if (Verdict is null)
        {
            output.Text($"{SignOf(line.Verdict)} ");
        }

        output.Name(line.Path);
        output.Bytes("\n"u8);
    }

    /// <summary>The sign of a verdict.</summary>
    public static char SignOf(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Match => '=',
        CheckVerdict.Differs => '*',
        CheckVerdict.MissingOnDestination => '+',
        CheckVerdict.MissingOnSource => '-',
        CheckVerdict.Error => '!',
        _ => ' ',
    };

    /// <summary>The word of a verdict in JSON.</summary>
    public static string WordOf(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Match => "match",
        CheckVerdict.Differs => "differ",
        CheckVerdict.MissingOnDestination => "missing-on-destination",
        CheckVerdict.MissingOnSource => "missing-on-source",
        CheckVerdict.Error => "error",
        _ => "skipped",
    };
}
