using System.CommandLine;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Cli.Options;

/// <summary>The options of the commands that move files.</summary>
internal sealed class CopyOptions
{
    private readonly Option<CompareBy> _compare = SettingOption.OneOf(
        "--compare", "When a file counts as there already. Default: mtime (same length and modification time).",
        ("mtime", CompareBy.Modified), ("size", CompareBy.Size), ("checksum", CompareBy.Checksum), ("exists", CompareBy.Exists),
        ("ledger", CompareBy.Ledger), ("always", CompareBy.Always));

    private readonly Option<VerifyBy> _verify = SettingOption.OneOf(
        "--verify", "What proof of arrival is wanted. Default: auto (the cheapest that is at least a checksum).",
        ("auto", VerifyBy.Auto), ("readback", VerifyBy.ReadBack), ("size", VerifyBy.Size));

    private readonly Option<LinkPolicy> _links = SettingOption.OneOf(
        "--links", "What happens to symbolic links below SRC. Default: skip, and count them.",
        ("skip", LinkPolicy.Skip), ("follow", LinkPolicy.Follow), ("keep", LinkPolicy.Keep));

    private readonly Option<FileOrder> _order = SettingOption.OneOf(
        "--order", "In which order files go. Default: name.",
        ("small-first", FileOrder.SmallFirst), ("large-first", FileOrder.LargeFirst), ("mixed", FileOrder.Mixed),
        ("oldest", FileOrder.Oldest), ("newest", FileOrder.Newest), ("name", FileOrder.Name));

    private readonly Option<RouteChoice> _route = SettingOption.OneOf(
        "--route", "How bytes go. Default: auto.", ("auto", RouteChoice.Auto), ("stream", RouteChoice.Stream), ("server", RouteChoice.Server));

    private readonly Option<bool> _dryRun = SettingOption.Flag("--dry-run", "Say what would be moved and why; write nothing.");

    private readonly Option<bool> _noOverwrite = SettingOption.Flag("--no-overwrite", "Never replace a file that is there.");

    private readonly Option<TimeSpan?> _stableFor = SettingOption.Of<TimeSpan?>(
        "--stable-for", "TIME", "Leave files that changed less than this ago for a later run, such as 60s.", text => DurationText.Parse(text));

    private readonly Option<int?> _transfers = SettingOption.Of<int?>(
        "--transfers", "N", "Files at once. Default: what the two stores bear.", text => Count(text), n => new TransferPolicy { Transfers = n!.Value });

    private readonly Option<int?> _parts = SettingOption.Of<int?>(
        "--parts", "N", "Parts of one file at once. Default: 4.", text => Count(text), n => new TransferPolicy { Parts = n!.Value });

    private readonly Option<long?> _partSize = SettingOption.Of<long?>(
        "--part-size", "SIZE", "Bytes of a part, such as 16MiB.", text => SizeText.Parse(text), size => new TransferPolicy { PartSize = size });

    private readonly Option<long?> _memory = SettingOption.Of<long?>(
        "--memory", "SIZE", "Bytes of file content held at once; more is faster over long distances. Default: 32MiB.", text => SizeText.Parse(text),
        size => new TransferPolicy { BufferBytes = size!.Value });

    private readonly Option<long?> _maxTransfer = SettingOption.Of<long?>(
        "--max-transfer", "SIZE", "Begin no further file beyond this many bytes (exit 8).", text => SizeText.Parse(text),
        size => new TransferPolicy { MaxTransfer = size });

    private readonly Option<TimeSpan?> _timeBudget = SettingOption.Of<TimeSpan?>(
        "--time-budget", "TIME", "Begin no further file after this long, such as 2h (exit 10).", text => DurationText.Parse(text),
        span => new TransferPolicy { TimeBudget = span });

    private readonly Option<long?> _bandwidth = SettingOption.Of<long?>(
        "--bandwidth", "SIZE", "Bytes a second, such as 50MiB.", text => SizeText.Parse(text) is var size and > 0 ? size
            : throw new FormatException("write more than 0, or leave it out for no limit"));

