using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

public sealed class RetryCallsTests : IAsyncDisposable
{
    private static readonly StorePath Path = StorePath.FromText("a");
    private static readonly Func<StoreException> s_refused = () => new StoreException(StoreErrorKind.Unavailable, "refused") { NobodyAnswered = true };
    private readonly FakeTime _time = new();
    private readonly SmallStore _inner = new();
    private int _attempts;

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    [Fact]
    public async Task Two_nested_retries_of_four_attempts_make_four_attempts()
    {
        var four = new RetryOptions { MaxRepeats = 3, Seed = 1 };
        Fail(() => new StoreException(StoreErrorKind.Unavailable, "down"));
        var store = new LayeredStore(new LayeredStore(_inner, new RetryCalls(four, _time)), new RetryCalls(four, _time));
        StoreException error = await FailsAsync(store.StatAsync(Path, default).AsTask());
        Assert.Equal(4, _attempts);
        Assert.Equal(3, error.RetriesSpent);
    }

    [Fact]
    public async Task A_call_that_fails_twice_succeeds_at_the_third_attempt()
    {
        Fail(() => _attempts < 3 ? new StoreException(StoreErrorKind.Interrupted, "reset") : null);
        Task<StoreEntry?> stat = Store().StatAsync(Path, default).AsTask();
        await _time.RunAsync(stat);
        Assert.Equal(3, _attempts);
    }

    [Theory]
    [InlineData(StoreErrorKind.NotFound)]
    [InlineData(StoreErrorKind.Unauthenticated)]
    [InlineData(StoreErrorKind.PreconditionFailed)]
    [InlineData(StoreErrorKind.QuotaExceeded)]
    [InlineData(StoreErrorKind.Unexpected)]
    public async Task An_error_that_stays_is_not_repeated(StoreErrorKind kind)
    {
        Fail(() => new StoreException(kind, "no"));
        StoreException error = await FailsAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal((1, 0), (_attempts, error.RetriesSpent));
    }

    [Fact]
    public async Task A_store_that_never_answered_is_asked_three_times()
    {
        Fail(() => s_refused());
        Assert.Equal(2, (await FailsAsync(Store().StatAsync(Path, default).AsTask())).RetriesSpent);
    }

    [Fact]
    public async Task A_store_that_answered_once_is_waited_for_and_then_given_up_as_a_whole()
    {
        Fail(() => _attempts == 1 ? null : s_refused());
        IStore store = Store();
        await _time.RunAsync(store.StatAsync(Path, default).AsTask());
        StoreException error = await FailsAsync(store.StatAsync(Path, default).AsTask());
        Assert.Equal((StoreErrorKind.Unavailable, NextStep.LeaveStore), (error.Kind, error.Next));
        Assert.Contains("for 2 minutes", error.Message, StringComparison.Ordinal);
        Assert.InRange(_time.Elapsed, TimeSpan.FromMinutes(1.9), TimeSpan.FromMinutes(2));
        int attempts = _attempts;
        error = await Assert.ThrowsAsync<StoreException>(() => store.StatAsync(StorePath.FromText("b"), default).AsTask());
        Assert.Equal((attempts, NextStep.LeaveStore, "b"), (_attempts, error.Next, error.Path?.ToString()));
    }

    [Fact]
    public async Task A_silence_is_the_stores_and_any_answer_ends_it()
    {
        StoreException? answer = null;
        Fail(() => answer);
        IStore store = Store();
        await _time.RunAsync(store.StatAsync(Path, default).AsTask());
        for (int i = 0; i < 3; i++)
        {
            answer = s_refused();
            Task waiting = store.StatAsync(Path, default).AsTask();
            await _time.ArmedAsync();
            _time.Advance(TimeSpan.FromSeconds(90));
            answer = i == 1 ? null : new StoreException(StoreErrorKind.Forbidden, "no");
            if (answer is null)
            {
                await _time.RunAsync(waiting);
            }
            else
            {
                Assert.Equal(StoreErrorKind.Forbidden, (await Assert.ThrowsAsync<StoreException>(() => _time.RunAsync(waiting))).Kind);
            }
        }
    }

