using System.CommandLine;

namespace Godwit.Cli.Options;

/// <summary>What a transfer leaves for people and for other programs.</summary>
internal sealed class ResultOptions
{
    private readonly Option<bool> _json = SettingOption.Flag("--json", "Events as JSON lines on standard output.");

    private readonly Option<string?> _report = SettingOption.File("--report", "FILE", "Write the report there, as JSON, however the run ends.");

    private readonly Option<string?> _failed = SettingOption.File(
        "--failed", "FILE", "Write the names of failed files there, as --files-from reads them; each ended by NUL where FILE ends in a letter and 0, such as failed.list0.");

    private readonly Option<string?> _manifest = SettingOption.File(
        "--manifest", "FILE", "Write the files that this run delivered, with checksums; what FILE lists already stays. One FILE for one DST.");

    private readonly Option<ManifestKind?> _manifestKind = SettingOption.OneOf<ManifestKind?>(
        "--manifest-kind", "In which form. Default: sha256, as sha256sum -c reads.",
        ("sha256", ManifestKind.Sha256), ("md5", ManifestKind.Md5), ("json", ManifestKind.Json));

    private readonly Option<bool> _quiet = SettingOption.Flag("--quiet", "Say nothing while the exit code is 0; otherwise what went wrong and the summary, on standard error.");

    private readonly Option<string?> _logFile = SettingOption.File("--log-file", "FILE", "Append a log there.");

    private readonly Option<LogLevel?> _logLevel = SettingOption.OneOf<LogLevel?>(
        "--log-level", "How much the log tells. Default: info.",
        ("error", LogLevel.Error), ("warn", LogLevel.Warn), ("info", LogLevel.Info), ("debug", LogLevel.Debug));

    private ResultOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static ResultOptions AddTo(Command command)
    {
        var options = new ResultOptions();
        foreach (Option option in (Option[])[
            options._json, options._report, options._failed, options._manifest, options._manifestKind, options._quiet, options._logFile,
            options._logLevel])
        {
            command.Add(option);
        }

        return options;
    }

    /// <summary>What the command line says, put into the settings.</summary>
    /// <exception cref="CommandException">An option stands without the one that it belongs to.</exception>
    public CopySettings Read(ParseResult parsed, CopySettings settings)
    {
        string? manifest = parsed.GetValue(_manifest);
        string? log = parsed.GetValue(_logFile);
        if (parsed.GetValue(_manifestKind) is not null && manifest is null)
        {
            throw new CommandException(ExitCode.Usage, "--manifest-kind says nothing without --manifest FILE.");
        }

        if (parsed.GetValue(_logLevel) is not null && log is null)
        {
            throw new CommandException(ExitCode.Usage, "--log-level says nothing without --log-file FILE.");
        }

        bool outputIsTaken = IsOutputTaken(parsed);
        return settings with
        {
            Json = parsed.GetValue(_json),
            Quiet = parsed.GetValue(_quiet),
            OutputIsTaken = outputIsTaken,
            Report = FileOf(parsed.GetValue(_report)),
            Failed = FileOf(parsed.GetValue(_failed)),
            Manifest = FileOf(manifest),
            ManifestKind = parsed.GetValue(_manifestKind) ?? default,
            LogFile = FileOf(log),
            LogLevel = parsed.GetValue(_logLevel) ?? LogLevel.Info,
        };
    }

    /// <summary>Whether one of the results goes to standard output.</summary>
    /// <exception cref="CommandException">More than one does, or the events do too.</exception>
    private bool IsOutputTaken(ParseResult parsed)
    {
        Option<string?>[] there = [.. new[] { _report, _failed, _manifest, _logFile }.Where(option => parsed.GetValue(option) == "-")];
        string? fault = there.Length > 1 ? $"Only one result can go to standard output: give {there[0].Name} or {there[1].Name} a file."
            : there.Length > 0 && parsed.GetValue(_json) ? $"--json has standard output already: give {there[0].Name} a file."
            : null;
        return fault is null ? there.Length > 0 : throw new CommandException(ExitCode.Usage, fault);
    }

    private static string? FileOf(string? named) => named == "-" ? "/dev/stdout" : named;
}
