using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Queue;
using Godwit.Server.Runs;
using Godwit.Storage;
using Godwit.Tests.Server.Staging;
using Godwit.Tests.Transfers.Record;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Runs;

public sealed class DispatcherTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-dispatch-").FullName;
    private readonly FakeTime _time = new();
    private readonly TestEngine _engine = new();
    private readonly List<string> _warnings = [];
    private readonly LiveLimits _limits;
    private SqliteLedger _ledger = null!;
    private Dispatcher _dispatcher = null!;

    public DispatcherTests() => _limits = new LiveLimits(_time);

    private ISubmissions Submissions => _ledger.Submissions;

    public async Task InitializeAsync()
    {
        _ledger = await SqliteLedger.OpenAsync(_directory, _time, default);
        _dispatcher = NewDispatcher();
    }

    public async Task DisposeAsync()
    {
        await _dispatcher.DisposeAsync();
        await _ledger.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_transfer_that_is_handed_over_is_carried_out()
    {
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Success);
        Assert.Equal([TransferState.Submitted, TransferState.Transferring, TransferState.Success], await StepsAsync("t1"));
        Assert.Single(await Submissions.ListRunsAsync("t1", default));
        await UntilAsync(() => Task.FromResult(_dispatcher.TotalsOf("t1") is null));
    }

    [Theory]
    [InlineData(TransferOutcome.Partial, TransferState.Partial)]
    [InlineData(TransferOutcome.Error, TransferState.Error)]
    public async Task How_it_ended_is_its_state(TransferOutcome outcome, TransferState state)
    {
        _engine.Run = (run, _) => Task.FromResult(TestEngine.Begun(run, outcome) with { Why = "the disk is full" });
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        Assert.Equal("the disk is full", (await UntilAsync("t1", state)).Why);
    }

    [Fact]
    public async Task A_transfer_that_could_not_even_begin_was_tried_all_the_same()
    {
        _engine.Run = (_, _) => Task.FromResult(new RunOutcome(TransferOutcome.Error, "SRC is not there"));
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Error);
        Assert.Equal([TransferState.Submitted, TransferState.Transferring, TransferState.Error], await StepsAsync("t1"));
    }

    [Fact]
    public async Task What_an_earlier_service_left_goes_on()
    {
        await SubmitAsync("waits");
        await SubmitAsync("moves");
        await Submissions.StepAsync("moves", TransferState.Submitted, TransferState.Transferring, null, At(6), default);
        await SubmitAsync("paused");
        await Submissions.PauseAsync("paused", new SubmissionPause(At(6), "bob", ""), default);
        await SubmitAsync("cancelled");
        await Submissions.AskCancelAsync("cancelled", At(6), default);
        await Submissions.ReceiveAsync(SampleOf("half"), default);
        await _dispatcher.StartAsync(default);
        await UntilAsync("waits", TransferState.Success);
        await UntilAsync("moves", TransferState.Success);
        await UntilAsync("cancelled", TransferState.Canceled);
        Assert.Equal(TransferState.Submitted, (await Submissions.FindAsync("paused", default))!.State);
        Assert.Equal(["from:moves", "from:waits"], _engine.Runs.Order(StringComparer.Ordinal));
        Assert.Null(await Submissions.ReceiveAsync(SampleOf("half"), default));
    }

    [Fact]
    public async Task A_run_that_ended_before_the_service_was_killed_is_not_made_again()
    {
        await SubmitAsync("t1");
        await Submissions.StepAsync("t1", TransferState.Submitted, TransferState.Transferring, null, At(6), default);
        await Submissions.RecordRunAsync("t1", "run1", default);
        await EndedAsync("run1", TransferOutcome.Partial);
        await _dispatcher.StartAsync(default);
        await UntilAsync("t1", TransferState.Partial);
        Assert.Empty(_engine.Runs);
    }

    [Theory]
    [InlineData(TransferOutcome.Canceled)]
    [InlineData(TransferOutcome.Interrupted)]
    public async Task A_run_that_was_stopped_is_followed_by_another(TransferOutcome outcome)
    {
        await SubmitAsync("t1");
        await Submissions.StepAsync("t1", TransferState.Submitted, TransferState.Transferring, null, At(6), default);
        await Submissions.RecordRunAsync("t1", "run1", default);
        await EndedAsync("run1", outcome);
        await _dispatcher.StartAsync(default);
        await UntilAsync("t1", TransferState.Success);
        Assert.Equal(2, (await Submissions.ListRunsAsync("t1", default)).Count);
    }

    [Fact]
    public async Task One_that_goes_on_is_cancelled_when_it_has_stopped()
    {
        _engine.Run = TestEngine.UntilStoppedAsync;
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Transferring);
        await Submissions.AskCancelAsync("t1", At(7), default);
        _dispatcher.Look("t1");
        await UntilAsync("t1", TransferState.Canceled);
    }

    [Fact]
    public async Task One_that_is_paused_stops_and_goes_on_in_the_same_round()
    {
        _engine.Run = TestEngine.UntilStoppedAsync;
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Transferring);
        await Submissions.PauseAsync("t1", new SubmissionPause(At(7), "bob", "the tape is full"), default);
        _dispatcher.Look("t1");
        await UntilAsync(() => Task.FromResult(_dispatcher.TotalsOf("t1") is null));
        Assert.Equal(TransferState.Transferring, (await Submissions.FindAsync("t1", default))!.State);
        _engine.Run = (run, _) => Task.FromResult(TestEngine.Begun(run));
        await Submissions.PauseAsync("t1", null, default);
        _dispatcher.Look("t1");
        Submission ended = await UntilAsync("t1", TransferState.Success);
        Assert.Equal((1, 2), (ended.Round, _engine.Runs.Count));
    }

    [Fact]
    public async Task One_whose_destination_another_run_has_waits_and_is_not_said_to_move()
    {
        _engine.Run = (run, _) => Task.FromResult(new RunOutcome(TransferOutcome.Error, "another run writes there") { HasToWait = true });
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync(() => Task.FromResult(_engine.Runs.Count == 1 && _dispatcher.TotalsOf("t1") is null));
        Assert.Equal(TransferState.Submitted, (await Submissions.FindAsync("t1", default))!.State);
        _engine.Run = (run, _) => Task.FromResult(TestEngine.Begun(run));
        _time.Advance(TimeSpan.FromSeconds(5));
        await UntilAsync("t1", TransferState.Success);
    }

    [Fact]
    public async Task Those_that_wait_for_another_run_do_not_wake_each_other_and_leave_one_run_each()
    {
        _engine.Run = (run, _) => Task.FromResult(new RunOutcome(TransferOutcome.Error, "another run writes there") { HasToWait = true });
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await SubmitAsync("t2");
        for (int i = 1; i <= 3; i++)
        {
            await UntilAsync(() => Task.FromResult(_engine.Runs.Count == 2 * i && _dispatcher.TotalsOf("t1") is null && _dispatcher.TotalsOf("t2") is null));
            var alive = new TaskCompletionSource();
            _dispatcher.WhenAlive(alive.SetResult);
            await alive.Task;
            Assert.Equal(2 * i, _engine.Runs.Count);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        await UntilAsync(() => Task.FromResult(_engine.Runs.Count == 8));
        Assert.Single(await Submissions.ListRunsAsync("t1", default));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(TransferOutcome.Error)]
    [InlineData(TransferOutcome.Partial)]
    public async Task A_ledger_that_cannot_be_used_for_a_while_ends_nothing_and_leaves_no_claim_behind(TransferOutcome? written)
    {
        _engine.Run = async (run, _) =>
        {
            Assert.Null(await _ledger.BeginTransferAsync(LedgerSamples.Transfer(run.RunId), LedgerSamples.Holder, default));
            if (written is { } outcome)
            {
                // It could be written again when the run told how it ended.
                await _ledger.EndTransferAsync(run.RunId, outcome, new TransferTotals(), At(7), default);
            }

            return TestEngine.Begun(run, TransferOutcome.Error) with { Why = "the ledger is locked", HasToWait = true };
        };
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Transferring);
        await UntilAsync(() => Task.FromResult(_dispatcher.TotalsOf("t1") is null));
        Assert.Equal(TransferState.Transferring, (await Submissions.FindAsync("t1", default))!.State);
        string first = Assert.Single(await Submissions.ListRunsAsync("t1", default)).RunId;
        _engine.Run = async (run, _) =>
        {
            Assert.Null(await _ledger.BeginTransferAsync(LedgerSamples.Transfer(run.RunId), LedgerSamples.Holder, default));
            await _ledger.EndTransferAsync(run.RunId, TransferOutcome.Success, new TransferTotals(), At(8), default);
            return TestEngine.Begun(run);
        };
        _time.Advance(TimeSpan.FromSeconds(5));
        await UntilAsync("t1", TransferState.Success);
        Assert.Equal(written ?? TransferOutcome.Interrupted, Assert.Single(await _ledger.FindTransfersAsync(first, default)).Outcome);
        Assert.Equal(2, (await Submissions.ListRunsAsync("t1", default)).Count);
    }

    [Fact]
    public async Task A_stop_leaves_it_where_it_is_for_the_next_service()
    {
        _engine.Run = TestEngine.UntilStoppedAsync;
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Transferring);
        await _dispatcher.StopAsync(TimeSpan.Zero);
        await SubmitAsync("t2");
        Assert.Equal(TransferState.Transferring, (await Submissions.FindAsync("t1", default))!.State);
        _engine.Run = (run, _) => Task.FromResult(TestEngine.Begun(run));
        await using Dispatcher next = NewDispatcher();
        await next.StartAsync(default);
        await UntilAsync("t1", TransferState.Success);
        await UntilAsync("t2", TransferState.Success);
    }

    [Fact]
    public async Task A_fault_of_the_program_ends_one_transfer_and_no_other()
    {
        _engine.Run = (run, _) => run.Order.Source == "from:t1" ? throw new InvalidOperationException("a bug") : Task.FromResult(TestEngine.Begun(run));
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await SubmitAsync("t2");
        Assert.Contains("a bug", (await UntilAsync("t1", TransferState.Error)).Why, StringComparison.Ordinal);
        await UntilAsync("t2", TransferState.Success);
        Assert.Contains("a bug", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_failed_after_a_part_had_arrived_is_partial()
    {
        await SubmitAsync("t1");
        await Submissions.RecordRunAsync("t1", "run1", default);
        await DeliveredAsync("run1");
        _engine.Run = (run, _) => Task.FromResult(TestEngine.Begun(run, TransferOutcome.Error));
        await _dispatcher.StartAsync(default);
        await UntilAsync("t1", TransferState.Partial);
    }

    [Fact]
    public async Task The_highest_priority_goes_first_also_when_it_is_given_later()
    {
        var gate = new TaskCompletionSource();
        _engine.Run = async (run, _) =>
        {
            await gate.Task;
            return TestEngine.Begun(run);
        };
        await _dispatcher.StartAsync(default);
        Limit(endpoint: true, new LimitSettings { Transfers = 1 });
        foreach (string id in (string[])["first", "late", "urgent"])
        {
            await SubmitAsync(id);
        }

        await LookedAsync("looked1");
        await Submissions.SetPriorityAsync("urgent", 5, default);
        _dispatcher.Look("urgent");
        await Submissions.SetPriorityAsync("late", 1, default);
        _dispatcher.Look("late");
        await LookedAsync("looked2");
        gate.SetResult();
        await UntilAsync("late", TransferState.Success);
        Assert.Equal(["from:first", "from:urgent", "from:late"], _engine.Runs.Where(source => !source.Contains("looked", StringComparison.Ordinal)));
    }

    /// <summary>Until everything that was said so far is taken in.</summary>
    private async Task LookedAsync(string id)
    {
        await SubmitAsync(id, ("there", "away"));
        await UntilAsync(() => Task.FromResult(_engine.Runs.Contains($"from:{id}")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_paused_for_all_stops_and_goes_on_afterwards(bool endpoint)
    {
        _engine.Run = TestEngine.UntilStoppedAsync;
        await _dispatcher.StartAsync(default);
        await SubmitAsync("t1");
        await UntilAsync("t1", TransferState.Transferring);
        Limit(endpoint, new LimitSettings { Pause = new LimitPause("bob", "the tape is full", default) });
        await UntilAsync(() => Task.FromResult(_dispatcher.TotalsOf("t1") is null));
        await SubmitAsync("t2");
        await SubmitAsync("elsewhere", ("there", "away"));
        await UntilAsync(() => Task.FromResult(_engine.Runs.Contains("from:elsewhere")));
        Assert.Equal(["from:t1", "from:elsewhere"], _engine.Runs);
        Assert.Equal("the tape is full", _limits.PauseOf(new EndpointPair("from", "to"))!.Message);
        _engine.Run = (run, _) => Task.FromResult(TestEngine.Begun(run));
        Limit(endpoint, new LimitSettings());
        await UntilAsync("t1", TransferState.Success);
        await UntilAsync("t2", TransferState.Success);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task So_many_go_on_at_once_as_may_now(bool endpoint)
    {
        _engine.Run = TestEngine.UntilStoppedAsync;
        await _dispatcher.StartAsync(default);
        Limit(endpoint, new LimitSettings { Transfers = 2 });
        for (int i = 0; i < 5; i++)
        {
            await SubmitAsync($"t{i}");
        }

        await UntilAsync(() => Task.FromResult(_engine.Runs.Count == 2));
        await LookedAsync("looked1");
        await LookedAsync("looked2");
        Assert.Equal(4, _engine.Runs.Count);
        Limit(endpoint, new LimitSettings { Transfers = 3 });
        await UntilAsync(() => Task.FromResult(_engine.Runs.Count == 5));
    }

    private void Limit(bool endpoint, LimitSettings settings)
    {
        if (endpoint)
        {
            _limits.Set("to", settings);
            _dispatcher.LimitsChanged(new LimitedPlace("to", null));
        }
        else
        {
            _limits.Set(new EndpointPair("from", "to"), settings);
            _dispatcher.LimitsChanged(new LimitedPlace("from", "to"));
        }
    }

    private static Timestamp At(long second) => new(second * 1_000_000_000);

    private static Submission SampleOf(string id, (string From, string To)? endpoints = null) => new(
        id, "alice", "atlas", "copy", $"from:{id}", $"to:{id}",
        new TransferOrder("copy", $"from:{id}", $"to:{id}") { Endpoints = endpoints ?? ("from", "to") }.ToDetails(), At(1))
    {
        RequestKey = id,
    };

    private Dispatcher NewDispatcher() => new(
        _ledger, Submissions, _engine, _limits, new DispatchOptions { Warn = _warnings.Add, Staging = StagingTrial.NobodyOn(_ledger, _time) }, _time);

    private async Task EndedAsync(string run, TransferOutcome outcome)
    {
        Assert.Null(await _ledger.BeginTransferAsync(LedgerSamples.Transfer(run), LedgerSamples.Holder, default));
        await _ledger.EndTransferAsync(run, outcome, new TransferTotals(), At(7), default);
    }

    private async Task DeliveredAsync(string run)
    {
        Assert.Null(await _ledger.BeginTransferAsync(LedgerSamples.Transfer(run), LedgerSamples.Holder, default));
        long file = Assert.Single(await _ledger.StartFilesAsync(run, [LedgerSamples.Intent("a")], default));
        await _ledger.RecordDeliveredAsync(run, [LedgerSamples.Receipt(file, "a")], default);
        await _ledger.EndTransferAsync(run, TransferOutcome.Canceled, new TransferTotals(), At(7), default);
    }

    private async Task SubmitAsync(string id, (string From, string To)? endpoints = null)
    {
        Assert.Null(await Submissions.ReceiveAsync(SampleOf(id, endpoints), default));
        await Submissions.SubmitAsync(id, "hash", At(5), default);
        _dispatcher.Look(id);
    }

    private async Task<IEnumerable<TransferState>> StepsAsync(string id) => (await Submissions.ListStepsAsync(id, default)).Select(step => step.State);

    private async Task<Submission> UntilAsync(string id, TransferState state)
    {
        await UntilAsync(async () => (await Submissions.FindAsync(id, default))?.State == state);
        return (await Submissions.FindAsync(id, default))!;
    }

    /// <summary>A test that waits for what never comes says so, instead of standing still.</summary>
    private async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"it does not come: {_dispatcher.Fault} {string.Join(' ', _warnings)}");
            await Task.Yield();
        }
    }
}
