using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Godwit.Cli;

/// <summary>What somebody has to know beside the options, at the end of a command's help and in the pages.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Lines">What is written, and what that means; the meaning is empty where the line says it all.</param>
internal sealed record HelpSection(string Title, IReadOnlyList<(string Written, string Meaning)> Lines)
{
    private const string Examples = "Examples";

    private static readonly HelpSection s_addresses = new("Addresses (SRC, DST, URL)",
    [
        ("/path, ./path", "on this machine; a name with a colon needs ./ before it"),
        ("s3://bucket/prefix", "in a bucket; the server by --s3-endpoint URL"),
        ("sftp://user@host:port/path", "on an SFTP server, from its top; sftp://host/~/path below the account's directory"),
        ("gsiftp://host:port/path", "on a GridFTP server; the credential by --x509-proxy FILE"),
        ("root://host:port//path", "on an XRootD server, likewise; roots:// with TLS"),
        ("name:path", "below an endpoint of the configuration; see: godwit config show"),
    ]);

    private static readonly HelpSection s_patterns = new("Patterns (--include, --exclude, --filter)",
    [
        ("*.fits", "names at any depth; * and ? take no /"),
        ("/raw/*.fits", "with / first: from the top of SRC"),
        ("raw/**", "everything below a directory; ** takes / too"),
        ("raw/", "with / last: a directory with all that is below it"),
        ("[a-z]  {a,b}  {{regexp}}", "one of some characters, of some texts, and a regular expression"),
        ("'*.fits'", "quoted, so that the shell leaves it as it is"),
    ]);

    private static readonly Dictionary<string, string[]> s_examples = new()
    {
        ["copy"] = ["godwit copy /data/night1 s3://archive/night1", "godwit copy /data/night1 archive: --include '*.fits' --dry-run", "godwit copy /data/night1 sftp://op@host/archive/night1 --manifest night1.sha256"],
        ["sync"] = ["godwit sync /data/current /mnt/mirror --dry-run", "godwit sync /data/current /mnt/mirror --max-delete 100 --backup-dir /mnt/kept"],
        ["move"] = ["godwit move /data/night1 s3://archive/night1", "godwit move /data/night1 /archive/night1 --links keep --stable-for 60s --max-delete 1000"],
        ["check"] = ["godwit check /data/night1 s3://archive/night1", "godwit check --manifest night1.sha256 /archive/night1", "godwit check /data/night1 /archive/night1 --compare checksum --quiet"],
        ["push"] = ["godwit relay push /data/out s3://drop/site --stable-for 60s --quiet", "godwit relay push /data/out s3://drop/site --include '*.fits' --level 9"],
        ["pull"] = ["godwit relay pull s3://drop/site /archive --time-budget 50m --quiet", "godwit relay pull s3://drop/site root://se.example.org//archive --path night1/a.fits"],
        ["history"] = ["godwit history --path night1/a.fits", "godwit history --path s3://archive/night1/ --json"],
    };

    /// <summary>The exit codes in a few words; where several hold, which one is given is told in the pages.</summary>
    public static HelpSection ExitCodes { get; } = new("Exit codes",
    [
        .. Enum.GetValues<ExitCode>().Select(code => (((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture), MeaningOf(code))),
    ]);

    /// <summary>The sections of a command; none of one that only has others below it.</summary>
    public static IEnumerable<HelpSection> Of(Command command)
    {
        if (command.Subcommands.Count > 0)
        {
            yield break;
        }

        if (command.Arguments.Any(argument => argument.Name is "SRC" or "DST" or "BOX" || argument.Name.StartsWith("URL", StringComparison.Ordinal)))
        {
            yield return s_addresses;
        }

        if (command.Options.Any(option => option.Name == "--include"))
        {
            yield return s_patterns;
        }

        yield return ExitCodes;
        if (s_examples.TryGetValue(command.Name, out string[]? examples))
        {
            yield return new HelpSection(Examples, [.. examples.Select(example => (example, ""))]);
        }
    }

    /// <summary>Every section once, and the examples of all commands last.</summary>
    public static IReadOnlyList<HelpSection> All(Command root)
    {
        HelpSection[] each = [.. root.Subcommands.SelectMany(Of).DistinctBy(section => (section.Title, section.Title == Examples ? section : null))];
        return [.. each.Where(section => section.Title != Examples), new HelpSection(Examples, [.. each.Where(section => section.Title == Examples).SelectMany(section => section.Lines)])];
    }

    /// <summary>What an exit code means.</summary>
    public static string MeaningOf(ExitCode code) => code switch
    {
        ExitCode.Success => "everything arrived, or there was nothing to do",
        ExitCode.Other => "something else: check found differences, a result file could not be written, part of a listing is missing",
        ExitCode.Usage => "wrong usage or configuration; nothing was moved",
        ExitCode.DirectoryNotFound => "the directory is not there",
        ExitCode.FileNotFound => "the file is not there, or the ledger knows nothing of it",
        ExitCode.FailedRetryable => "some files failed; a retry may help",
        ExitCode.FailedForGood => "some files failed; a retry will not help",
        ExitCode.Fatal => "fatal: not reachable, not authenticated, a guard refused, another run writes there",
        ExitCode.LimitReached => "--max-transfer is reached, there is more to do",
        ExitCode.NothingToDo => "nothing to do, only with --error-on-no-transfer",
        ExitCode.TimeUsedUp => "--time-budget is used up, there is more to do",
        ExitCode.Interrupted => "a clean stop on SIGINT (Ctrl-C)",
        _ => "a clean stop on SIGTERM",
    };
}

/// <summary>The help that the parser writes, and the sections after it.</summary>
internal sealed class HelpWithSections(HelpAction inner) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int code = inner.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        foreach (HelpSection section in HelpSection.Of(parseResult.CommandResult.Command))
        {
            int width = section.Lines.Max(line => line.Meaning.Length == 0 ? 0 : line.Written.Length);
            output.Write($"{section.Title}:\n");
            foreach ((string written, string meaning) in section.Lines)
            {
                output.Write(meaning.Length == 0 ? $"  {written}\n" : $"  {written.PadRight(width)}  {meaning}\n");
            }

            output.Write('\n');
        }

        return code;
    }
}