    private readonly Option<ChecksumKind[]> _checksums = new("--checksum")
    {
        HelpName = "md5|sha256|adler32|crc32c|crc64nvme",
        Description = "A checksum to compute beside the ones that the proof needs. May be repeated.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => ReadKinds(result),
    };

    private readonly Option<bool> _errorOnNoTransfer = SettingOption.Flag("--error-on-no-transfer", "Exit 9 when there was nothing to do.");

    private readonly ResultOptions _results;
    private readonly StateOptions _state;

    private CopyOptions(Command command)
    {
        foreach (Option option in (Option[])[
            _compare, _verify, _dryRun, _noOverwrite, _stableFor, _links, _order, _transfers, _parts, _partSize, _memory, _bandwidth, _maxTransfer,
            _timeBudget, _route, _checksums, _errorOnNoTransfer])
        {
            command.Add(option);
        }

        _results = ResultOptions.AddTo(command);
        _state = StateOptions.AddTo(command);
    }

    /// <summary>Adds the options to a command.</summary>
    public static CopyOptions AddTo(Command command) => new(command);

    /// <summary>What the command line says.</summary>
    /// <exception cref="CommandException">The settings cannot be used together; the message holds every fault.</exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="wiring">The process.</param>
    /// <param name="filter">What is taken.</param>
    /// <param name="change">What the command at hand does to the policy.</param>
    public CopySettings Read(ParseResult parsed, Wiring wiring, EntryFilter filter, Func<TransferPolicy, TransferPolicy> change)
    {
        CopySettings settings = _results.Read(parsed, new CopySettings
        {
            Policy = change(PolicyOf(parsed)),
            Filter = filter,
            Bandwidth = parsed.GetValue(_bandwidth),
            ErrorOnNoTransfer = parsed.GetValue(_errorOnNoTransfer),
            State = _state.Read(parsed, wiring),
        });
        settings = settings with { Policy = WithWhatResultsNeed(settings) };
        string[] faults = [.. FaultsTogether(settings)];
        return faults.Length == 0 ? settings : throw new CommandException(ExitCode.Usage, string.Join(' ', faults));
    }

    private TransferPolicy PolicyOf(ParseResult parsed)
    {
        TransferPolicy usual = TransferPolicy.Default;
        return usual with
        {
            Compare = parsed.GetValue(_compare),
            Verify = parsed.GetValue(_verify),
            Links = parsed.GetValue(_links),
            Order = parsed.GetValue(_order),
            Route = parsed.GetValue(_route),
            DryRun = parsed.GetValue(_dryRun),
            NoOverwrite = parsed.GetValue(_noOverwrite),
            StableFor = parsed.GetValue(_stableFor) ?? usual.StableFor,
            Transfers = parsed.GetValue(_transfers),
            Parts = parsed.GetValue(_parts) ?? usual.Parts,
            PartSize = parsed.GetValue(_partSize),
            BufferBytes = parsed.GetValue(_memory) ?? usual.BufferBytes,
            MaxTransfer = parsed.GetValue(_maxTransfer),
            TimeBudget = parsed.GetValue(_timeBudget),
            Checksums = parsed.GetValue(_checksums) ?? [],
        };
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

        return settings.Bandwidth is not null && policy.Route == RouteChoice.Auto ? policy with { Route = RouteChoice.Stream } : policy;
    }

    private static IEnumerable<string> FaultsTogether(CopySettings settings)
    {
        if (settings.Policy.Route == RouteChoice.Server && settings.Bandwidth is not null)
        {
            yield return "--bandwidth cannot be kept with --route server: the bytes do not pass through Godwit. Leave out one of them.";
        }

        if (settings.Policy.Route == RouteChoice.Server && settings.Policy.Checksums.Count > 0)
        {
            yield return "--manifest and --checksum cannot be had with --route server: the bytes do not pass through Godwit. Leave out one of them.";
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

    private static int Count(string text) => int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new FormatException("write a whole number");

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
