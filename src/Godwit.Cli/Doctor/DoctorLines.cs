using Godwit.Storage;

namespace Godwit.Cli.Doctor;

/// <summary>Findings for people: a line each, and below what is not well what to do about it.</summary>
internal sealed class DoctorLines : DoctorOutput
{
    private const int NameWidth = 13;
    private const string Reset = "\x1b[0m";

    private readonly TextWriter _output;
    private readonly bool _quiet;
    private readonly bool _signs;
    private readonly bool _colors;
    private string? _heading;

    public DoctorLines(CommandContext context, bool quiet)
    {
        (_output, _quiet) = (context.Output, quiet);
        Func<string, string?> environment = context.Wiring.Environment;
        string[] locale = [.. ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(name => environment(name) ?? "").Where(value => value.Length > 0)];
        _signs = locale is [var first, ..] && first.Replace("-", "", StringComparison.Ordinal).Contains("utf8", StringComparison.OrdinalIgnoreCase);
        _colors = context.Wiring.OutputIsTerminal && environment("NO_COLOR") is null or "" && environment("TERM") is not (null or "" or "dumb");
    }

    public override Task BeginAsync(string place, string? address)
    {
        _heading = $"{place}{(address is null ? "" : $" {ArgumentText.Show(address)}")}";
        return Task.CompletedTask;
    }

    public override async Task EndAsync(ExitCode code)
    {
        (int failed, int warnings, int unknown) = (Count(FindingOutcome.Failed), Count(FindingOutcome.Warning), Count(FindingOutcome.Unknown));
        int all = failed + warnings + unknown + Count(FindingOutcome.Ok);
        if (_quiet && failed + warnings == 0)
        {
            return;
        }

        (string Text, int Count)[] parts =
            [($"{failed} FAILED", failed), (warnings == 1 ? "1 warning" : $"{warnings} warnings", warnings), ($"{unknown} not known", unknown)];
        string verdict = failed > 0 ? "something is wrong" : warnings > 0 ? "it works, and something wants attention" : "all is well";
        await _output.WriteLineAsync($"doctor: {verdict}: {all} {(all == 1 ? "check" : "checks")}{string.Concat(parts.Where(part => part.Count > 0).Select(part => ", " + part.Text))}")
            .ConfigureAwait(false);
        await _output.FlushAsync().ConfigureAwait(false);
    }

    protected override async Task WriteAsync(string check, Finding finding)
    {
        if (_quiet && finding.Outcome is FindingOutcome.Ok or FindingOutcome.Unknown)
        {
            return;
        }

        if (_heading is not null)
        {
            await _output.WriteLineAsync(_heading).ConfigureAwait(false);
            _heading = null;
        }

        await _output.WriteLineAsync($"{Mark(finding.Outcome)} {check.PadRight(NameWidth)} {ArgumentText.Show(finding.Seen)}").ConfigureAwait(false);
        if (finding.Remedy is not null)
        {
            await _output.WriteLineAsync($"{new string(' ', (_signs ? 1 : 4) + NameWidth + 2)}{(_signs ? "→" : "->")} {ArgumentText.Show(finding.Remedy)}").ConfigureAwait(false);
        }

        await _output.FlushAsync().ConfigureAwait(false);
    }

    private string Mark(FindingOutcome outcome)
    {
        (string sign, string word, string color) = outcome switch
        {
            FindingOutcome.Ok => ("✓", "ok  ", "\x1b[32m"),
            FindingOutcome.Warning => ("!", "warn", "\x1b[33m"),
            FindingOutcome.Failed => ("✗", "FAIL", "\x1b[31m"),
            _ => ("?", "?   ", ""),
        };
        string mark = _signs ? sign : word;
        return _colors && color.Length > 0 ? color + mark + Reset : mark;
    }
}
