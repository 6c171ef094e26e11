using System.Security.Cryptography;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Server;
using Godwit.Server.Housekeeping;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Notices;
using Godwit.Server.Runs;
using Godwit.Server.Schedules;
using Godwit.Server.Staging;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli.Service;

/// <summary>What works in a service: each part stands on those before it, and they end in the opposite order.</summary>
internal sealed class ServiceWorks : IAsyncDisposable
{
    private readonly LiveConfiguration _live;
    private readonly ServiceLedger _own;
    private readonly ServiceLog _log;
    private readonly TimeProvider _time;
    private readonly ILedger _ledger;
    private readonly ISubmissions _submissions;
    private readonly CliEngine _engine;
    private readonly ServiceJournal _journal;
    private readonly ServiceMetrics _metrics;
    private readonly CredentialWatch _credentials;
    private readonly IAsyncDisposable _telemetry;
    private readonly StagingParts _staging;
    private readonly ReleaseLoop _releases;
    private readonly LimitBook _limits;
    private readonly Timetable _timetable;
    private readonly NoticeLoop _notices;
    private readonly PruneLoop _pruning;

    /// <param name="settings">How the service runs.</param>
    /// <param name="wiring">The process.</param>
    /// <param name="live">What of the configuration may change.</param>
    /// <param name="own">The ledger; closed with all else, its hold is its opener's.</param>
    /// <param name="log">Takes what there is to say.</param>
    /// <param name="data">The service's own directory.</param>
    public ServiceWorks(ServeSettings settings, Wiring wiring, LiveConfiguration live, ServiceLedger own, ServiceLog log, string data)
    {
        (_live, _own, _log, _time) = (live, own, log, wiring.Time);
        SqlLedger opened = own.Opened;
        _ledger = wiring.DressLedger(opened);
        _submissions = wiring.DressSubmissions(opened.Submissions);
        _metrics = new ServiceMetrics(ThisProgram.Version, _time) { TellsPaths = wiring.Environment("GODWIT_OTEL_PATHS") == "1" };
        _metrics.WatchLedger(async () => await opened.BytesAsync(CancellationToken.None).ConfigureAwait(false));
        var ends = new CredentialEnds(wiring, () => live.Tls?.NotAfter);
        _metrics.WatchCredentials(ends.ReadAsync);
        _credentials = new CredentialWatch(ends.ReadAsync, Warn, _time);
        _engine = new CliEngine(wiring with { Answered = answer => _metrics.Answered(answer.Host, answer.Method, answer.Status) }, _ledger, Warn, data);
        _journal = new ServiceJournal(opened.Journal, Warn, _time);
        _telemetry = Telemetry.Start(wiring.Environment, ThisProgram.Version, _time);
        _staging = StagingOf(settings, wiring.DressCallOuts(opened.CallOuts));
        _releases = new ReleaseLoop(_staging);
        _limits = new LimitBook(opened.ServiceSettings, new LiveLimits(_time));
        Dispatcher = new Dispatcher(_ledger, _submissions, _engine, _limits.Limits, DispatchOf(settings), _time);
        _limits.Changed = Dispatcher.LimitsChanged;
        var options = new TimetableOptions { Look = Dispatcher.Look, Warn = Fault, Stagers = live.Stagers };
        _timetable = new Timetable(opened.Schedules, _submissions, _engine, live.Projects, options, _time);
        _notices = NoticesOf(opened);
        _pruning = new PruneLoop(opened.Housekeeping, settings.Keep, Warn, _time);
    }

    /// <summary>Gives transfers their turns.</summary>
    public Dispatcher Dispatcher { get; }

