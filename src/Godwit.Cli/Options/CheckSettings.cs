using System.CommandLine;
using Godwit.Cli.Configuration;
using Godwit.Transfers;
using Godwit.Transfers.Check;

namespace Godwit.Cli.Options;

/// <summary>What <c>check</c> can be told by options, and shares with the commands that move files: by <c>GODWIT_</c> variables and the
/// configuration's defaults.</summary>
internal sealed class CheckSettings
{
    private readonly Setting<CompareBy> _compare = TransferSettings.Compare(
        "mtime|size|checksum", "What is compared: mtime is length and modification time, checksum reads both sides.");

    private readonly Setting<LinkPolicy> _links = TransferSettings.Links("What happens to symbolic links: skip counts them.");

    /// <summary>Adds the options to a command.</summary>
    public static CheckSettings AddTo(Command command)
    {
        var settings = new CheckSettings();
        command.Add(settings._compare);
        command.Add(settings._links);
        return settings;
    }

    /// <summary>Whether the command line says what is compared.</summary>
    public bool IsCompared(ParseResult parsed) => parsed.GetResult(_compare) is { Implicit: false };

    /// <summary>The options with what is in force. A default that is made for copies and compares nothing (<c>exists</c>, <c>ledger</c>,
    /// <c>always</c>) says nothing here.</summary>
    /// <exception cref="CommandException">The command line says what is no comparison, or a variable what cannot be used.</exception>
    public CheckOptions Read(ParseResult parsed, Wiring wiring, CheckOptions options)
    {
        var source = new SettingSource(parsed, wiring.Environment, wiring.Configuration.InForce(wiring.Environment).Defaults);
        CheckOptions said = options with { Compare = source.Value(_compare), Links = source.Value(_links) };
        if (said.Faults() is { Count: > 0 } faults)
        {
            return IsCompared(parsed) ? throw new CommandException(ExitCode.Usage, faults) : said with { Compare = CompareBy.Modified };
        }

        return said;
    }
}
