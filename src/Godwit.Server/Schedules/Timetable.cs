using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Godwit.Server.Access;
using Godwit.Server.Engine;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Schedules;

/// <summary>Lets schedules fire when their times come, and keeps their windows. All that it goes by is in the ledger: it may be killed at any moment.</summary>
/// <param name="schedules">The record of schedules.</param>
/// <param name="submissions">The record of transfers.</param>
/// <param name="engine">Reads orders.</param>
/// <param name="projects">Which places the transfers of each project may use.</param>
/// <param name="options">Who is told.</param>
/// <param name="time">The clock.</param>
public sealed class Timetable(
    ISchedules schedules, ISubmissions submissions, IEngine engine, Projects projects, TimetableOptions options, TimeProvider time) : IAsyncDisposable
{
    private const int Page = 500;

    // A clock that was set is noticed within this time, and so is a ledger that can be used again.
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromSeconds(20);
    // A place of one schedule that does not answer must not keep the service from starting.
    private static readonly TimeSpan s_longestStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shortestSleep = TimeSpan.FromMilliseconds(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly KeepWindow _window = new(submissions, options.Look);
    private readonly FireSchedule _fire = new(schedules, submissions, new PendingChecks(new CheckOrder(engine, projects, options.Stagers), options.CheckLimit, time), time);
    private readonly Dictionary<string, string> _told = [];

    // The last transfer of each schedule that somebody was told of.
    private readonly Dictionary<string, string> _lookedAt = [];
    private Task _loop = Task.CompletedTask;
    private DateTimeOffset _looked = time.GetUtcNow();

    /// <summary>How late a planned time may be and is not counted as missed.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Begins: with what an earlier service left, so that nothing goes on outside its window when transfers get their turns after this, and then with
    /// what comes.</summary>
    public async Task StartAsync()
    {
        Task<TimeSpan> first = Task.Run(PassAsync, CancellationToken.None);
        await ((Task)first.WaitAsync(s_longestStart, time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loop = Task.Run(async () => await LoopAsync(await first.ConfigureAwait(false)).ConfigureAwait(false), CancellationToken.None);
    }

    /// <summary>Something about a schedule, or about a transfer that one began, is different in the ledger.</summary>
    public void Look() => _wake.Writer.TryWrite(true);

    /// <summary>Hands a schedule's transfer over now.</summary>
    /// <param name="id">Which.</param>
    /// <param name="ct">Cancels the call; then nothing was written.</param>
    /// <returns>What became of it, which is written down but where the run before goes on; null where there is no such schedule.</returns>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task<ScheduleRun?> RunNowAsync(string id, CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var now = Timestamp.From(time.GetUtcNow());
            if (await schedules.FindAsync(id, ct).ConfigureAwait(false) is not { } schedule)
            {
                return null;
            }

            _fire.Prepare(schedule);
            ScheduleRun? run = await _fire.FireAsync(schedule, new ScheduleRun(id, now, now, ScheduleEnd.Started) { IsByHand = true }, ct).ConfigureAwait(false);
            Tell(run);
            return run;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Changes a schedule: as it is when its turn comes, so that of two changes none is lost.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">Makes of it what it is to be; what this throws is thrown, and nothing is changed.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>What it is now; null where there is no such schedule.</returns>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task<Schedule?> ChangeAsync(string id, Func<Schedule, Schedule> change, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(change);
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            Schedule? wish = await schedules.FindAsync(id, ct).ConfigureAwait(false) is { } schedule ? change(schedule) : null;
            return wish is not null && await schedules.ChangeAsync(wish, ct).ConfigureAwait(false) ? wish : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Forgets a schedule; what waits for its window waits no more.</summary>
    /// <returns>False where there is none of that id.</returns>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task<bool> RemoveAsync(string id, CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (await schedules.FindAsync(id, ct).ConfigureAwait(false) is not { } schedule)
            {
                return false;
            }

            foreach (Submission transfer in await _fire.OpenAsync(schedule, ct).ConfigureAwait(false))
            {
                await _window.KeepAsync(schedule, true, transfer, time.GetUtcNow(), ct).ConfigureAwait(false);
            }

            return await schedules.RemoveAsync(id, ct).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets nothing fire any more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task LoopAsync(TimeSpan sleep)
    {
        while (!_stop.IsCancellationRequested)
        {
            ITimer timer = time.CreateTimer(_ => Look(), null, sleep, Timeout.InfiniteTimeSpan);
            await using (timer.ConfigureAwait(false))
            {
                try
                {
                    await _wake.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }

            sleep = await PassAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Looks at every schedule once.</summary>
    /// <returns>How long there is nothing to do.</returns>
    internal async Task<TimeSpan> PassAsync()
    {
        DateTimeOffset begun = time.GetUtcNow();
        DateTimeOffset? next = null;
        await TryAsync("schedules", async () => next = await LookAtAllAsync().ConfigureAwait(false)).ConfigureAwait(false);
        _looked = begun;
        TimeSpan sleep = (next ?? DateTimeOffset.MaxValue) - time.GetUtcNow();
        return sleep > s_longestSleep ? s_longestSleep : sleep > s_shortestSleep ? sleep : s_shortestSleep;
    }

    /// <returns>When there is something to do next; null where that is not known.</returns>
    private async Task<DateTimeOffset?> LookAtAllAsync()
    {
        await _turn.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            DateTimeOffset? first = null;
            IReadOnlyList<Schedule> page = [];
            do
            {
                page = await schedules.ListAsync(new ScheduleFilter(), page.Count == 0 ? null : page[^1].Id, Page, _stop.Token).ConfigureAwait(false);
                await PrepareAsync(page).ConfigureAwait(false);
                foreach (Schedule schedule in page)
                {
                    DateTimeOffset? next = null;
                    await TryAsync(
                        $"schedule {schedule.Name} ({schedule.Id})",
                        async () => next = await LookAtAsync(schedule, ScheduleTimes.Of(schedule)).ConfigureAwait(false)).ConfigureAwait(false);
                    first = first is null || next < first ? next : first;
                }
            }
            while (page.Count == Page);
            return first;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Begins with all that is to fire now, so that places which do not answer are waited for together.</summary>
    private async Task PrepareAsync(IReadOnlyList<Schedule> page)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (Schedule schedule in page.Where(one => one.IsEnabled && DueOf(one, now) is not null))
        {
            if (await _fire.GoingOnAsync(schedule, _stop.Token).ConfigureAwait(false) is null)
            {
                _fire.Prepare(schedule);
            }
        }
    }

    private DateTimeOffset? DueOf(Schedule schedule, DateTimeOffset now)
    {
        try
        {
            var times = ScheduleTimes.Of(schedule);
            return times.IsOpen(now) ? DueOf(schedule, times, now) : null;
        }
        catch (FormatException)
        {
            // Told when it is looked at.
            return null;
        }
    }

    private DateTimeOffset? DueOf(Schedule schedule, ScheduleTimes times, DateTimeOffset now)
    {
        // Where the clock was set back, what was dealt with lies ahead: what comes until then fires, too, unless it has fired.
        var done = schedule.Done.ToDateTimeOffset();
        return times.Last(done <= now ? done : _looked <= now ? _looked : now, now);
    }

    /// <summary>What goes wrong is said once, until it goes right or wrong in another way.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "One schedule that cannot even be looked at must not keep all others from firing, nor this loop from looking again.")]
    private async Task TryAsync(string what, Func<Task> look)
    {
        try
        {
            await look().ConfigureAwait(false);
            _told.Remove(what);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (Exception e)
        {
            string sentence = $"{what}: {(e is LedgerException or FormatException ? e.Message : e)}";
            if (_told.GetValueOrDefault(what) != sentence)
            {
                _told[what] = sentence;
                options.Warn(sentence);
            }
        }
    }

    /// <returns>When there is something to do next; null where that is not known.</returns>
    private async Task<DateTimeOffset?> LookAtAsync(Schedule schedule, ScheduleTimes times)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isOpen = times.IsOpen(now);
        foreach (Submission transfer in await _fire.OpenAsync(schedule, _stop.Token).ConfigureAwait(false))
        {
            await _window.KeepAsync(schedule, isOpen, transfer, now, _stop.Token).ConfigureAwait(false);

            // Nobody may have been told of it: the answer of the database that took it was lost, or the service was killed.
            if (transfer.Id == schedule.LastTransfer && _lookedAt.GetValueOrDefault(schedule.Id) != transfer.Id)
            {
                _lookedAt[schedule.Id] = transfer.Id;
                options.Look(transfer.Id);
            }
        }

        if (schedule.IsEnabled)
        {
            await FireDueAsync(schedule, times, now, isOpen).ConfigureAwait(false);
        }

        DateTimeOffset? next = schedule.IsEnabled ? times.After(now).Select(moment => (DateTimeOffset?)moment).FirstOrDefault() : null;
        DateTimeOffset? change = times.NextChange(now);
        return next is null || change < next ? change : next;
    }

    private async Task FireDueAsync(Schedule schedule, ScheduleTimes times, DateTimeOffset now, bool isOpen)
    {
        if (DueOf(schedule, times, now) is not { } due)
        {
            return;
        }

        var run = new ScheduleRun(schedule.Id, Timestamp.From(due), Timestamp.From(now), ScheduleEnd.Started);
        bool isMissed = now - due > Grace;
        if (isMissed)
        {
            run = run with { Why = "Late: when its time came no service ran, or its window was closed. It stands for all planned times since the one before." };
        }

        if (isMissed && schedule.SkipsMissed)
        {
            await _fire.MissAsync(run, _stop.Token).ConfigureAwait(false);
        }
        else if (isOpen)
        {
            Tell(await _fire.FireAsync(schedule, run, _stop.Token).ConfigureAwait(false));
        }
    }

    private void Tell(ScheduleRun? run)
    {
        if (run?.Transfer is { } transfer)
        {
            _lookedAt[run.Schedule] = transfer;
            options.Look(transfer);
        }
    }
}

/// <summary>Whom a timetable tells.</summary>
public sealed record TimetableOptions
{
    /// <summary>Who can be asked to make a transfer ready.</summary>
    public StagerBook Stagers { get; init; } = new();

    /// <summary>Called when a transfer is different in the ledger: it was handed over, paused or resumed. Must be quick and must not throw.</summary>
    public required Action<string> Look { get; init; }

    /// <summary>How long it may take to look at the source and the destination of one schedule; then that planned time is refused.</summary>
    public TimeSpan CheckLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Takes a sentence about something that cannot be done now.</summary>
    public required Action<string> Warn { get; init; }
}
