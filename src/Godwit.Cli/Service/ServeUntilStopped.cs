using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Godwit.Cli.Options;
using Godwit.Cli.State;
using Godwit.Server;
using Godwit.Server.Access;
using Godwit.Server.Runs;
using Godwit.Server.Tls;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Postgres;

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
        var works = new ServiceWorks(settings, _wiring, live, own, _log, data);
        await using ConfiguredAsyncDisposable ending = works.ConfigureAwait(false);
        await MakeTokenAsync(own.Opened.Tokens, data, ct).ConfigureAwait(false);
        using IDisposable? hangup = _wiring.OnHangup(() => Reload(live, works));
        await ServeAsync(works, live.Tls, own, ct).ConfigureAwait(false);
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

    private async Task ServeAsync(ServiceWorks works, ServerTls? tls, ServiceLedger own, CancellationToken ct)
    {
        using var systemd = new SystemdNotify(_wiring.Environment);
        await works.StartAsync(ct).ConfigureAwait(false);
        ServiceHost host = await StartAsync(works.Parts(ct), tls, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ending = host.ConfigureAwait(false);
        _log.Tell(LogLevel.Info, "service.started", $"godwit {ThisProgram.Version} listens at {string.Join(", ", host.Addresses)}; its ledger is in {own.Place}.");
        systemd.Tell("READY=1", $"STATUS=Listens at {string.Join(", ", host.Addresses)}");
        using ITimer? watchdog = Watch(systemd, works.Dispatcher);
        await ((Task)own.Lost.WaitAsync(ct)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        systemd.Tell("STOPPING=1");
        bool isLost = own.Lost.IsCompleted;
        if (isLost)
        {
            LedgerException why = await own.Lost.ConfigureAwait(false);
            _log.Tell(LogLevel.Error, "service.fault", $"{why.Message} This service ends.");
        }

        _log.Tell(LogLevel.Info, "service.stopping", "No transfer is taken or begun any more; what goes on may end, and otherwise goes on when the service starts again.");
        await works.StopAsync(isLost ? TimeSpan.Zero : settings.Drain).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(s_lastAnswers, _wiring.Time);
        await host.StopAsync(patience.Token).ConfigureAwait(false);
        _log.Tell(LogLevel.Info, "service.stopped", "Stopped.");
    }

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
    private void Reload(LiveConfiguration live, ServiceWorks works)
    {
        try
        {
            Warn(live.Reload());
            works.ConfigurationChanged();
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
}
