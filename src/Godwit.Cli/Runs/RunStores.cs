using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Progress;
using Godwit.Storage;

namespace Godwit.Cli.Runs;

/// <summary>The stores of one run with their layers, each side within its own limits. Disposing it ends the following of timetables, and
/// leaves the stores to whoever has them.</summary>
internal sealed class RunStores : IDisposable
{
    private readonly CopySettings _settings;
    private readonly Wiring _wiring;
    private readonly Action<string> _warn;
    private readonly List<FollowBandwidth> _followed = [];

    /// <param name="ends">The stores as they are.</param>
    /// <param name="settings">What the command line says.</param>
    /// <param name="wiring">The process.</param>
    /// <param name="warn">Takes a sentence about a file with a bandwidth that cannot be used by now.</param>
    /// <param name="meter">Hears of bytes while they pass where that takes long; null where nobody wants to know.</param>
    /// <param name="shared">What both sides share with other runs of this process; null where it has no other.</param>
    /// <exception cref="CommandException">The file with the bandwidth cannot be used.</exception>
    public RunStores(
        TransferEnds ends, CopySettings settings, Wiring wiring, Action<string> warn, TransferMeter? meter = null, (SharedSide Source, SharedSide Destination)? shared = null)
    {
        (_settings, _wiring, _warn) = (settings, wiring, warn);

        // Each byte passes the run's limit once: at the source, so that reading the destination again for a proof is not slowed. What an
        // endpoint says is about all that happens there.
        bool isRunLimited = settings.Bandwidth is not null || settings.BandwidthFile is not null;
        LimitBandwidth? run = isRunLimited ? Follow(settings.Bandwidth, settings.BandwidthFile) : null;
        StoreStackOptions there = shared is { Destination: { } into }
            ? into.Around(Reach.LayersFor(ends.Destination, StoreSide.Destination))
            : OptionsOf(ends.Destination, StoreSide.Destination, settings.Destination, null);
        StoreStackOptions here = shared is { Source: { } outOf }
            ? outOf.Around(Reach.LayersFor(ends.Source, StoreSide.Source), run)
            : OptionsOf(ends.Source, StoreSide.Source, settings.Source, run);
        StoreSide seen = meter is null ? StoreSide.Unknown : SeenAt(here, there);
        Source = Counted(Boxed(Dress(ends.Source, here), ends.SourceBox, StoreSide.Source), StoreSide.Source, seen, meter);
        Destination = Counted(Boxed(Dress(ends.Destination, there), ends.DestinationBox, StoreSide.Destination), StoreSide.Destination, seen, meter);
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
            Bandwidths = run is not null ? [run] : limits.Bandwidth is { } own ? [Follow(own, null)] : [],
        };
    }

    /// <summary>Where bytes are slow, and so are seen passing: at the side with the lower limit, or at a source that is not on this machine. Bytes in
    /// memory on their way to a store without a limit are left as they are, which is faster there.</summary>
    private static StoreSide SeenAt(StoreStackOptions here, StoreStackOptions there)
    {
        if (Lowest(there) < Lowest(here))
        {
            return StoreSide.Destination;
        }

        bool isSlow = here.Bandwidths.Count > 0 || (here.Timeouts is not null && there.Timeouts is null);
        return isSlow ? StoreSide.Source : StoreSide.Unknown;
    }

    private static long Lowest(StoreStackOptions options) => options.Bandwidths.Select(limit => limit.BytesPerSecond ?? long.MaxValue).DefaultIfEmpty(long.MaxValue).Min();

    private static IStore Counted(IStore store, StoreSide side, StoreSide seen, TransferMeter? meter) =>
        meter is not null && side == seen ? new LayeredStore(store, new PassingBytes(meter, side)) : store;

    private LimitBandwidth Follow(BandwidthTimetable? timetable, string? file)
    {
        var followed = new FollowBandwidth(timetable, file, _wiring.Time, _warn, _wiring.Configuration.Stop);
        _followed.Add(followed);
        return followed.Limit;
    }

    /// <summary>The layers are those of the store that a box is in: what is repeated or waits for its turn there are its calls. What the box itself
    /// refuses has a side, too.</summary>
    private IStore Boxed(IStore store, DropBoxOptions? box, StoreSide side) => box is null ? store : StoreStack.Build(
        BoxLayouts.Open(store, box, _wiring.Time), new StoreStackOptions { Side = side }, _wiring.Time);

    private IStore Dress(IStore backend, StoreStackOptions options) =>
        StoreStack.Build(_wiring.DressStore(backend, options.Side), options, _wiring.Time);
}

/// <summary>What one side of a run shares with the other runs of a process that go to the same place.</summary>
/// <param name="Concurrency">The line that their calls stand in; null for none.</param>
/// <param name="Bandwidths">The bytes that they share.</param>
internal sealed record SharedSide(LimitConcurrency? Concurrency, IReadOnlyList<LimitBandwidth> Bandwidths)
{
    /// <summary>The layers of a store there.</summary>
    /// <param name="usual">What it has by itself.</param>
    /// <param name="run">The run's own limit; null for none.</param>
    public StoreStackOptions Around(StoreStackOptions usual, LimitBandwidth? run = null) =>
        usual with { Concurrency = Concurrency, Bandwidths = run is null ? Bandwidths : [run, .. Bandwidths] };
}
