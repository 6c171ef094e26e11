using Godwit.Cli;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Runs;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Transfers;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Tests.Cli.Commands;

/// <summary>What an endpoint says that it bears holds for its side, and for no other.</summary>
public sealed class RunStoresTests : IDisposable
{
    private static readonly StorePath s_file = StorePath.FromText("file");
    private static readonly CopySettings s_settings = new() { Policy = TransferPolicy.Default, Filter = EntryFilter.All };

    private readonly FakeTime _time = new();
    private readonly CallsAtOnce _from = new();
    private readonly CallsAtOnce _to = new() { WritesToMeet = 6 };
    private readonly StringWriter _output = new();
    private readonly Dictionary<string, IStore> _backends;

    public RunStoresTests() => _backends = ((string[])["from", "to"]).ToDictionary(
        name => name, name => (IStore)new MemoryStore(new MemorySpace(_time), name, MemoryStoreOptions.Default));

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task A_bandwidth_of_the_destination_holds_there_also_when_it_is_read_again()
    {
        var limits = new SideLimits(null, BandwidthTimetable.Parse("1MiB"));
        using RunStores stores = Dressed(s_settings with { Destination = limits });
        Assert.True(await ReadsInOneGoAsync(stores.Source, "from"));
        Assert.False(await ReadsInOneGoAsync(stores.Destination, "to"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Calls_of_one_side_wait_for_their_turn_and_those_of_the_other_do_not(int places)
    {
        using RunStores stores = Dressed(s_settings with { Source = new SideLimits(places, null) });
        Assert.Equal(8, stores.FilesAtOnce);
        await WriteSixAsync(stores.Source);
        await WriteSixAsync(stores.Destination).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.InRange(_from.MostWrites, 1, places);
        Assert.Equal(6, _to.MostWrites);
    }

    private static Task WriteSixAsync(IStore store) => Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
        store.WriteAsync(StorePath.FromText($"{i}"), WriteSource.From(new byte[10]), WriteOptions.Default, default).AsTask()));

    /// <summary>Whether four mebibytes can be read while the clock stands still.</summary>
    private async Task<bool> ReadsInOneGoAsync(IStore dressed, string name)
    {
        await _backends[name].WriteAsync(s_file, WriteSource.From(new byte[4 << 20]), WriteOptions.Default, default);
        await using StoreBody body = await dressed.OpenReadAsync(s_file, default);
        for (int read = 0; read < 4 << 20;)
        {
            Task<int> reading = body.Content.ReadAsync(new byte[4 << 20]).AsTask();
            if (!reading.IsCompleted)
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                await reading;
                return false;
            }

            read += await reading;
        }

        return true;
    }

    private RunStores Dressed(CopySettings settings)
    {
        var wiring = new Wiring
        {
            Environment = _ => null,
            Time = _time,
            DressStore = (store, side) => new LayeredStore(store, side == StoreSide.Source ? _from : _to),
        };
        var ends = new TransferEnds(_backends["from"], _backends["to"], null);
        return new RunStores(ends, settings, wiring, _output.WriteLine);
    }
}
