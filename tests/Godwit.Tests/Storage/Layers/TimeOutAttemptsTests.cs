using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

public sealed class TimeOutAttemptsTests : IAsyncDisposable
{
    private static readonly StorePath Path = StorePath.FromText("a");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);
    private readonly FakeTime _time = new();
    private readonly SmallStore _inner = new();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    [Fact]
    public async Task A_call_that_hangs_times_out_and_not_before()
    {
        _inner.Before = Hang;
        Task call = Store().StatAsync(Path, default).AsTask();
        _time.Advance(Minute - Instant);
        Assert.False(call.IsCompleted);
        _time.Advance(Instant);
        Assert.Equal(StoreErrorKind.TimedOut, (await Assert.ThrowsAsync<StoreException>(() => call)).Kind);
    }

    [Fact]
    public async Task The_callers_cancellation_carries_his_token()
    {
        using var stop = new CancellationTokenSource();
        _inner.Before = Hang;
        Task call = Store().StatAsync(Path, stop.Token).AsTask();
        await stop.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(stop.Token, error.CancellationToken);
    }

    [Fact]
    public async Task When_both_come_at_once_the_caller_wins()
    {
        using var stop = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        _inner.Before = async (_, token) =>
        {
            await ended.Task;
            token.ThrowIfCancellationRequested();
        };
        Task call = Store().StatAsync(Path, stop.Token).AsTask();
        _time.Advance(Minute);
        await stop.CancelAsync();
        ended.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task An_error_that_the_ended_attempt_makes_of_it_is_a_timeout_too()
    {
        _inner.Before = async (_, token) =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            }
            catch (OperationCanceledException)
            {
                throw new ObjectDisposedException("socket");
            }
        };
        Task call = Store().StatAsync(Path, default).AsTask();
        _time.Advance(Minute);
        Assert.Equal(StoreErrorKind.TimedOut, (await Assert.ThrowsAsync<StoreException>(() => call)).Kind);
    }

    [Fact]
    public void A_write_may_take_as_long_as_its_length_needs_at_the_slowest_rate()
    {
        var options = new TimeoutOptions { SlowestRate = 1000 };
        Assert.Equal(Minute + TimeSpan.FromSeconds(50), options.For(new StoreCall(StoreVerb.Write, Path, 50_000)));
        Assert.Equal(Minute, options.For(new StoreCall(StoreVerb.OpenRead, Path)));
        Assert.Equal(Timeout.InfiniteTimeSpan, options.For(new StoreCall(StoreVerb.Pull, Path)));
        Assert.Equal(TimeSpan.FromHours(1), options.For(new StoreCall(StoreVerb.GetChecksum, Path)));
    }

    [Fact]
    public async Task Waiting_for_the_source_does_not_count()
    {
        var slow = new GatedStream();
        var source = new WriteSource(1, _ => ValueTask.FromResult<Stream>(slow));
        Task call = Store().WriteAsync(Path, source, WriteOptions.Default, default).AsTask();
        await slow.Asked;
        _time.Advance(TimeSpan.FromHours(3));
        slow.Give(1);
        await slow.Asked;
        slow.Give(0);
        await call;
    }

    [Fact]
    public async Task A_store_that_hangs_between_two_reads_of_its_source_times_out()
    {
        var source = new WriteSource(0, _ => ValueTask.FromResult<Stream>(new MemoryStream()));
        _inner.Before = Hang;
        Task call = Store().WriteAsync(Path, source, WriteOptions.Default, default).AsTask();
        _time.Advance(Minute);
        Assert.Equal(StoreErrorKind.TimedOut, (await Assert.ThrowsAsync<StoreException>(() => call)).Kind);
    }

    [Fact]
    public async Task Every_read_of_a_body_starts_its_time_anew()
    {
        var slow = new GatedStream();
        await using Stream body = await OpenAsync(slow);
        for (int i = 0; i < 5; i++)
        {
            Task<int> read = body.ReadAsync(new byte[1]).AsTask();
            await slow.Asked;
            _time.Advance(Minute - Instant);
            slow.Give(1);
            Assert.Equal(1, await read);
            _time.Advance(TimeSpan.FromDays(1));
        }

        Task<int> stalled = body.ReadAsync(new byte[1]).AsTask();
        await slow.Asked;
        _time.Advance(Minute);
        Assert.Equal(StoreErrorKind.TimedOut, (await Assert.ThrowsAsync<StoreException>(() => stalled)).Kind);
    }

    [Fact]
    public async Task Cancelling_one_read_of_a_body_leaves_the_next_one_alone()
    {
        var slow = new GatedStream();
        await using Stream body = await OpenAsync(slow);
        using var stop = new CancellationTokenSource();
        Task<int> read = body.ReadAsync(new byte[1], stop.Token).AsTask();
        await slow.Asked;
        await stop.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(stop.Token, error.CancellationToken);

        Task<int> next = body.ReadAsync(new byte[1]).AsTask();
        await slow.Asked;
        slow.Give(1);
        Assert.Equal(1, await next);
    }

    private LayeredStore Store() => new(_inner, new TimeOutAttempts(new TimeoutOptions(), _time));

    private async Task<Stream> OpenAsync(Stream inner)
    {
        await _inner.WriteAsync(Path, WriteSource.From(new byte[1]), WriteOptions.Default, default);
        _inner.Body = _ => inner;
        return await Store().RangedRead!.OpenRangeAsync(Path, null, 0, 1, default);
    }

    private async ValueTask Hang(StoreCall call, CancellationToken ct) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, ct);
}