    [Fact]
    public async Task A_call_that_nobody_answers_ends_although_others_are_answered_in_between()
    {
        IStore store = Store();
        var answered = StorePath.FromText("b");
        await store.StatAsync(answered, default);
        _inner.Before = async (call, ct) =>
        {
            if (call.Path == Path)
            {
                _ = await store.StatAsync(answered, ct);
                throw s_refused();
            }
        };
        Assert.Equal(StoreErrorKind.Unavailable, (await FailsAsync(store.StatAsync(Path, default).AsTask())).Kind);
        Assert.InRange(_time.Elapsed, TimeSpan.FromMinutes(4.5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Calls_that_begin_late_in_a_silence_do_not_make_it_longer()
    {
        Fail(() => _attempts == 1 ? null : s_refused());
        IStore store = Store();
        await _time.RunAsync(store.StatAsync(Path, default).AsTask());
        Task first = store.StatAsync(Path, default).AsTask();
        await _time.ArmedAsync();
        _time.Advance(TimeSpan.FromSeconds(100));
        await FailsAsync(store.StatAsync(Path, default).AsTask());
        await FailsAsync(first);
        Assert.InRange(_time.Elapsed, TimeSpan.FromMinutes(1.9), TimeSpan.FromMinutes(2.1));
    }

    [Fact]
    public async Task An_error_of_the_store_itself_is_an_answer()
    {
        Fail(() => new StoreException(StoreErrorKind.Unavailable, "busy") { NobodyAnswered = _attempts > 1 });
        Assert.Equal(NextStep.LeaveStore, (await FailsAsync(Store().StatAsync(Path, default).AsTask())).Next);
        Assert.True(_attempts > 6);
    }

    [Fact]
    public async Task A_call_that_may_have_taken_effect_is_not_repeated()
    {
        Fail(() => new StoreException(StoreErrorKind.Interrupted, "answer lost"));
        await FailsAsync(Store().Rename!.RenameAsync(Path, StorePath.FromText("b"), false, default).AsTask());
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task A_call_that_the_store_knows_to_have_changed_nothing_is_repeated()
    {
        Fail(() => _attempts < 3 ? new StoreException(StoreErrorKind.Unavailable, "not now") { TookNoEffect = true } : null);
        Task rename = Store().Rename!.RenameAsync(Path, StorePath.FromText("b"), false, default).AsTask();
        await _time.RunAsync(rename);
        Assert.Equal(3, _attempts);
    }

    [Fact]
    public async Task The_pause_that_a_store_asked_for_is_kept()
    {
        Fail(() => _attempts < 2
            ? new StoreException(StoreErrorKind.RateLimited, "slow down") { RetryAfter = TimeSpan.FromSeconds(42) }
            : null);
        await _time.RunAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal(TimeSpan.FromSeconds(42), _time.Elapsed);
    }

    [Fact]
    public async Task A_pause_that_ends_after_the_time_limit_is_not_begun()
    {
        Fail(() => new StoreException(StoreErrorKind.RateLimited, "slow down") { RetryAfter = TimeSpan.FromMinutes(6) });
        await FailsAsync(Store().StatAsync(Path, default).AsTask());
        Assert.Equal((1, TimeSpan.Zero), (_attempts, _time.Elapsed));
    }

    [Fact]
    public async Task Attempts_end_with_the_time_limit_before_the_count_is_reached()
    {
        Fail(() => new StoreException(StoreErrorKind.Unavailable, "down"));
        await FailsAsync(Store(new RetryOptions { MaxRepeats = 1000, MaxPause = TimeSpan.FromSeconds(10), Seed = 3 })
            .StatAsync(Path, default).AsTask());
        Assert.InRange(_time.Elapsed, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Pauses_double_are_jittered_and_repeatable()
    {
        TimeSpan[] first = await PausesAsync(seed: 7);
        Assert.Equal(first, await PausesAsync(seed: 7));
        Assert.NotEqual(first, await PausesAsync(seed: 8));
        for (int i = 0; i < first.Length; i++)
        {
            double whole = 0.2 * Math.Pow(2, i);
            Assert.InRange(first[i].TotalSeconds, whole / 2, whole);
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_pause_at_once_with_the_callers_token()
    {
        using var stop = new CancellationTokenSource();
        Fail(() => new StoreException(StoreErrorKind.Unavailable, "down"));
        Task call = Store().StatAsync(Path, stop.Token).AsTask();
        await _time.ArmedAsync();
        await stop.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal((stop.Token, 1, TimeSpan.Zero), (error.CancellationToken, _attempts, _time.Elapsed));
    }

    [Fact]
    public async Task A_cancelled_call_is_not_attempted()
    {
        Fail(() => null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store().StatAsync(Path, new CancellationToken(true)).AsTask());
        Assert.Equal(0, _attempts);
    }

    private LayeredStore Store(RetryOptions? options = null) =>
        new(_inner, new RetryCalls(options ?? new RetryOptions { Seed = 1 }, _time));

    private void Fail(Func<StoreException?> error) => _inner.Before = (_, _) =>
    {
        _attempts++;
        return error() is { } e ? ValueTask.FromException(e) : ValueTask.CompletedTask;
    };

    private async Task<StoreException> FailsAsync(Task call) =>
        await Assert.ThrowsAsync<StoreException>(() => _time.RunAsync(call));

    private static async Task<TimeSpan[]> PausesAsync(int seed)
    {
        var time = new FakeTime();
        List<TimeSpan> moments = [];
        var inner = new SmallStore
        {
            Before = (_, _) =>
            {
                moments.Add(time.Elapsed);
                throw new StoreException(StoreErrorKind.Unavailable, "down");
            },
        };
        var store = new LayeredStore(inner, new RetryCalls(new RetryOptions { Seed = seed }, time));
        await Assert.ThrowsAsync<StoreException>(() => time.RunAsync(store.StatAsync(Path, default).AsTask()));
        return moments.Zip(moments.Skip(1), (a, b) => b - a).ToArray();
    }
}
