using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary>The stores of one run with their layers, each side within its own limits. Disposing it ends the following of timetables, and
/// leaves the stores to whoever has them.</summary>
internal sealed class RunStores : IDisposable
{
    private readonly CopySettings _settings;
    private readonly CommandContext _context;
    private readonly List<FollowBandwidth> _followed = [];

    /// <param name="ends">The stores as they are.</param>
    /// <param name="settings">What the command line says.</param>
    /// <param name="context">The process.</param>
    /// <exception cref="CommandException">The file with the bandwidth cannot be used.</exception>
    public RunStores(TransferEnds ends, CopySettings settings, CommandContext context)
    {
        (_settings, _context) = (settings, context);

        // Each byte passes the run's limit once: at the source, so that reading the destination again for a proof is not slowed. What an
        // endpoint says is about all that happens there.
        bool isRunLimited = settings.Bandwidth is not null || settings.BandwidthFile is not null;
        LimitBandwidth? run = isRunLimited ? Follow(settings.Bandwidth, settings.BandwidthFile) : null;
        StoreStackOptions there = OptionsOf(ends.Destination, StoreSide.Destination, settings.Destination, null);
        Source = Dress(ends.Source, OptionsOf(ends.Source, StoreSide.Source, settings.Source, run));
        Destination = Dress(ends.Destination, there);
        Backup = ends.Backup is { } backup ? Dress(backup, there) : null;
        FilesAtOnce = MostFiles(ends);
    }

    /// <summary>Where files come from.</summary>
    public IStore Source { get; }

    /// <summary>Where they go.</summary>
    public IStore Destination { get; }

    /// <summary>Where the destination's replaced files are kept; within the destination's limits. Null where they are lost.</summary>
    public IStore? Backup { get; }

    /// <summary>Files at once, as far as an endpoint says something; null for as many as the stores bear by themselves.</summary>
    public int? FilesAtOnce { get; }

    /// <inheritdoc/>
    public void Dispose() => _followed.ForEach(followed => followed.Dispose());

    /// <summary>As many as keep that side busy which bears more; the other one's calls wait for their turn.</summary>
    private int? MostFiles(TransferEnds ends) => (_settings.Source.Transfers ?? _settings.Destination.Transfers) is null ? null : Math.Max(
        _settings.Source.Transfers ?? ends.Source.Limits.DefaultConcurrency, _settings.Destination.Transfers ?? ends.Destination.Limits.DefaultConcurrency);

    private StoreStackOptions OptionsOf(IStore backend, StoreSide side, SideLimits limits, LimitBandwidth? run)
    {
        StoreStackOptions usual = Reach.LayersFor(backend, side, limits.Transfers);

        // More files than the store bears by itself were asked for: that is what it gets.
        int asked = (_settings.Policy.Transfers ?? 0) * _settings.Policy.Parts;
        bool isRaised = usual.Concurrency is not null && limits.Transfers is null && asked > backend.Limits.DefaultConcurrency;
        return usual with
        {
            Concurrency = isRaised ? new LimitConcurrency(asked) : usual.Concurrency,
            Bandwidth = run ?? (limits.Bandwidth is { } own ? Follow(own, null) : null),
        };
    }

    private LimitBandwidth Follow(BandwidthTimetable? timetable, string? file)
    {
        var followed = new FollowBandwidth(timetable, file, _context.Wiring.Time, _context.Error.WriteLine);
        _followed.Add(followed);
        return followed.Limit;
    }

    private IStore Dress(IStore backend, StoreStackOptions options) =>
        StoreStack.Build(_context.Wiring.DressStore(backend, options.Side), options, _context.Wiring.Time);
}
