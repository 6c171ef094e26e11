using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Tests.Storage.Layers;

namespace Godwit.Tests.Conformance.Faults;

public sealed class StoreFaultTests : IAsyncDisposable
{
    private static readonly StorePath Path = StorePath.FromText("a");
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
    private readonly FakeTime _time = new();
    private readonly SmallStore _inner = new();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    [Fact]
    public async Task One_seed_gives_the_same_faults_whatever_the_order_of_calls()
    {
        List<PlannedFault> forwards = await HitsAsync(1, Enumerable.Range(0, 500));
        Assert.InRange(forwards.Count, 100, 200);
        Assert.Equal(forwards, await HitsAsync(1, Enumerable.Range(0, 500).Reverse()));
        Assert.NotEqual(forwards, await HitsAsync(2, Enumerable.Range(0, 500)));
    }

    [Fact]
    public async Task An_error_leaves_no_effect_and_a_lost_answer_leaves_it()
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(Store(StoreFault.Error)));
        Assert.Equal((StoreErrorKind.Unavailable, null), (error.Kind, await _inner.StatAsync(Path, default)));
        error = await Assert.ThrowsAsync<StoreException>(() => WriteAsync(Store(StoreFault.LostAnswer)));
        Assert.Equal(StoreErrorKind.Interrupted, error.Kind);
        Assert.NotNull(await _inner.StatAsync(Path, default));
    }

    [Fact]
    public async Task A_cut_body_fails_and_a_truncated_one_ends_quietly()
    {
        await WriteAsync(_inner);
        var error = await Assert.ThrowsAsync<StoreException>(() => ReadAsync(Store(StoreFault.CutBody)));
        Assert.Equal(StoreErrorKind.Interrupted, error.Kind);
        byte[] read = await ReadAsync(Store(StoreFault.TruncatedBody));
        Assert.True(read.Length < Content.Length);
        Assert.Equal(Content[..read.Length], read);
    }

    [Theory]
    [InlineData(StoreFault.FlippedBody)]
    [InlineData(StoreFault.FlippedSource)]
    public async Task Exactly_one_byte_is_flipped(StoreFault fault)
    {
        LayeredStore store = Store(fault);
        await WriteAsync(store);
        byte[] read = await ReadAsync(store);
        Assert.Equal(1, Content.Zip(read).Count(pair => pair.First != pair.Second));
    }

    [Fact]
    public async Task A_stalled_body_is_ended_by_the_idle_timer()
    {
        await WriteAsync(_inner);
        await using IStore store = StoreStack.Build(Store(StoreFault.StalledBody), StoreStackOptions.Remote, _time);
        Task<byte[]> read = ReadAsync(store);
        await _time.ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(StoreErrorKind.TimedOut, (await Assert.ThrowsAsync<StoreException>(() => read)).Kind);
    }

    [Fact]
    public async Task A_delay_lasts_by_the_given_clock()
    {
        Task<StoreEntry?> stat = Store(StoreFault.Delay).StatAsync(Path, default).AsTask();
        Assert.False(stat.IsCompleted);
        await _time.RunAsync(stat);
        Assert.InRange(_time.Elapsed.TotalMilliseconds, 1, 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_call_in_three_fails_and_the_retries_hide_it(bool afterEffect)
    {
        var failing = new FailingOneIn(3, afterEffect);
        IStore store = StoreStack.Build(new LayeredStore(_inner, failing), StoreStackOptions.Remote, _time);
        for (int i = 0; i < 10; i++)
        {
            Task work = WriteAsync(store);
            await (work.IsCompleted ? work : _time.RunAsync(work));
            Assert.Equal(Content, await ReadPatientlyAsync(store));
        }

        Assert.Equal(29, failing.Calls);
    }

    [Fact]
    public async Task A_kill_switch_lets_nothing_through_any_more()
    {
        var killed = new AtEachCall((_, moment, number) =>
            number > 2 || (number == 2 && moment == CallMoment.After) ? throw new InvalidOperationException("killed") : default);
        var store = new LayeredStore(_inner, killed);
        await store.StatAsync(Path, default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(store));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.DeleteAsync(Path, default).AsTask());
        Assert.NotNull(await _inner.StatAsync(Path, default));
    }

    [Fact]
    public async Task Each_capability_can_be_switched_off_by_its_name()
    {
        Assert.Equal(21, StoreCapabilities.All.Count);
        await using IStore store = ((IStore)_inner).Without(nameof(IStore.RangedRead));
        Assert.Null(store.RangedRead);
        Assert.NotNull(store.Rename);
        Assert.Throws<ArgumentException>(() => _inner.Without("Ranges"));
    }

    private static async Task WriteAsync(IStore store) =>
        await store.WriteAsync(Path, WriteSource.From(Content), WriteOptions.Default, default);

    private static async Task<byte[]> ReadAsync(IStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Path, default);
        using var copy = new MemoryStream();
        await body.Content.CopyToAsync(copy, 700);
        return copy.ToArray();
    }

    private async Task<byte[]> ReadPatientlyAsync(IStore store)
    {
        Task<byte[]> read = ReadAsync(store);
        await (read.IsCompleted ? read : _time.RunAsync(read));
        return await read;
    }

    private LayeredStore Store(StoreFault fault) => new(_inner, new FaultyLayer(Always(fault), _time));

    private static FaultOptions Always(StoreFault fault) => new()
    {
        Seed = 5,
        Rates = new Dictionary<StoreFault, double> { [fault] = 1 },
    };

    private async Task<List<PlannedFault>> HitsAsync(int seed, IEnumerable<int> order)
    {
        var layer = new FaultyLayer(
            new FaultOptions
            {
                Seed = seed,
                Rates = new Dictionary<StoreFault, double> { [StoreFault.Error] = 0.2, [StoreFault.LostAnswer] = 0.1 },
            },
            _time);
        var store = new LayeredStore(_inner, layer);
        foreach (int i in order)
        {
            await Record.ExceptionAsync(() => store.StatAsync(StorePath.FromText($"f{i % 250}"), default).AsTask());
        }

        return [.. layer.Hits.OrderBy(hit => hit.Call.Path).ThenBy(hit => hit.Time)];
    }
}
