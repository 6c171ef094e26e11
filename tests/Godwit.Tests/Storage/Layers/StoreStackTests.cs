using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

public sealed class StoreStackTests : IAsyncDisposable
{
    private static readonly StorePath Path = StorePath.FromText("a");
    private readonly FakeTime _time = new();
    private readonly SmallStore _inner = new();
    private readonly Journal _attempts = new();
    private readonly Journal _calls = new();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    [Fact]
    public async Task An_error_says_store_side_call_and_path()
    {
        _inner.Before = (_, _) => throw new StoreException(StoreErrorKind.Forbidden, "no");
        StoreException error = await FailsAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal(
            ("small://here/root", StoreSide.Destination, StoreVerb.Stat, Path),
            (error.Store!, error.Side, error.Verb!.Value, error.Path!.Value));
    }

    [Fact]
    public async Task A_path_that_an_error_names_stays()
    {
        var other = StorePath.FromText("another");
        _inner.Before = (_, _) => throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = other };
        StoreException error = await FailsAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal(other, error.Path!.Value);
    }

    [Fact]
    public async Task What_another_store_said_stays_when_its_error_passes_through_a_write()
    {
        var source = new WriteSource(1, _ => throw new StoreException(StoreErrorKind.Forbidden, "theirs")
        {
            Store = "other",
            Side = StoreSide.Source,
        });
        StoreException error = await FailsAsync(Store().WriteAsync(Path, source, WriteOptions.Default, default).AsTask());
        Assert.Equal(("other", StoreSide.Source), (error.Store!, error.Side));
    }

    [Fact]
    public async Task Errors_that_are_part_of_an_answer_say_where_too()
    {
        _inner.BulkDelete = new RefusingBulkDelete();
        IReadOnlyList<StoreException> errors = await Store().BulkDelete!.DeleteAsync([Path], default);
        Assert.Equal((StoreVerb.BulkDelete, "small://here/root"), (errors[0].Verb!.Value, errors[0].Store!));
    }

    [Fact]
    public async Task What_nobody_classified_is_unexpected_and_keeps_its_cause()
    {
        _inner.Before = (_, _) => throw new InvalidOperationException("odd");
        StoreException error = await FailsAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal(StoreErrorKind.Unexpected, error.Kind);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_an_error()
    {
        _inner.Before = (_, _) => throw new TaskCanceledException("a library's own timer");
        StoreException error = await FailsAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal(StoreErrorKind.Unexpected, error.Kind);
    }

    [Fact]
    public async Task A_body_that_breaks_says_where()
    {
        await _inner.WriteAsync(Path, WriteSource.From(new byte[1]), WriteOptions.Default, default);
        _inner.Body = body =>
        {
            body.Dispose();
            return body;
        };
        await using (StoreBody body = await Store().OpenReadAsync(Path, default))
        {
            StoreException error = await FailsAsync(body.Content.ReadAsync(new byte[1]).AsTask());
            Assert.Equal((StoreVerb.OpenRead, Path), (error.Verb!.Value, error.Path!.Value));
        }

        Assert.NotNull(Assert.Single(_attempts.Bodies).Error);
        Assert.NotNull(Assert.Single(_calls.Bodies).Error);
    }

    [Fact]
    public async Task One_call_of_three_attempts_is_seen_as_such()
    {
        int attempts = 0;
        _inner.Before = (_, _) => ++attempts < 3
            ? throw new StoreException(StoreErrorKind.Unavailable, "down")
            : ValueTask.CompletedTask;
        await _time.RunAsync(Store().WriteAsync(Path, WriteSource.From(new byte[9]), WriteOptions.Default, default).AsTask());
        Assert.Equal([true, true, false], _attempts.Calls.Select(end => end.Error is StoreException { Store: not null }));
        StoreCallEnd call = Assert.Single(_calls.Calls);
        Assert.Equal((9L, null, _time.Elapsed), (call.Bytes, call.Error, call.Duration));
        Assert.True(call.Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task An_attempt_that_times_out_is_observed_as_such_and_repeated()
    {
        int attempts = 0;
        _inner.Before = async (_, token) =>
        {
            if (++attempts == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            }
        };
        Task call = Store().StatAsync(Path, default).AsTask();
        _time.Advance(TimeSpan.FromMinutes(1));
        await _time.RunAsync(call);
        Assert.Equal(StoreErrorKind.TimedOut, Assert.IsType<StoreException>(_attempts.Calls[0].Error).Kind);
        Assert.Null(_calls.Calls[0].Error);
    }

    [Fact]
    public async Task Waiting_for_a_place_is_not_a_timeout()
    {
        await _inner.WriteAsync(Path, WriteSource.From(new byte[1]), WriteOptions.Default, default);
        IStore store = Store(new LimitConcurrency(1));
        StoreBody held = await store.OpenReadAsync(Path, default);
        Task<StoreBody> waiting = store.OpenReadAsync(Path, default).AsTask();
        _time.Advance(TimeSpan.FromHours(5));
        await held.DisposeAsync();
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task A_pause_before_a_repeat_holds_no_place()
    {
        var limit = new LimitConcurrency(1);
        int attempts = 0;
        _inner.Before = (call, _) => call.Verb == StoreVerb.Stat && ++attempts == 1
            ? throw new StoreException(StoreErrorKind.Unavailable, "down")
            : ValueTask.CompletedTask;
        IStore store = Store(limit);
        Task call = store.StatAsync(Path, default).AsTask();
        await _time.ArmedAsync();
        Assert.Equal(0, limit.Taken);
        await _time.RunAsync(call);
    }

    [Fact]
    public void Defaults_are_what_their_reasons_say()
    {
        Assert.Null(StoreStackOptions.Local.Retry);
        Assert.Null(StoreStackOptions.Local.Timeouts);
        Assert.Equal(5, StoreStackOptions.Remote.Retry!.MaxRepeats);
        Assert.Equal(TimeSpan.FromMinutes(5), StoreStackOptions.Remote.Retry.MaxElapsed);
        Assert.Equal(TimeSpan.FromMinutes(1), StoreStackOptions.Remote.Timeouts!.Call);
        Assert.Equal(16 * 1024, StoreStackOptions.Remote.Timeouts.SlowestRate);
    }

    private sealed class RefusingBulkDelete : IBulkDelete
    {
        public int MaxPaths => 1;

        public ValueTask<IReadOnlyList<StoreException>> DeleteAsync(IReadOnlyList<StorePath> paths, CancellationToken ct) =>
            ValueTask.FromResult<IReadOnlyList<StoreException>>([new StoreException(StoreErrorKind.Forbidden, "no")]);
    }

    private static async Task<StoreException> FailsAsync(Task call) => await Assert.ThrowsAsync<StoreException>(() => call);

    private IStore Store(LimitConcurrency? concurrency = null) => StoreStack.Build(
        _inner,
        StoreStackOptions.Remote with
        {
            Side = StoreSide.Destination,
            Attempts = _attempts,
            Calls = _calls,
            Concurrency = concurrency,
        },
        _time);
}
