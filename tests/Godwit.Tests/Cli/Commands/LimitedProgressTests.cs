using Godwit.Backends.Local;
using Godwit.Cli;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Progress;
using Godwit.Cli.Runs;
using Godwit.Storage;
using Godwit.Tests.Transfers;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli.Commands;

/// <summary>What a person sees of one large file below a limit.</summary>
public sealed class LimitedProgressTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long Total = 48 * MiB;

    private readonly FakeTime _time = new();
    private readonly List<(TimeSpan At, Standing Standing)> _seen = [];

    private readonly string _folder = Directory.CreateTempSubdirectory("godwit-progress-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Parts of 8 MiB at 1 MiB/s: two of them are read at once for 16 s, and none of them is there meanwhile.
    [Theory]
    [InlineData(StoreSide.Source)]
    [InlineData(StoreSide.Destination)]
    public async Task One_large_file_below_a_limit_moves_the_bar_all_the_time(StoreSide limited)
    {
        var limit = new SideLimits(null, BandwidthTimetable.Parse("1MiB"));
        CopySettings settings = Settings() with
        {
            Bandwidth = limited == StoreSide.Source ? limit.Bandwidth : null,
            Destination = limited == StoreSide.Destination ? limit : SideLimits.None,
        };
        Standing last = await RunAsync(settings, limited);

        Assert.Equal((Total, Total), (last.DoneBytes, last.Totals.DeliveredBytes));
        Assert.True(_seen.Count > 400, $"{_seen.Count}");
        Assert.All(_seen, look => Assert.Equal(look.At.TotalSeconds, look.Standing.DoneBytes / (double)MiB, 1.0));
        Assert.All(_seen.Zip(_seen.Skip(1)), two => Assert.True(two.First.Standing.DoneBytes <= two.Second.Standing.DoneBytes));
        Assert.All(_seen.Where(look => look.At > TimeSpan.FromSeconds(2)), look =>
        {
            Assert.Equal(1, look.Standing.Rate / MiB, 0.2);
            Assert.Equal(48 - look.At.TotalSeconds, look.Standing.Left!.Value.TotalSeconds, 6.0);
        });
    }

    private static CopySettings Settings() => new()
    {
        Policy = TransferPolicy.Default with { PartSize = 8 * MiB, BufferBytes = 16 * MiB, Route = RouteChoice.Stream },
        Filter = EntryFilter.All,
    };

    /// <summary>Looks at each step of the bytes that are limited. Its file gets another name, under which its start is told.</summary>
    private async Task<Standing> RunAsync(CopySettings settings, StoreSide limited)
    {
        await using LocalStore from = StoreIn("from");
        await using LocalStore to = StoreIn("to");
        await from.WriteAsync(StorePath.FromText("old"), WriteSource.From(new byte[Total]), WriteOptions.Default, default);
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        var tally = new TransferTally();
        var meter = new TransferMeter(tally, _time);
        var looking = new Looking(limited, () => Look(meter));
        var wiring = new Wiring
        {
            Environment = _ => null,
            Time = _time,
            DressStore = (store, side) => side == limited ? new LayeredStore(store, looking) : store,
        };
        await using var output = new StringWriter();
        using var stores = new RunStores(new TransferEnds(from, to, null), settings, wiring, output.WriteLine, meter);
        TransferRequest request = FlowTrial.Request(stores.Source, stores.Destination, settings.Policy) with
        {
            Single = new SingleFile(StorePath.FromText("old"), StorePath.FromText("new")),
        };
        var holder = new RunHolder("one", _ => true, TimeSpan.FromSeconds(30));
        var flow = new TransferFlow(trial.Ledger, holder, () => new MemoryStream(), meter, TimeProvider.System);
        Task<TransferResult> running = flow.RunAsync(request, tally, default);

        // One timer looks for another limit, for ever; where there is a second one, the bytes wait for the clock.
        while (await Task.WhenAny(running, _time.ArmedAsync(2)) != running)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await running;
        return meter.Look();
    }

    private LocalStore StoreIn(string name) =>
        LocalStore.In(System.Text.Encoding.UTF8.GetBytes(Directory.CreateDirectory(Path.Combine(_folder, name)).FullName));

    private void Look(TransferMeter meter)
    {
        lock (_seen)
        {
            _seen.Add((_time.Elapsed, meter.Look()));
        }
    }

    private sealed class Looking(StoreSide side, Action look) : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => side == StoreSide.Source ? new Through(look, body) : body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source.Through(stream => new Through(look, stream));

        private sealed class Through(Action look, Stream inner) : ThroughStream(inner)
        {
            public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                look();
                return Inner.ReadAsync(buffer, cancellationToken);
            }
        }
    }
}
