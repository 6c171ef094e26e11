using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Server;
using Godwit.Server.Access;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Notices;
using Godwit.Server.Runs;
using Godwit.Server.Schedules;
using Godwit.Server.Staging;
using Godwit.Server.Tls;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli.Service;

/// <summary>Runs a service in this process until it is told to stop.</summary>
/// <param name="settings">How.</param>
/// <param name="context">The process.</param>
internal sealed class ServeUntilStopped(ServeSettings settings, CommandContext context)
{
    // Answers that are being written; what somebody is still sending is not waited for.
    private static readonly TimeSpan s_lastAnswers = TimeSpan.FromSeconds(2);

    private readonly Wiring _wiring = context.Wiring;
    private readonly ServiceLog _log = new(context.Error, settings.LogLevel, context.Wiring.Time);

    /// <summary>Runs it.</summary>
    /// <exception cref="CommandException">It cannot begin.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken ct)
    {
        RequireAddress();
        using var live = new LiveConfiguration(settings, _wiring);
        Warn(live.Load());
        string data = StateDirectory.Make(ServiceDirectory.Choose(settings.Data, _wiring.Environment), _wiring.Environment);
        using FileStream alone = HoldAlone(data);
        ServiceLedger own = await ServiceLedger.OpenAsync(data, settings.Database, _wiring.Time, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable giving = own.ConfigureAwait(false);
        SqlLedger opened = own.Opened;
        ILedger ledger = _wiring.DressLedger(opened);
        ISubmissions submissions = _wiring.DressSubmissions(opened.Submissions);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        await MakeTokenAsync(opened.Tokens, data, ct).ConfigureAwait(false);
        using var metrics = new ServiceMetrics(ThisProgram.Version, _wiring.Time) { TellsPaths = _wiring.Environment("GODWIT_OTEL_PATHS") == "1" };
        Wiring counted = _wiring with { Answered = answer => metrics.Answered(answer.Host, answer.Method, answer.Status) };
        var ends = new CredentialEnds(_wiring, () => live.Tls?.NotAfter);
        metrics.WatchCredentials(ends.Read);
        metrics.WatchLedger(async () => await opened.BytesAsync(CancellationToken.None).ConfigureAwait(false));
        using var watch = new CredentialWatch(ends.Read, sentence => _log.Tell(LogLevel.Warn, "service.warning", sentence), _wiring.Time);
        using var engine = new CliEngine(counted, ledger, sentence => _log.Tell(LogLevel.Warn, "service.warning", sentence), data);
        var journal = new ServiceJournal(opened.Journal, sentence => _log.Tell(LogLevel.Warn, "service.warning", sentence), _wiring.Time);
        await using ConfiguredAsyncDisposable writing = journal.ConfigureAwait(false);
        await using ConfiguredAsyncDisposable telling = Telemetry.Start(_wiring.Environment, ThisProgram.Version, _wiring.Time).ConfigureAwait(false);
        var staging = new StagingParts
        {
            Submissions = submissions,
            Calls = _wiring.DressCallOuts(opened.CallOuts),
            Stagers = live.Stagers,
            CallbackOf = id => new Uri(settings.CallbackBase, $"api/v1/callbacks/{id}"),
            Metrics = metrics,
            Warn = sentence => _log.Tell(LogLevel.Error, "service.fault", sentence),
            Time = _wiring.Time,
        };
        var releases = new ReleaseLoop(staging);
        await using ConfiguredAsyncDisposable releasing = releases.ConfigureAwait(false);
        releases.Start();
        var options = new DispatchOptions
        {
            Metrics = metrics,
            Staging = staging,
            Released = releases.Look,
            WaitLimit = settings.WaitLimit,
            TransferLimit = settings.TransferLimit,
            TransfersAtOnce = settings.TransfersAtOnce,
            ObserverOf = id => new Observers([_log.Of(id), journal.Of(id)]),
            SettleAsync = journal.SettleAsync,
            WhyNotAsync = async (transfer, from, to, stop) =>
                (await live.Projects.FaultsAsync(transfer.Project, from, to, stop).ConfigureAwait(false)) is [{ } fault, ..] ? fault.Sentence : null,
            Warn = sentence => _log.Tell(LogLevel.Error, "service.fault", sentence),
        };
        var limits = new LimitBook(opened.ServiceSettings, new LiveLimits(_wiring.Time));
        var dispatcher = new Dispatcher(ledger, submissions, engine, limits.Limits, options, _wiring.Time);
        await using ConfiguredAsyncDisposable stopping = dispatcher.ConfigureAwait(false);
        limits.Changed = dispatcher.LimitsChanged;
        var timetable = new Timetable(opened.Schedules, submissions, engine, live.Projects, new TimetableOptions { Look = dispatcher.Look, Warn = options.Warn, Stagers = staging.Stagers }, _wiring.Time);
        await using ConfiguredAsyncDisposable resting = timetable.ConfigureAwait(false);
        dispatcher.SharesChanged(live.Projects.Shares);
        NoticeLoop notices = NoticesOf(ledger, submissions, opened);
        await using ConfiguredAsyncDisposable noticing = notices.ConfigureAwait(false);
        await notices.StartAsync(live.Notices, ct).ConfigureAwait(false);
        using IDisposable? hangup = _wiring.OnHangup(() => Reload(live, engine, dispatcher, notices));
        await limits.LoadAsync(ct).ConfigureAwait(false);
        var running = new Running(own, ledger, submissions, limits, live, metrics, engine, dispatcher, timetable, notices, staging);
        await ServeAsync(PartsOf(running, ct), live.Tls, dispatcher, own, ct).ConfigureAwait(false);
        return own.Lost.IsCompleted ? ExitCode.Fatal : ExitCode.Success;
    }

    /// <summary>What is on a command line is seen by everybody on the machine, and what is in a configuration is shown.</summary>
    private void RequireAddress()
    {
        try
        {
            if (settings.Database is { } database && PostgresLedger.HasPassword(database))
            {
                throw new CommandException(ExitCode.Usage, "The database's address (--database) has a password in it, which others could read: leave it out, and set PGPASSWORD or write it into ~/.pgpass.");
            }
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCode.Usage, $"--database is no address of a database: {e.Message}.");
        }
    }

