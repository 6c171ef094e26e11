using System.Globalization;
using Godwit.Server.Access;
using Godwit.Server.Engine;
using Godwit.Server.Schedules;
using Godwit.Storage;
using Godwit.Tests.Server.Runs;
using Godwit.Transfers;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Schedules;

public sealed class TimetableTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-schedules-").FullName;
    private readonly SetClock _clock = new();
    private readonly TestEngine _engine = new();
    private readonly Projects _projects = new();
    private readonly List<string> _looked = [];
    private readonly List<string> _warnings = [];
    private SqliteLedger _ledger = null!;
    private Timetable _timetable = null!;

    public async Task InitializeAsync()
    {
        _ledger = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        _timetable = Start(_clock);
    }

    public async Task DisposeAsync()
    {
        await _timetable.DisposeAsync();
        await _ledger.DisposeAsync();
        Directory.Delete(_directory, true);
    }

    [Fact]
    public async Task A_schedule_fires_at_its_time_once_and_hands_its_order_over()
    {
        await AddAsync("*/10 * * * *", one => one with { Priority = 5 });
        Assert.Equal(TimeSpan.FromSeconds(20), await AtAsync("12:09:00"));
        Assert.Equal(TimeSpan.FromSeconds(2), await AtAsync("12:09:58"));
        Assert.Empty(await RunsAsync());
        await AtAsync("12:10:01");
        await AtAsync("12:10:02");
        ScheduleRun run = Assert.Single(await RunsAsync());
        Assert.Equal((ScheduleEnd.Started, "2026-06-01T12:10:00.000000000Z", false, null), (run.End, run.Planned.ToString(), run.IsByHand, run.Why));
        Submission transfer = (await _ledger.Submissions.FindAsync(run.Transfer!, default))!;
        Assert.Equal(
            ("alice", "atlas", "copy", "disk:a", "tape:b", 5, $"schedule/s/{run.Planned}", TransferState.Submitted),
            (transfer.Owner, transfer.Project, transfer.Verb, transfer.Source, transfer.Destination, transfer.Priority, transfer.RequestKey, transfer.State));
        Assert.Equal(["- *.tmp"], TransferOrder.Of(transfer).Options["filter"]);
        Assert.Equal([transfer.Id], _looked);
    }

    [Fact]
    public async Task While_the_run_before_goes_on_the_next_one_is_skipped()
    {
        await AddAsync("*/10 * * * *");
        await AtAsync("12:10:00");
        await AtAsync("12:20:00");
        IReadOnlyList<ScheduleRun> runs = await RunsAsync();
        Assert.Equal([ScheduleEnd.Skipped, ScheduleEnd.Started], runs.Select(run => run.End));
        Assert.Contains(runs[1].Transfer!, runs[0].Why, StringComparison.Ordinal);
        await EndAsync(runs[1].Transfer!);
        await AtAsync("12:30:00");
        Assert.Equal(ScheduleEnd.Started, (await RunsAsync())[0].End);
    }

    [Theory]
    [InlineData(false, ScheduleEnd.Started)]
    [InlineData(true, ScheduleEnd.Missed)]
    public async Task What_passed_while_no_service_ran_is_one_run_or_none(bool skips, ScheduleEnd end)
    {
        await AddAsync("*/10 * * * *", one => one with { SkipsMissed = skips });
        await AtAsync("15:05:00");
        await AtAsync("15:05:20");
        ScheduleRun run = Assert.Single(await RunsAsync());
        Assert.Equal((end, "2026-06-01T15:00:00.000000000Z"), (run.End, run.Planned.ToString()));
        Assert.NotNull(run.Why);
        await AtAsync("15:10:05");
        Assert.Equal(2, (await RunsAsync()).Count);
    }

    [Fact]
    public async Task Whatever_the_clock_does_a_planned_time_fires_once()
    {
        await AddAsync("*/10 * * * *");
        await AtAsync("12:10:01");
        await EndAsync((await RunsAsync())[0].Transfer!);
        await AtAsync("12:09:50");
        await AtAsync("12:10:01");
        Assert.Single(await RunsAsync());

        // Ahead by years, and back: it fires once for all of that, and then goes on from where the clock really is.
        await AtAsync("12:15:00", years: 10);
        await EndAsync((await RunsAsync())[0].Transfer!);
        Assert.Equal(2, (await RunsAsync()).Count);
        await AtAsync("12:15:00");
        await AtAsync("12:20:00");
        await AtAsync("12:20:01");
        Assert.Equal(3, (await RunsAsync()).Count);
        Assert.Contains(await RunsAsync(), run => run.Planned.ToString() == "2026-06-01T12:20:00.000000000Z");
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_refused_order_is_written_down_and_tried_again_at_the_next_time()
    {
        await AddAsync("*/10 * * * *");
        _engine.Faults = [new OrderFault("source", "There is no endpoint \"disk\".")];
        await AtAsync("12:10:00");
        Assert.Equal((ScheduleEnd.Refused, "There is no endpoint \"disk\"."), ((await RunsAsync())[0].End, (await RunsAsync())[0].Why));
        _engine.Faults = [];
        await AtAsync("12:20:00");
        Assert.Equal(ScheduleEnd.Started, (await RunsAsync())[0].End);
    }

    [Fact]
    public async Task An_order_that_is_bound_is_held_to_what_its_project_may_use_when_it_fires()
    {
        await AddAsync("*/10 * * * *", one => one with { Details = Order(true) });
        await AtAsync("12:10:00");
        ScheduleRun run = Assert.Single(await RunsAsync());
        Assert.Equal(ScheduleEnd.Refused, run.End);
        Assert.Contains("no project \"atlas\"", run.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_its_window_a_transfer_is_paused_and_inside_it_goes_on()
    {
        await AddAsync("0 22 * * *", one => one with { Window = "22:00-06:00" });
        await AtAsync("22:00:00");
        string transfer = (await RunsAsync())[0].Transfer!;
        await AtAsync("05:59:59", days: 1);
        Assert.Null((await _ledger.Submissions.FindAsync(transfer, default))!.Pause);
        await AtAsync("06:00:00", days: 1);
        Assert.Contains("22:00-06:00", (await _ledger.Submissions.FindAsync(transfer, default))!.Pause!.Message, StringComparison.Ordinal);
        await AtAsync("22:00:00", days: 1);
        Assert.Null((await _ledger.Submissions.FindAsync(transfer, default))!.Pause);
        Assert.Equal([transfer, transfer, transfer], _looked);
        Assert.Equal(ScheduleEnd.Skipped, (await RunsAsync())[0].End);
    }

    [Fact]
    public async Task What_a_person_paused_no_window_lets_go_on()
    {
        await AddAsync("0 22 * * *", one => one with { Window = "22:00-06:00" });
        await AtAsync("22:00:00");
        string transfer = (await RunsAsync())[0].Transfer!;
        await _ledger.Submissions.PauseAsync(transfer, new SubmissionPause(default, "olga", "wait"), default);
        await AtAsync("06:00:00", days: 1);
        await AtAsync("22:00:00", days: 1);
        Assert.Equal("olga", (await _ledger.Submissions.FindAsync(transfer, default))!.Pause!.By);
    }

    [Fact]
    public async Task One_before_the_last_that_is_tried_again_is_held_to_the_window_too()
    {
        (string old, string last) = await FiredTwiceAsync();
        await RetryAsync(old);
        await AtAsync("12:00:00", days: 2);
        Assert.Contains("22:00-06:00", (await PauseOfAsync(old))!.Message, StringComparison.Ordinal);
        Assert.Equal((await PauseOfAsync(old))!.By, (await PauseOfAsync(last))!.By);
        Assert.Equal([old, last], _looked[^2..]);
        await AtAsync("22:00:00", days: 2);
        Assert.Null(await PauseOfAsync(old));
        Assert.Null(await PauseOfAsync(last));
        Assert.Equal([old, last], _looked[^2..]);
    }

    [Fact]
    public async Task One_before_the_last_that_a_person_paused_no_window_lets_go_on()
    {
        (string old, string last) = await FiredTwiceAsync();
        await RetryAsync(old);
        await _ledger.Submissions.PauseAsync(old, new SubmissionPause(default, "olga", "wait"), default);
        await AtAsync("12:00:00", days: 2);
        Assert.NotNull(await PauseOfAsync(last));
        await AtAsync("22:00:00", days: 2);
        Assert.Equal("olga", (await PauseOfAsync(old))!.By);
        Assert.Null(await PauseOfAsync(last));
    }

    [Fact]
    public async Task Whatever_of_it_waits_goes_on_when_a_schedule_is_removed()
    {
        (string old, string last) = await FiredTwiceAsync();
        await RetryAsync(old);
        await AtAsync("12:00:00", days: 2);
        Assert.True(await _timetable.RemoveAsync("s", default));
        Assert.Null(await PauseOfAsync(old));
        Assert.Null(await PauseOfAsync(last));
    }

    [Fact]
    public async Task A_missed_run_waits_for_its_window()
    {
        await AddAsync("0 22 * * *", one => one with { Window = "22:00-06:00" });
        await AtAsync("12:00:00", days: 3);
        Assert.Empty(await RunsAsync());
        await AtAsync("22:00:00", days: 3);
        Assert.Equal(ScheduleEnd.Started, Assert.Single(await RunsAsync()).End);
    }

    [Fact]
    public async Task A_schedule_that_is_removed_leaves_nothing_waiting_for_its_window()
    {
        await AddAsync("0 22 * * *", one => one with { Window = "22:00-06:00" });
        await AtAsync("22:00:00");
        string transfer = (await RunsAsync())[0].Transfer!;
        await AtAsync("06:00:00", days: 1);
        Assert.True(await _timetable.RemoveAsync("s", default));
        Assert.Null((await _ledger.Submissions.FindAsync(transfer, default))!.Pause);
        Assert.False(await _timetable.RemoveAsync("s", default));
    }

    [Fact]
    public async Task One_that_is_asked_for_begins_now_unless_the_run_before_goes_on()
    {
        await AddAsync("0 2 * * *", one => one with { IsEnabled = false });
        await AtAsync("14:00:00");
        ScheduleRun run = (await _timetable.RunNowAsync("s", default))!;
        Assert.Equal((true, ScheduleEnd.Started), (run.IsByHand, run.End));
        Assert.Equal([run.Transfer!], _looked);
        Assert.Equal(ScheduleEnd.Skipped, (await _timetable.RunNowAsync("s", default))!.End);
        Assert.Single(await RunsAsync());
        Assert.Null(await _timetable.RunNowAsync("none", default));
    }

    [Fact]
    public async Task One_that_is_disabled_or_cannot_be_read_stops_no_other()
    {
        await AddAsync("*/10 * * * *", one => one with { IsEnabled = false });
        await AddAsync("nonsense", one => one with { Id = "x", Name = "x" });
        await AddAsync("*/10 * * * *", one => one with { Id = "y", Name = "y" });
        await AtAsync("12:10:00");
        Assert.Empty(await RunsAsync());
        Assert.Single(await RunsAsync("y"));
        Assert.Contains("schedule x (x): it has 1 fields", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Places_that_do_not_answer_hold_up_no_other_schedule_and_are_counted_as_what_they_are()
    {
        var hung = new TaskCompletionSource();
        _engine.Hung["hung:a"] = hung.Task;
        foreach (string id in (string[])["a", "b", "z"])
        {
            await AddAsync("*/10 * * * *", one => one with { Id = id, Name = id, Details = id == "z" ? one.Details : new TransferOrder("copy", "hung:a", "tape:b").ToDetails(), SkipsMissed = true });
        }

        await AtAsync("12:10:00");
        await AtAsync("12:20:00");
        foreach (string id in (string[])["a", "b"])
        {
            IReadOnlyList<ScheduleRun> runs = await RunsAsync(id);
            Assert.Equal([ScheduleEnd.Refused, ScheduleEnd.Refused], runs.Select(run => run.End));
            Assert.Contains("did not answer in time", runs[0].Why, StringComparison.Ordinal);
        }

        Assert.Equal([ScheduleEnd.Skipped, ScheduleEnd.Started], (await RunsAsync("z")).Select(run => run.End));
        hung.SetResult();
        for (int day = 1; (await RunsAsync("a"))[0].End != ScheduleEnd.Started; day++)
        {
            // What was asked before ends a moment later.
            await AtAsync("12:30:00", days: day);
            await Task.Yield();
        }

        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Of_changes_at_once_none_is_lost()
    {
        await AddAsync("0");
        await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Task.Run(() => _timetable.ChangeAsync("s", one => one with { Cron = $"{one.Cron},{number}" }, default))));
        Assert.Equal(Enumerable.Range(0, 21), (await _ledger.Schedules.FindAsync("s", default))!.Cron.Split(',').Select(int.Parse).Order());
        Assert.Null(await _timetable.ChangeAsync("none", one => one, default));
    }

    [Fact]
    public async Task The_loop_sleeps_until_the_next_time_and_wakes_when_something_changes()
    {
        var time = new FakeTime();
        await using Timetable timetable = Start(time);
        await timetable.StartAsync();
        await time.ArmedAsync();
        await _ledger.Schedules.AddAsync(Sample("*/5 * * * *") with { Done = Timestamp.From(time.GetUtcNow()) }, default);
        timetable.Look();
        while ((await RunsAsync()).Count == 0)
        {
            await time.ArmedAsync();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await timetable.StopAsync();
        ScheduleRun run = Assert.Single(await RunsAsync());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(20_000).AddMinutes(5), run.Planned.ToDateTimeOffset());
    }

    private Timetable Start(TimeProvider time) => new(
        _ledger.Schedules, _ledger.Submissions, _engine, _projects, new TimetableOptions { Look = _looked.Add, Warn = _warnings.Add, CheckLimit = TimeSpan.FromSeconds(3) }, time);

    private async Task AddAsync(string cron, Func<Schedule, Schedule>? change = null)
    {
        Schedule sample = Sample(cron);
        Assert.True(await _ledger.Schedules.AddAsync(change is null ? sample : change(sample), default));
    }

    private Schedule Sample(string cron) =>
        new("s", "nightly", "alice", "atlas", "copy", "disk:a", "tape:b", Order(false), Timestamp.From(_clock.Now)) { Cron = cron };

    private static string Order(bool isBound) => new TransferOrder("copy", "disk:a", "tape:b")
    {
        Options = new Dictionary<string, IReadOnlyList<string>> { ["filter"] = ["- *.tmp"] },
        IsBound = isBound,
    }.ToDetails();

    private async Task<TimeSpan> AtAsync(string time, int days = 0, int years = 0)
    {
        _clock.Now = DateTimeOffset.Parse("2026-06-01T" + time + "Z", CultureInfo.InvariantCulture).AddDays(days).AddYears(years);
        return await _timetable.PassAsync();
    }

    private ValueTask<IReadOnlyList<ScheduleRun>> RunsAsync(string id = "s") => _ledger.Schedules.ListRunsAsync(id, null, 99, default);

    /// <summary>A transfer that failed and the one after it, which goes on.</summary>
    private async Task<(string Old, string Last)> FiredTwiceAsync()
    {
        await AddAsync("0 22 * * *", one => one with { Window = "22:00-06:00" });
        await AtAsync("22:00:00");
        string old = (await RunsAsync())[0].Transfer!;
        await _ledger.Submissions.StepAsync(old, TransferState.Submitted, TransferState.Transferring, null, default, default);
        Assert.True(await _ledger.Submissions.StepAsync(old, TransferState.Transferring, TransferState.Error, "no", new Timestamp(1), default));
        await AtAsync("22:00:00", days: 1);
        return (old, (await RunsAsync())[0].Transfer!);
    }

    private async Task RetryAsync(string transfer) =>
        Assert.True(await _ledger.Submissions.StepAsync(transfer, TransferState.Error, TransferState.Submitted, null, new Timestamp(2), default));

    private async Task<SubmissionPause?> PauseOfAsync(string transfer) => (await _ledger.Submissions.FindAsync(transfer, default))!.Pause;

    private async Task EndAsync(string transfer)
    {
        await _ledger.Submissions.StepAsync(transfer, TransferState.Submitted, TransferState.Transferring, null, default, default);
        Assert.True(await _ledger.Submissions.StepAsync(transfer, TransferState.Transferring, TransferState.Success, null, new Timestamp(1), default));
    }

    /// <summary>A clock that is what it is set to, also back.</summary>
    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