    /// <summary>Begins: schedules before turns, so that nothing goes on outside its window.</summary>
    /// <exception cref="LedgerException">The ledger cannot be used.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        Dispatcher.SharesChanged(_live.Projects.Shares);
        await _notices.StartAsync(_live.Notices, ct).ConfigureAwait(false);
        await _limits.LoadAsync(ct).ConfigureAwait(false);
        await _timetable.StartAsync().ConfigureAwait(false);
        await Dispatcher.StartAsync(ct).ConfigureAwait(false);
        _releases.Start();
        _pruning.Start();
    }

    /// <summary>The configuration was read again.</summary>
    public void ConfigurationChanged()
    {
        _engine.ConfigurationChanged();
        Dispatcher.SharesChanged(_live.Projects.Shares);
        Dispatcher.StagersChanged();
        _releases.Look();
        _notices.Use(_live.Notices);
    }

    /// <summary>Begins nothing more, and lets what goes on come to its end for a while.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await _timetable.StopAsync().ConfigureAwait(false);
        await Dispatcher.StopAsync(patience).ConfigureAwait(false);
    }

    /// <summary>What the interface stands on.</summary>
    /// <param name="stopping">The service stops.</param>
    public ServiceParts Parts(CancellationToken stopping) => new()
    {
        Ledger = _ledger,
        Submissions = _submissions,
        Journal = _own.Opened.Journal,
        Schedules = _own.Opened.Schedules,
        Timetable = _timetable,
        Staging = _staging,
        Tokens = _own.Opened.Tokens,
        Audit = _own.Opened.Audit,
        Notices = _own.Opened.Notices,
        NoticesGoTo = _notices.Knows,
        LookAtNotices = _notices.Look,
        People = _live.People,
        Projects = _live.Projects,
        Limits = _limits,
        Metrics = _metrics,
        Engine = _engine,
        Look = Dispatcher.Look,
        TotalsOf = Dispatcher.TotalsOf,
        NotReady = () => stopping.IsCancellationRequested ? "The service stops." : _own.Fault ?? Dispatcher.Fault,
        WhyNotWrittenAsync = new LedgerWrites(_own.Opened, _time).WhyNotAsync,
        Warn = Fault,
        Time = _time,
        Version = ThisProgram.Version,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pruning.DisposeAsync().ConfigureAwait(false);
        await _notices.DisposeAsync().ConfigureAwait(false);
        await _timetable.DisposeAsync().ConfigureAwait(false);
        await Dispatcher.DisposeAsync().ConfigureAwait(false);
        await _releases.DisposeAsync().ConfigureAwait(false);
        await _telemetry.DisposeAsync().ConfigureAwait(false);
        await _journal.DisposeAsync().ConfigureAwait(false);
        _engine.Dispose();
        _credentials.Dispose();
        _metrics.Dispose();
        await _ledger.DisposeAsync().ConfigureAwait(false);
    }

    private StagingParts StagingOf(ServeSettings settings, ICallOuts calls) => new()
    {
        Submissions = _submissions,
        Calls = calls,
        Stagers = _live.Stagers,
        CallbackOf = id => new Uri(settings.CallbackBase, $"api/v1/callbacks/{id}"),
        Metrics = _metrics,
        Warn = Fault,
        Time = _time,
    };

    private DispatchOptions DispatchOf(ServeSettings settings) => new()
    {
        Metrics = _metrics,
        Staging = _staging,
        Released = _releases.Look,
        WaitLimit = settings.WaitLimit,
        TransferLimit = settings.TransferLimit,
        TransfersAtOnce = settings.TransfersAtOnce,
        ObserverOf = id => new Observers([_log.Of(id), _journal.Of(id)]),
        SettleAsync = _journal.SettleAsync,
        WhyNotAsync = async (transfer, from, to, stop) =>
            (await _live.Projects.FaultsAsync(transfer.Project, from, to, stop).ConfigureAwait(false)) is [{ } fault, ..] ? fault.Sentence : null,
        Warn = Fault,
    };

    private NoticeLoop NoticesOf(SqlLedger opened) => new(new NoticeParts
    {
        Notices = opened.Notices,
        Journal = opened.Journal,
        Submissions = _submissions,
        Ledger = _ledger,
        Schedule = new NoticeSchedule(new Random(RandomNumberGenerator.GetInt32(int.MaxValue))),
        Warn = Warn,
        Time = _time,
    });

    private void Warn(string sentence) => _log.Tell(LogLevel.Warn, "service.warning", sentence);

    private void Fault(string sentence) => _log.Tell(LogLevel.Error, "service.fault", sentence);
}
