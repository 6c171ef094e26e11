using System.Net;
using System.Runtime.CompilerServices;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Server;
using Godwit.Server.Access;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Runs;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Sqlite;
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
        if (!IPAddress.IsLoopback(settings.Listen.Address) && !settings.IsInsecure)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"--listen {settings.Listen} is reached from other machines, and without TLS whoever is on the way reads the tokens. Listen on 127.0.0.1 behind a proxy with TLS, or say --insecure.");
        }

        _ = _wiring.Configuration.InForce(_wiring.Environment);
        string data = StateDirectory.Make(ServiceDirectory.Choose(settings.Data, _wiring.Environment), _wiring.Environment);
        using FileStream alone = HoldAlone(data);
        SqliteLedger opened = await SqliteLedger.OpenAsync(data, _wiring.Time, ct).ConfigureAwait(false);
        ILedger ledger = _wiring.DressLedger(opened);
        ISubmissions submissions = _wiring.DressSubmissions(opened.Submissions);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        await MakeTokenAsync(opened.Tokens, data, ct).ConfigureAwait(false);
        using var engine = new CliEngine(_wiring, ledger, sentence => _log.Tell(LogLevel.Warn, "service.warning", sentence), data);
        var journal = new ServiceJournal(opened.Journal, sentence => _log.Tell(LogLevel.Warn, "service.warning", sentence), _wiring.Time);
        await using ConfiguredAsyncDisposable writing = journal.ConfigureAwait(false);
        using var metrics = new ServiceMetrics(ThisProgram.Version, _wiring.Time);
        await using ConfiguredAsyncDisposable telling = Telemetry.Start(_wiring.Environment, ThisProgram.Version, _wiring.Time).ConfigureAwait(false);
        var options = new DispatchOptions
        {
            Metrics = metrics,
            TransfersAtOnce = settings.TransfersAtOnce,
            ObserverOf = id => new Observers([_log.Of(id), journal.Of(id)]),
            SettleAsync = journal.SettleAsync,
            Warn = sentence => _log.Tell(LogLevel.Error, "service.fault", sentence),
        };
        var limits = new LimitBook(opened.ServiceSettings, new LiveLimits(_wiring.Time));
        var dispatcher = new Dispatcher(ledger, submissions, engine, limits.Limits, options, _wiring.Time);
        await using ConfiguredAsyncDisposable stopping = dispatcher.ConfigureAwait(false);
        limits.Changed = dispatcher.LimitsChanged;
        await limits.LoadAsync(ct).ConfigureAwait(false);
        await ServeAsync(PartsOf(opened, ledger, submissions, limits, metrics, engine, dispatcher, ct), dispatcher, data, ct).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private async Task ServeAsync(ServiceParts parts, Dispatcher dispatcher, string data, CancellationToken ct)
    {
        using var systemd = new SystemdNotify(_wiring.Environment);
        await dispatcher.StartAsync(ct).ConfigureAwait(false);
        ServiceHost host = await StartAsync(parts, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ending = host.ConfigureAwait(false);
        _log.Tell(LogLevel.Info, "service.started", $"godwit {ThisProgram.Version} listens at {string.Join(", ", host.Addresses)}; its ledger is in {data}.");
        systemd.Tell("READY=1", $"STATUS=Listens at {string.Join(", ", host.Addresses)}");
        using ITimer? watchdog = Watch(systemd, dispatcher);
        await Task.Delay(Timeout.InfiniteTimeSpan, _wiring.Time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        systemd.Tell("STOPPING=1");
        _log.Tell(LogLevel.Info, "service.stopping", "No transfer is taken or begun any more; what goes on may end, and otherwise goes on when the service starts again.");
        await dispatcher.StopAsync(settings.Drain).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(s_lastAnswers, _wiring.Time);
        await host.StopAsync(patience.Token).ConfigureAwait(false);
        _log.Tell(LogLevel.Info, "service.stopped", "Stopped.");
    }

    private ServiceParts PartsOf(
        SqliteLedger opened, ILedger ledger, ISubmissions submissions, LimitBook limits, ServiceMetrics metrics, CliEngine engine, Dispatcher dispatcher, CancellationToken ct) => new()
        {
            Ledger = ledger,
            Submissions = submissions,
            Journal = opened.Journal,
            Tokens = opened.Tokens,
            Audit = opened.Audit,
            Limits = limits,
            Metrics = metrics,
            Engine = engine,
            Look = dispatcher.Look,
            TotalsOf = dispatcher.TotalsOf,
            NotReady = () => ct.IsCancellationRequested ? "The service stops." : dispatcher.Fault,
            Warn = sentence => _log.Tell(LogLevel.Error, "service.fault", sentence),
            Time = _wiring.Time,
            Version = ThisProgram.Version,
        };

    private async Task<ServiceHost> StartAsync(ServiceParts parts, CancellationToken ct)
    {
        try
        {
            return await ServiceHost.StartAsync(parts, [$"http://{settings.Listen}"], ct).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandException(
                ExitCode.Fatal, $"{settings.Listen} cannot be listened at: {(e.InnerException ?? e).Message.TrimEnd('.')}. Another service may be there; choose another with --listen.");
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
}
