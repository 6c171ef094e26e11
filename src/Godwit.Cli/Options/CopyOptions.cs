using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Cli.Options;

/// <summary>The options of the commands that move files.</summary>
internal sealed class CopyOptions
{
    private readonly TransferSettings _settings;

    private readonly Option<bool> _dryRun = SettingOption.Flag("--dry-run", "Say what would be moved and why; write nothing.");

    private readonly Option<string?> _plan = SettingOption.File(
        "--plan", "FILE", "With --dry-run: save the plan there. Without: carry out the plan of that file, and nothing else.");

    private readonly Option<string?> _bandwidthFile = SettingOption.File(
        "--bandwidth-file", "FILE", "What --bandwidth takes, in a file that is read again when it changes: to change the limit while a run goes on.");

    private readonly Option<bool> _noOverwrite = SettingOption.Flag("--no-overwrite", "Never replace a file that is there.");

    private readonly Option<string?> _backup = new(BackupDirectory.Option)
    {
        HelpName = "DIR",
        Description = "Keep in DIR what would be replaced or deleted at DST. DIR is in DST's system, beside it. Nothing in DIR is ever replaced.",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly Option<ChecksumKind[]> _checksums = new("--checksum")
    {
        HelpName = string.Join('|', Enum.GetValues<ChecksumKind>().Select(Checksum.NameOf)),
        Description = "A checksum to compute beside the ones that the proof needs. May be repeated.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => ReadKinds(result),
    };

    private readonly Option<bool> _errorOnNoTransfer = SettingOption.Flag("--error-on-no-transfer", "Exit 9 when there was nothing to do.");

    private readonly ResultOptions _results;
    private readonly StateOptions _state;

    private CopyOptions(Command command, FileOrder usualOrder, IReadOnlyList<string> without)
    {
        _settings = new TransferSettings(usualOrder);
        Option[] all =
        [
            .. _settings.All.Select(setting => setting.Option), _dryRun, _plan, _bandwidthFile, _noOverwrite, _backup, _checksums, _errorOnNoTransfer,
        ];
        foreach (Option option in all.Where(option => !without.Contains(option.Name)))
        {
            command.Add(option);
        }

        _results = ResultOptions.AddTo(command);
        _state = StateOptions.AddTo(command);
    }

    /// <summary>Adds the options to a command.</summary>
    public static CopyOptions AddTo(Command command) => new(command, FileOrder.Name, []);

    /// <summary>Adds the options to a command that has no use for all of them.</summary>
    /// <param name="command">The command.</param>
    /// <param name="usualOrder">In which order files go where nothing is said.</param>
    /// <param name="without">The names of those that it does not take; they say nothing.</param>
    public static CopyOptions AddTo(Command command, FileOrder usualOrder, params IReadOnlyList<string> without) => new(command, usualOrder, without);

    /// <summary>What the command line, the environment and the configuration say.</summary>
    /// <exception cref="CommandException">The settings cannot be used together; the message holds every fault.</exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="wiring">The process.</param>
    /// <param name="filter">What is taken.</param>
    /// <param name="endpoints">That of the source and that of the destination; null for an address that names none.</param>
    /// <param name="change">What the command at hand does to the policy.</param>
    public CopySettings Read(
        ParseResult parsed, Wiring wiring, EntryFilter filter, IReadOnlyList<Endpoint?> endpoints, Func<TransferPolicy, TransferPolicy> change)
    {
        IReadOnlyDictionary<string, ConfiguredValue> defaults = wiring.Configuration.InForce(wiring.Environment).Defaults;
        var source = new SettingSource(parsed, wiring.Environment, TransferSettings.SharedLimitsOf(endpoints), defaults);
        SideLimits[] sides = SidesOf(parsed, wiring, endpoints, defaults);
        TransferPolicy policy = _settings.PolicyOf(source);
        CopySettings settings = _results.Read(parsed, new CopySettings
        {
            Policy = change(policy with
            {
                Transfers = Array.Exists(sides, side => side.Transfers is not null) ? null : policy.Transfers,
                DryRun = parsed.GetValue(_dryRun),
                NoOverwrite = parsed.GetValue(_noOverwrite),
                Checksums = parsed.GetValue(_checksums) ?? [],
            }),
            Filter = filter,
            BackupDirectory = parsed.GetValue(_backup),
            Source = sides[0],
            Destination = sides[1],
            Bandwidth = Array.Exists(sides, side => side.Bandwidth is not null) ? null : _settings.LimitsOf(source).Bandwidth,
            BandwidthFile = parsed.GetValue(_bandwidthFile),
            Plan = parsed.GetValue(_plan),
            ErrorOnNoTransfer = parsed.GetValue(_errorOnNoTransfer),
            State = _state.Read(parsed),
        });
        settings = settings with { Policy = WithWhatResultsNeed(settings) };
        string[] faults = [.. FaultsTogether(settings)];
        return faults.Length == 0 ? settings : throw new CommandException(ExitCode.Usage, string.Join(' ', faults));
    }

    /// <summary>The options on a command line that decide what a plan has decided.</summary>
    public IReadOnlyList<string> Deciding(ParseResult parsed) =>
        [.. _settings.Deciding.Append(_noOverwrite).Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name)];

