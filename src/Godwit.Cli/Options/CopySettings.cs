using Godwit.Cli.Results;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Options;

/// <summary>In which form a manifest is written.</summary>
internal enum ManifestKind
{
    /// <summary>What <c>sha256sum -c</c> reads.</summary>
    Sha256 = 0,

    /// <summary>What <c>md5sum -c</c> reads.</summary>
    Md5,

    /// <summary>One JSON object.</summary>
    Json,
}

/// <summary>How much a log file tells.</summary>
internal enum LogLevel
{
    /// <summary>What failed.</summary>
    Error = 0,

    /// <summary>Also what was tried again, and why a transfer stops.</summary>
    Warn,

    /// <summary>Also what was delivered.</summary>
    Info,

    /// <summary>Also what was begun.</summary>
    Debug,
}

/// <summary>Everything that a transfer's command line says beside source and destination.</summary>
internal sealed record CopySettings
{
    /// <summary>How to decide, move and prove.</summary>
    public required TransferPolicy Policy { get; init; }

    /// <summary>Which entries are taken.</summary>
    public required EntryFilter Filter { get; init; }

    /// <summary>The files of a list with columns; null without one.</summary>
    public ListedFiles? Listed { get; init; }

    /// <summary>The paths of a list without columns; null without one.</summary>
    public FileSet? Files { get; init; }

    /// <summary>The files that hold the lists of what is taken, as they were named.</summary>
    public IReadOnlyList<string> ListFiles { get; init; } = [];

    /// <summary>Where what is replaced or deleted is kept; null where it is lost.</summary>
    public string? BackupDirectory { get; init; }

    /// <summary>What the source's endpoint bears, unless the run is told otherwise.</summary>
    public SideLimits Source { get; init; } = SideLimits.None;

    /// <summary>What the destination's endpoint bears, likewise.</summary>
    public SideLimits Destination { get; init; } = SideLimits.None;

    /// <summary>Bytes a second of the whole run; null for no limit but those of its sides.</summary>
    public BandwidthTimetable? Bandwidth { get; init; }

    /// <summary>The file that says the limit, and is read again while the run goes on; null for none.</summary>
    public string? BandwidthFile { get; init; }

    /// <summary>Whether there is, or may be, a limit: then the bytes have to pass through here.</summary>
    public bool IsLimited => (Bandwidth ?? Source.Bandwidth ?? Destination.Bandwidth) is not null || BandwidthFile is not null;

    /// <summary>The option by which no byte passes through here; null where they do, or may.</summary>
    public string? PassedBy => Policy.Route switch
    {
        RouteChoice.Server => "--route server",
        RouteChoice.ThirdParty => "--route third-party",
        _ => null,
    };

    /// <summary>Where a dry run leaves its plan, and from where another run takes it; null for neither.</summary>
    public string? Plan { get; init; }

    /// <summary>Whether nothing to do is to be told by the exit code.</summary>
    public bool ErrorOnNoTransfer { get; init; }

    /// <summary>Events as JSON lines on standard output.</summary>
    public bool Json { get; init; }

    /// <summary>Only what needs a person.</summary>
    public bool Quiet { get; init; }

    /// <summary>Where the report goes.</summary>
    public string? Report { get; init; }

    /// <summary>Where the list of failed files goes.</summary>
    public string? Failed { get; init; }

    /// <summary>Where the manifest goes.</summary>
    public string? Manifest { get; init; }

    /// <summary>In which form.</summary>
    public ManifestKind ManifestKind { get; init; }

    /// <summary>Where the log goes.</summary>
    public string? LogFile { get; init; }

    /// <summary>How much it tells.</summary>
    public LogLevel LogLevel { get; init; }

    /// <summary>Whether a result goes to standard output, which then holds nothing else.</summary>
    public bool OutputIsTaken { get; init; }

    /// <summary>What <c>--state</c> says.</summary>
    public string? State { get; init; }

    /// <summary>The files that the run leaves. What a dry run leaves alone is there all the same: the same line without <c>--dry-run</c> is to work.</summary>
    public IReadOnlyList<ResultFile> Results() =>
    [
        .. One("--log-file", LogFile, ResultKind.Log),
        .. One("--plan", Policy.DryRun ? Plan : null, ResultKind.Plan),
        .. One("--manifest", Manifest, ResultKind.Manifest),
        .. One("--report", Report, ResultKind.Report),
        .. One("--failed", Failed, Failed is { } list && FailedList.IsNul(list) ? ResultKind.NulNames : ResultKind.Names),
    ];

    /// <summary>The files that the run reads beside the configuration. What failed of a list may take the list's place.</summary>
    public IReadOnlyList<ReadFile> Inputs() =>
    [
        .. ListFiles.Select(list => new ReadFile(list, "the file of --files-from", "--failed")),
        .. ((IEnumerable<(string Option, string? File)>)[("--bandwidth-file", BandwidthFile), ("--plan", Policy.DryRun ? null : Plan)])
            .Where(one => one.File is not null).Select(one => new ReadFile(one.File!, $"the file of {one.Option}")),
    ];

    /// <summary>Whether a file is a list that the run takes its files from, by whatever name.</summary>
    public bool IsFedBy(string file) => ListFiles.Any(list => list != "-" && ResultFiles.RealPath(list) == ResultFiles.RealPath(file));

    private static IEnumerable<ResultFile> One(string option, string? file, ResultKind kind) =>
        file is null ? [] : [new ResultFile(option, file, kind)];
}