    private async Task ServeAsync(ServiceParts parts, ServerTls? tls, Dispatcher dispatcher, ServiceLedger own, CancellationToken ct)
    {
        using var systemd = new SystemdNotify(_wiring.Environment);
        await parts.Timetable.StartAsync().ConfigureAwait(false);
        await dispatcher.StartAsync(ct).ConfigureAwait(false);
        ServiceHost host = await StartAsync(parts, tls, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ending = host.ConfigureAwait(false);
        _log.Tell(LogLevel.Info, "service.started", $"godwit {ThisProgram.Version} listens at {string.Join(", ", host.Addresses)}; its ledger is in {own.Place}.");
        systemd.Tell("READY=1", $"STATUS=Listens at {string.Join(", ", host.Addresses)}");
        using ITimer? watchdog = Watch(systemd, dispatcher);
        await ((Task)own.Lost.WaitAsync(ct)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        systemd.Tell("STOPPING=1");
        bool isLost = own.Lost.IsCompleted;
        if (isLost)
        {
            LedgerException why = await own.Lost.ConfigureAwait(false);
            _log.Tell(LogLevel.Error, "service.fault", $"{why.Message} This service ends.");
        }

        _log.Tell(LogLevel.Info, "service.stopping", "No transfer is taken or begun any more; what goes on may end, and otherwise goes on when the service starts again.");
        await parts.Timetable.StopAsync().ConfigureAwait(false);
        await dispatcher.StopAsync(isLost ? TimeSpan.Zero : settings.Drain).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(s_lastAnswers, _wiring.Time);
        await host.StopAsync(patience.Token).ConfigureAwait(false);
        _log.Tell(LogLevel.Info, "service.stopped", "Stopped.");
    }

    private ServiceParts PartsOf(Running running, CancellationToken ct) => new()
    {
        Ledger = running.Ledger,
        Submissions = running.Submissions,
        Journal = running.Own.Opened.Journal,
        Schedules = running.Own.Opened.Schedules,
        Timetable = running.Timetable,
        Staging = running.Staging,
        Tokens = running.Own.Opened.Tokens,
        Audit = running.Own.Opened.Audit,
        Notices = running.Own.Opened.Notices,
        NoticesGoTo = running.Notices.Knows,
        LookAtNotices = running.Notices.Look,
        People = running.Live.People,
        Projects = running.Live.Projects,
        Limits = running.Limits,
        Metrics = running.Metrics,
        Engine = running.Engine,
        Look = running.Dispatcher.Look,
        TotalsOf = running.Dispatcher.TotalsOf,
        NotReady = () => ct.IsCancellationRequested ? "The service stops." : running.Own.Fault ?? running.Dispatcher.Fault,
        Warn = sentence => _log.Tell(LogLevel.Error, "service.fault", sentence),
        Time = _wiring.Time,
        Version = ThisProgram.Version,
    };

    private NoticeLoop NoticesOf(ILedger ledger, ISubmissions submissions, SqlLedger opened) => new(new NoticeParts
    {
        Notices = opened.Notices,
        Journal = opened.Journal,
        Submissions = submissions,
        Ledger = ledger,
        Schedule = new NoticeSchedule(new Random(RandomNumberGenerator.GetInt32(int.MaxValue))),
        Warn = sentence => _log.Tell(LogLevel.Warn, "service.warning", sentence),
        Time = _wiring.Time,
    });

    private async Task<ServiceHost> StartAsync(ServiceParts parts, ServerTls? tls, CancellationToken ct)
    {
        try
        {
            return await ServiceHost.StartAsync(parts, settings.Listen, tls, ct).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandException(
                ExitCode.Fatal, $"{settings.Listen} cannot be listened at: {(e.InnerException ?? e).Message.TrimEnd('.')}. Another service may be there; choose another with --listen.");
        }
    }

    /// <summary>What cannot be used changes nothing, and is said.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Nothing that a file can hold ends the service.")]
    private void Reload(LiveConfiguration live, CliEngine engine, Dispatcher dispatcher, NoticeLoop notices)
    {
        try
        {
            Warn(live.Reload());
            engine.ConfigurationChanged();
            dispatcher.SharesChanged(live.Projects.Shares);
            dispatcher.StagersChanged();
            notices.Use(live.Notices);
            _log.Tell(LogLevel.Info, "service.reloaded", "The configuration was read again; it counts for what begins from now on.");
        }
        catch (Exception e)
        {
            string why = e is CommandException told ? string.Join(' ', told.Sentences) : e.ToString();
            _log.Tell(LogLevel.Error, "service.fault", $"The configuration was read again and is not used: {why} What was in force before stays in force.");
        }
    }

    private void Warn(IReadOnlyList<string> sentences)
    {
        foreach (string sentence in sentences)
        {
            _log.Tell(LogLevel.Warn, "service.warning", sentence);
        }
    }

    /// <summary>Tells systemd that the service lives, as long as transfers get their turns: one that stands still is started again.</summary>
    private ITimer? Watch(SystemdNotify systemd, Dispatcher dispatcher) => systemd.WatchdogEvery is { } every
        ? _wiring.Time.CreateTimer(_ => dispatcher.WhenAlive(() => systemd.Tell("WATCHDOG=1")), null, TimeSpan.Zero, every / 2)
        : null;

    /// <summary>Two services on one ledger would each begin what the other one has begun.</summary>
    private static FileStream HoldAlone(string data)
    {
        string file = Path.Combine(data, ServiceDirectory.LockFile);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Fatal, $"Another service has \"{data}\", or it cannot be written: {e.Message.TrimEnd('.')}. Stop that one, or choose another directory with --data.");
        }
    }