    /// <summary>What each side bears, where an endpoint says so and the run is not ordered to do otherwise; then the other side's is what the
    /// defaults say.</summary>
    private SideLimits[] SidesOf(
        ParseResult parsed, Wiring wiring, IReadOnlyList<Endpoint?> endpoints, IReadOnlyDictionary<string, ConfiguredValue> defaults)
    {
        SideLimits ordered = _settings.LimitsOf(new SettingSource(parsed, wiring.Environment));
        SideLimits usual = _settings.LimitsOf(new SettingSource(null, _ => null, defaults));
        SideLimits[] said = [.. endpoints.Select(SideLimits.Of)];
        bool transfers = ordered.Transfers is null && Array.Exists(said, side => side.Transfers is not null);
        bool bandwidth = ordered.Bandwidth is null && parsed.GetValue(_bandwidthFile) is null && Array.Exists(said, side => side.Bandwidth is not null);
        return
        [
            .. said.Select(side => new SideLimits(
                transfers ? side.Transfers ?? usual.Transfers : null, bandwidth ? side.Bandwidth ?? usual.Bandwidth : null)),
        ];
    }

    /// <summary>A manifest needs its checksum, and a bandwidth can only be kept where the bytes pass through here.</summary>
    private static TransferPolicy WithWhatResultsNeed(CopySettings settings)
    {
        TransferPolicy policy = settings.Policy;
        if (settings.Manifest is not null)
        {
            ChecksumKind kind = settings.ManifestKind == ManifestKind.Md5 ? ChecksumKind.Md5 : ChecksumKind.Sha256;
            policy = policy with { Checksums = [.. policy.Checksums.Append(kind).Distinct()] };
        }

        return settings.IsLimited && policy.Route == RouteChoice.Auto ? policy with { Route = RouteChoice.Stream } : policy;
    }

    private static IEnumerable<string> FaultsTogether(CopySettings settings)
    {
        if (settings.PassedBy is { } route && settings.IsLimited)
        {
            yield return $"--bandwidth cannot be kept with {route}: the bytes do not pass through Godwit. Leave out one of them.";
        }

        if (settings.PassedBy is { } way && settings.Policy.Checksums.Count > 0)
        {
            yield return $"--manifest and --checksum cannot be had with {way}: the bytes do not pass through Godwit. Leave out one of them.";
        }

        if (settings.Plan == "-")
        {
            yield return "--plan \"-\" is no file, and a plan is one that is read again. Name a file.";
        }

        if (settings.Json && settings.Quiet)
        {
            yield return "--json and --quiet contradict each other. Leave out one of them.";
        }

        foreach (string fault in settings.Policy.Faults())
        {
            yield return fault;
        }
    }

    private static ChecksumKind[] ReadKinds(System.CommandLine.Parsing.ArgumentResult result)
    {
        var kinds = new List<ChecksumKind>();
        foreach (string text in result.Tokens.Select(token => token.Value))
        {
            if (Array.Find(Enum.GetValues<ChecksumKind>(), kind => Checksum.NameOf(kind) == text) is var found && found != default)
            {
                kinds.Add(found);
            }
            else
            {
                string known = string.Join(", ", Enum.GetValues<ChecksumKind>().Select(Checksum.NameOf));
                result.AddError($"--checksum is \"{text}\": write one of {known}.");
            }
        }

        return [.. kinds];
    }
}
