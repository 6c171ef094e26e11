using System.Diagnostics;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Runs;
using Godwit.Storage;
using Godwit.Tests.Server.Staging;
using Godwit.Tests.Server.Metrics;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Runs;

public sealed class DispatcherMetricsTests : IAsyncLifetime, IDisposable
{
    private const string Link = "src=\"from\",dst=\"to\"";
    private const string Whole = Link + ",link=\"from -> to\"";

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-dispatch-").FullName;
    private readonly FakeTime _time = new();
    private readonly TestEngine _engine = new();
    private readonly ServiceMetrics _metrics;
    private readonly LiveLimits _limits;
    private SqliteLedger _ledger = null!;
    private Dispatcher _dispatcher = null!;

    public DispatcherMetricsTests() => (_metrics, _limits) = (new ServiceMetrics("1", _time), new LiveLimits(_time));

    public async Task InitializeAsync()
    {
        _ledger = await SqliteLedger.OpenAsync(_directory, _time, default);
        var options = new DispatchOptions { Warn = _ => { }, Staging = StagingTrial.NobodyOn(_ledger, _time), TransfersAtOnce = 1, Metrics = _metrics };
        _dispatcher = new Dispatcher(_ledger, _ledger.Submissions, _engine, _limits, options, _time);
        await _dispatcher.StartAsync(default);
    }

    public void Dispose() => _metrics.Dispose();

    public async Task DisposeAsync()
    {
        await _dispatcher.DisposeAsync();
        await _ledger.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_goes_on_and_what_waits_for_it_are_told_and_how_it_ended()
    {
        _engine.Run = TestEngine.UntilStoppedAsync;
        await SubmitAsync("t1");
        await UntilAsync(scrape => scrape[$"godwit_active_transfers{{{Whole}}}"] == 1);
        await SubmitAsync("t2");
        await UntilAsync(scrape => scrape[$"godwit_queue_depth{{{Whole},priority=\"3\"}}"] == 1);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, (await ScrapeAsync())["godwit_queue_age_seconds"]);
        _limits.Set("to", new LimitSettings { Pause = new LimitPause("olga", "", default) });
        _dispatcher.LimitsChanged(new LimitedPlace("to", null));
        Scrape paused = await UntilAsync(scrape => scrape[$"godwit_active_transfers{{{Whole}}}"] == 0);
        Assert.Equal(
            (1, 1, 3),
            (paused[$"godwit_link_paused{{{Whole}}}"], paused[$"godwit_runs_ended_total{{{Link},outcome=\"canceled\"}}"], paused[$"godwit_transfer_duration_seconds_sum{{{Link}}}"]));
    }

    [Fact]
    public async Task A_run_that_has_to_wait_is_none_that_ended_and_one_that_broke_is()
    {
        _engine.Run = (run, _) => run.Order.Source == "from:t1"
            ? Task.FromResult(new RunOutcome(TransferOutcome.Error, "claimed") { HasToWait = true })
            : throw new UnreachableException();
        await SubmitAsync("t1");
        Assert.Equal(0, (await UntilAsync(scrape => scrape["godwit_queue_blocked"] == 1)).Count("godwit_runs_ended_total"));
        await SubmitAsync("t2");
        await UntilAsync(scrape => scrape[$"godwit_runs_ended_total{{{Link},outcome=\"error\"}}"] == 1);
    }

    [Fact]
    public async Task A_ledger_that_never_answers_is_no_reason_to_wait_for_ever()
    {
        var never = new TaskCompletionSource();
        var probe = new LedgerProbe(() => never.Task, _time);
        Task looking = probe.LookAsync();
        await _time.ArmedAsync(2);
        _time.Advance(TimeSpan.FromSeconds(3));
        await looking;
        Assert.False(probe.IsUp);
        never.SetResult();
        await probe.LookAsync();
        Assert.True(probe.IsUp);
    }

    private async Task<Scrape> ScrapeAsync() => new(await _metrics.TextAsync());

    private async Task<Scrape> UntilAsync(Func<Scrape, bool> isTrue)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Scrape scrape = await ScrapeAsync();
            if (isTrue(scrape))
            {
                return scrape;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"it does not come: {scrape.Text}");
            await Task.Yield();
        }
    }

    private async Task SubmitAsync(string id)
    {
        string details = new TransferOrder("copy", $"from:{id}", $"to:{id}") { Endpoints = ("from", "to") }.ToDetails();
        Assert.Null(await _ledger.Submissions.ReceiveAsync(new Submission(id, "alice", "atlas", "copy", $"from:{id}", $"to:{id}", details, new Timestamp(1)) { RequestKey = id }, default));
        await _ledger.Submissions.SubmitAsync(id, "hash", new Timestamp(5), default);
        _dispatcher.Look(id);
    }
}