    /// <summary>Where no administrator's token counts, one is made and told once: here, and in a file that only this user may read, for the commands that he
    /// calls.</summary>
    private async Task MakeTokenAsync(ITokens tokens, string data, CancellationToken ct)
    {
        var now = Timestamp.From(_wiring.Time.GetUtcNow());
        if (await Tokens.HasAdministratorAsync(tokens, now, ct).ConfigureAwait(false))
        {
            return;
        }

        (string text, Token token) = Tokens.New("admin", "", TokenRoles.Administrator, now);
        string file = Path.Combine(data, ServiceDirectory.TokenFile);

        // One that lies there, of whatever mode, is nobody's token.
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var writer = new StreamWriter(file, options);
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteLineAsync(text).ConfigureAwait(false);
        }

        await tokens.AddAsync(token, ct).ConfigureAwait(false);
        await context.Output.WriteLineAsync($"The administrator's token, which is not shown again (commands of this user find it in {file}):\n{text}").ConfigureAwait(false);
        await context.Output.FlushAsync(ct).ConfigureAwait(false);
    }

    /// <summary>What runs in a service.</summary>
    private sealed record Running(
        ServiceLedger Own, ILedger Ledger, ISubmissions Submissions, LimitBook Limits, LiveConfiguration Live, ServiceMetrics Metrics, CliEngine Engine, Dispatcher Dispatcher,
        Timetable Timetable, NoticeLoop Notices, StagingParts Staging);
}
