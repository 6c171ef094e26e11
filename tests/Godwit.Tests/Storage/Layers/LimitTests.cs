using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

public sealed class LimitTests : IAsyncDisposable
{
    private static readonly StorePath Path = StorePath.FromText("a");
    private readonly FakeTime _time = new();
    private readonly SmallStore _inner = new();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    [Fact]
    public async Task A_read_keeps_its_place_until_its_body_is_disposed()
    {
        await FillAsync(10);
        var limit = new LimitConcurrency(1);
        var store = new LayeredStore(_inner, limit);
        StoreBody first = await store.OpenReadAsync(Path, default);
        Task<StoreBody> second = store.OpenReadAsync(Path, default).AsTask();
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();
        await first.DisposeAsync();
        await using StoreBody body = await second;
        Assert.Equal(1, limit.Taken);
    }

    [Fact]
    public async Task A_failed_read_gives_its_place_back()
    {
        var limit = new LimitConcurrency(1);
        var store = new LayeredStore(_inner, limit);
        await Assert.ThrowsAnyAsync<Exception>(() => store.OpenReadAsync(Path, default).AsTask());
        Assert.Equal(0, limit.Taken);
    }

    [Fact]
    public async Task Open_bodies_do_not_keep_their_holder_from_writing_to_the_same_store()
    {
        await FillAsync(10);
        var store = new LayeredStore(_inner, new LimitConcurrency(1));
        await using StoreBody body = await store.OpenReadAsync(Path, default);
        await store.WriteAsync(Path, WriteSource.From(new byte[1]), WriteOptions.Default, default);
        await store.StatAsync(Path, default);
    }

    [Fact]
    public async Task Whoever_waits_for_a_place_and_is_cancelled_takes_none()
    {
        await FillAsync(10);
        var limit = new LimitConcurrency(1);
        var store = new LayeredStore(_inner, limit);
        StoreBody held = await store.OpenReadAsync(Path, default);
        using var stop = new CancellationTokenSource();
        Task waiting = store.OpenReadAsync(Path, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await held.DisposeAsync();
        Assert.Equal(0, limit.Taken);
    }

    [Fact]
    public async Task No_wakeup_is_lost_among_many_that_come_go_and_cancel()
    {
        await FillAsync(10);
        var limit = new LimitConcurrency(3);
        var store = new LayeredStore(_inner, limit);
        int most = 0;
        int now = 0;
        _inner.Before = async (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, ct) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            Task call = store.StatAsync(Path, stop.Token).AsTask();
            if (i % 3 == 0)
            {
                await stop.CancelAsync();
            }

            await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, limit.Taken);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task Bytes_pass_at_the_limit_whoever_moves_them()
    {
        await FillAsync(100_000);
        var limit = new LimitBandwidth(50_000, _time);
        var one = new LayeredStore(_inner, limit);
        var two = new LayeredStore(_inner, limit);
        await _time.RunAsync(Task.WhenAll(DrainAsync(one), DrainAsync(two)));
        Assert.InRange(_time.Elapsed.TotalSeconds, 3.8, 4.3);
    }

    [Fact]
    public async Task A_write_pays_also_for_bytes_in_memory()
    {
        var store = new LayeredStore(_inner, new LimitBandwidth(1000, _time));
        var source = WriteSource.From(new byte[5000]);
        await _time.RunAsync(store.WriteAsync(Path, source, WriteOptions.Default, default).AsTask());
        Assert.InRange(_time.Elapsed.TotalSeconds, 4.8, 5.2);
    }

    [Fact]
    public async Task A_new_limit_reaches_who_waits_already()
    {
        await FillAsync(1000);
        var limit = new LimitBandwidth(1, _time);
        Task drained = DrainAsync(new LayeredStore(_inner, limit));
        await _time.ArmedAsync();
        limit.BytesPerSecond = null;
        await drained.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(_time.Elapsed.TotalSeconds, 0, 2);
    }

    [Fact]
    public async Task Streams_share_the_limit_about_evenly()
    {
        await FillAsync(20_000);
        var store = new LayeredStore(_inner, new LimitBandwidth(10_000, _time));
        var ends = new ConcurrentBag<double>();
        await _time.RunAsync(Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await DrainAsync(store);
            ends.Add(_time.Elapsed.TotalSeconds);
        })));
        // Eight seconds for all; a stream that is served before the others ends after two.
        Assert.InRange(ends.Min(), 4, 8.3);
    }

    [Fact]
    public async Task A_cancelled_wait_swallows_no_bytes()
    {
        await FillAsync(3);
        await using StoreBody body = await new LayeredStore(_inner, new LimitBandwidth(1, _time)).OpenReadAsync(Path, default);
        using var stop = new CancellationTokenSource();
        Task read = body.Content.ReadAsync(new byte[3], stop.Token).AsTask();
        await _time.ArmedAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        using var rest = new MemoryStream();
        await _time.RunAsync(body.Content.CopyToAsync(rest));
        Assert.Equal(3, rest.Length);
    }

    [Fact]
    public async Task Bytes_that_were_paid_for_and_did_not_come_are_given_back()
    {
        var store = new LayeredStore(_inner, new LimitBandwidth(1000, _time));
        var source = new WriteSource(100, _ => ValueTask.FromResult<Stream>(new Trickle(100)));
        await _time.RunAsync(store.WriteAsync(Path, source, WriteOptions.Default, default).AsTask());
        Assert.InRange(_time.Elapsed.TotalSeconds, 0, 0.5);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (seen < value && Interlocked.CompareExchange(ref target, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }

    private static async Task DrainAsync(LayeredStore store)
    {
        await using StoreBody body = await store.OpenReadAsync(Path, default);
        await body.Content.CopyToAsync(Stream.Null);
    }

    private async Task FillAsync(int bytes) =>
        await _inner.WriteAsync(Path, WriteSource.From(new byte[bytes]), WriteOptions.Default, default);

    /// <summary>Gives one byte at a time, however many are asked for.</summary>
    private sealed class Trickle(int bytes) : MemoryStream(new byte[bytes])
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            base.ReadAsync(buffer, offset, Math.Min(1, count), cancellationToken);
    }
}
