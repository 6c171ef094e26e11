using System.CommandLine;
using Godwit.Cli.Configuration;
using Godwit.Transfers;

namespace Godwit.Cli.Options;

/// <summary>What copy, sync and move, and partly check, can be told by options, by <c>GODWIT_</c> variables, and by the configuration.</summary>
/// <param name="usualOrder">In which order files go where nothing is said.</param>
internal sealed class TransferSettings(FileOrder usualOrder = FileOrder.Name)
{
    private static readonly (string Word, FileOrder? Value)[] s_orders =
    [
        ("small-first", FileOrder.SmallFirst), ("large-first", FileOrder.LargeFirst), ("mixed", FileOrder.Mixed),
        ("oldest", FileOrder.Oldest), ("newest", FileOrder.Newest), ("name", FileOrder.Name),
    ];

    /// <summary>The keys that an endpoint may limit.</summary>
    public static readonly IReadOnlyList<string> Limits = ["transfers", "parts", "part-size", "bandwidth"];

    private static readonly IReadOnlyList<string> s_shared = ["parts", "part-size"];

    private readonly Setting<CompareBy> _compare = Compare(
        "mtime|size|checksum|exists|ledger|always", "When a file counts as there already: mtime is same length and modification time.");

    private readonly Setting<VerifyBy> _verify = Of(
        "verify", "auto|readback|size", "What proof of arrival is wanted: auto is the cheapest that is at least a checksum.", "auto",
        SettingText.OneOf(("auto", VerifyBy.Auto), ("readback", VerifyBy.ReadBack), ("size", VerifyBy.Size)));

    private readonly Setting<LinkPolicy> _links = Links("What happens to symbolic links below SRC: skip counts them.");

    private readonly Setting<FileOrder?> _order = Of(
        "order", string.Join('|', s_orders.Select(order => order.Word)), "In which order files go.",
        s_orders.First(order => order.Value == usualOrder).Word, SettingText.OneOf(s_orders));

    private readonly Setting<RouteChoice> _route = Of(
        "route", "auto|stream|server|third-party", "How bytes go.", "auto",
        SettingText.OneOf(("auto", RouteChoice.Auto), ("stream", RouteChoice.Stream), ("server", RouteChoice.Server), ("third-party", RouteChoice.ThirdParty)));

    private readonly Setting<TimeSpan?> _stableFor = Of<TimeSpan?>(
        "stable-for", "TIME", "Leave files that changed less than this ago for a later run, such as 60s.", "0s", text => DurationText.Parse(text));

    private readonly Setting<int?> _transfers = Of<int?>(
        "transfers", "N", "Files at once.", "what the two stores bear", text => SettingText.Count(text), n => new TransferPolicy { Transfers = n!.Value });

    private readonly Setting<int?> _parts = Of<int?>(
        "parts", "N", "Parts of one file at once.", "4", text => SettingText.Count(text), n => new TransferPolicy { Parts = n!.Value });

    private readonly Setting<long?> _partSize = Of<long?>(
        "part-size", "SIZE", "Bytes of a part, such as 16MiB.", "the destination's choice", text => SizeText.Parse(text),
        size => new TransferPolicy { PartSize = size });

    private readonly Setting<long?> _memory = Of<long?>(
        "memory", "SIZE", "Bytes of file content held at once; more is faster over long distances.", "32MiB", text => SizeText.Parse(text),
        size => new TransferPolicy { BufferBytes = size!.Value });

    private readonly Setting<long?> _maxTransfer = Of<long?>(
        "max-transfer", "SIZE", "Begin no further file beyond this many bytes (exit 8); a larger one goes alone.", "no limit", text => SizeText.Parse(text),
        size => new TransferPolicy { MaxTransfer = size });

    private readonly Setting<TimeSpan?> _timeBudget = Of<TimeSpan?>(
        "time-budget", "TIME", "Begin no further file after this long, such as 2h (exit 10).", "no limit", text => DurationText.Parse(text),
        span => new TransferPolicy { TimeBudget = span });

    private readonly Setting<BandwidthTimetable> _bandwidth = Of(
        "bandwidth", "RATE", "Bytes a second, such as 50MiB; a bare number is bytes, not KiB, and 1024 or more. Or a timetable in local time, such as \"08:00,10MiB 18:00,off Sat-00:00,off\".",
        "no limit", BandwidthTimetable.Parse);

    /// <summary>What is compared, for every command that compares.</summary>
    /// <param name="shape">The words that its help shows.</param>
    /// <param name="what">What it does there.</param>
    public static Setting<CompareBy> Compare(string shape, string what) => Of(
        "compare", shape, what, "mtime",
        SettingText.OneOf(
            ("mtime", CompareBy.Modified), ("size", CompareBy.Size), ("checksum", CompareBy.Checksum), ("exists", CompareBy.Exists),
            ("ledger", CompareBy.Ledger), ("always", CompareBy.Always)));

    /// <summary>What happens to links, for every command that may meet some.</summary>
    public static Setting<LinkPolicy> Links(string what) => Of(
        "links", "skip|follow|keep", what, "skip",
        SettingText.OneOf(("skip", LinkPolicy.Skip), ("follow", LinkPolicy.Follow), ("keep", LinkPolicy.Keep)));

    /// <summary>The options that decide which files move.</summary>
    public IReadOnlyList<Option> Deciding => [_compare.Option, _links.Option, _stableFor.Option];

    /// <summary>All of them.</summary>
    public IReadOnlyList<ISetting> All =>
    [
        _compare, _verify, _stableFor, _links, _order, _transfers, _parts, _partSize, _memory, _bandwidth, _maxTransfer, _timeBudget, _route,
    ];

    /// <summary>The policy in force, as far as these settings make it.</summary>
    public TransferPolicy PolicyOf(SettingSource source)
    {
        TransferPolicy usual = TransferPolicy.Default;
        return usual with
        {
            Compare = source.Value(_compare),
            Verify = source.Value(_verify),
            Links = source.Value(_links),
            Order = source.Value(_order) ?? usualOrder,
            Route = source.Value(_route),
            StableFor = source.Value(_stableFor) ?? usual.StableFor,
            Transfers = source.Value(_transfers),
            Parts = source.Value(_parts) ?? usual.Parts,
            PartSize = source.Value(_partSize),
            BufferBytes = source.Value(_memory) ?? usual.BufferBytes,
            MaxTransfer = source.Value(_maxTransfer),
            TimeBudget = source.Value(_timeBudget),
        };
    }

    /// <summary>What is said for a whole side of a run.</summary>
    public SideLimits LimitsOf(SettingSource source) => new(source.Value(_transfers), source.Value(_bandwidth));

    /// <summary>What two endpoints allow together of what belongs to a file, not to a side: of each limit the smaller.</summary>
    public static IReadOnlyDictionary<string, ConfiguredValue> SharedLimitsOf(params IEnumerable<Endpoint?> endpoints) => endpoints
        .SelectMany(endpoint => endpoint?.Limits ?? new Dictionary<string, ConfiguredValue>())
        .Where(limit => s_shared.Contains(limit.Key))
        .GroupBy(limit => limit.Key, limit => limit.Value)
        .ToDictionary(same => same.Key, same => same.MinBy(value => SizeText.Parse(value.Text))!);

    private static Setting<T> Of<T>(
        string key, string shape, string what, string usually, Func<string, T> parse, Func<T, TransferPolicy>? policy = null) =>
        new(key, $"--{key}", shape, what, usually, [$"GODWIT_{key.ToUpperInvariant().Replace('-', '_')}"], parse, policy);
}
