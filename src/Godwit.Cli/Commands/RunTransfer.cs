using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Plans;
using Godwit.Cli.Progress;
using Godwit.Cli.Results;
using Godwit.Cli.Runs;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Cli.Commands;

/// <summary>Runs one transfer in this process: opens the ledger and the stores, runs the flow, and leaves what was asked for.</summary>
/// <param name="verb">The command.</param>
/// <param name="settings">What the command line says.</param>
/// <param name="context">What it writes to.</param>
internal sealed class RunTransfer(string verb, CopySettings settings, CommandContext context)
{
    private readonly Wiring _wiring = context.Wiring;
    private readonly TimeProvider _time = context.Wiring.Time;
    private readonly TransferTally _tally = new();
    private readonly string _id = TransferId.New(context.Wiring.Time);

    /// <summary>The plan to carry out instead of making one.</summary>
    public SavedPlan? Saved { get; init; }

    /// <summary>Who else hears what happens.</summary>
    public IReadOnlyList<ITransferObserver> Watching { get; init; } = [];

    /// <summary>Gets what measures the run, before it begins.</summary>
    public Action<TransferMeter> Measured { get; init; } = _ => { };

    /// <summary>Runs it.</summary>
    /// <exception cref="CommandException">A file to write to cannot be opened; nothing was moved.</exception>
    public async Task<ExitCode> RunAsync(TransferEnds ends, CancellationToken ct)
    {
        WholeFile.Require("--report", settings.Report);
        WholeFile.Require("--failed", settings.Failed);
        WholeFile.Require("--manifest", settings.Manifest);
        WholeFile.RequireNoPipe("--log-file", settings.LogFile);
        IEnumerable<ReadFile> read =
            [.. settings.Inputs(), _wiring.Configuration.AsRead(_wiring.Environment), .. StateDirectory.FilesOf(settings.State, _wiring.Environment)];
        await ResultFiles.RequireAsync(settings.Results(), read, ct).ConfigureAwait(false);
        await new ResultPlaces(ends, settings).RequireAsync(ct).ConfigureAwait(false);
        KnownManifest? known = settings is { Manifest: { } manifest, Policy.DryRun: false } ? new KnownManifest(manifest, settings.ManifestKind, _wiring) : null;
        await (known?.RequireAsync(ct) ?? Task.CompletedTask).ConfigureAwait(false);

        using PlanFileWriter? plan = PlanOf(ends);
        ILedger ledger = await OpenLedgerAsync(ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = ledger.ConfigureAwait(false);
        var meter = new TransferMeter(_tally, _time);
        Measured(meter);
        using var stores = new RunStores(ends, settings, _wiring, context.Error.WriteLine, meter);
        var carrying = new CarryOut(_id, verb, settings, ledger, _tally, _time);
        TransferRequest request = carrying.RequestFor(ends, stores) with { SavePlan = plan, Saved = Saved };
        await using ConfiguredAsyncDisposable source = request.Source.ConfigureAwait(false);
        await using ConfiguredAsyncDisposable destination = request.Destination.ConfigureAwait(false);
        await (known?.RequirePlaceAsync(ledger, request, ct) ?? Task.CompletedTask).ConfigureAwait(false);
        using var failures = new FailureSpool(ScratchFile.Open);
        using EventLog? log = OpenLog();
        using EventLines? lines = settings.Json ? new EventLines(context.Output, _id, _time) : null;
        DeletedPaths? deleted = settings.Manifest is null ? null : new DeletedPaths();
        var observers = new Observers([meter, failures, .. Watching, .. OneOrNone(log), .. OneOrNone(lines), .. OneOrNone(deleted), .. OneOrNone(PlannedLinesOrNull())]);

        RunEnd end;
        IAsyncDisposable? progress = ShowProgress(meter);
        try
        {
            end = await carrying.RunAsync(ends, request, observers, ct).ConfigureAwait(false);
        }
        finally
        {
            foreach (IAsyncDisposable done in new[] { progress, request.Backup }.OfType<IAsyncDisposable>())
            {
                await done.DisposeAsync().ConfigureAwait(false);
            }
        }

        end = end with { Verdicts = meter.Verdicts, SourceProofs = meter.SourceProofs, Kept = meter.Kept };
        var leaving = new LeaveResults(settings, context, end) { IsGone = path => deleted?.Contains(path) == true };
        if (plan is not null)
        {
            await leaving.SaveAsync(plan).ConfigureAwait(false);
        }

        lines?.Flush();
        return await leaving.WriteAsync(ledger, request, failures, [log?.Fault, lines?.Fault, failures.Fault], _wiring.StopCode).ConfigureAwait(false);
    }

    private PlanFileWriter? PlanOf(TransferEnds ends)
    {
        if (settings.Plan is null || !settings.Policy.DryRun)
        {
            return null;
        }

        WholeFile.Require("--plan", settings.Plan);
        var header = new PlanHeader
        {
            Verb = verb,
            Source = ends.SourceText,
            Destination = ends.DestinationText,
            Made = Timestamp.From(_time.GetUtcNow()),
            Compare = settings.Policy.Compare,
            Links = settings.Policy.Links,
            NoOverwrite = settings.Policy.NoOverwrite,
            Guards = settings.Policy.Removal ?? settings.Policy.SourceRemoval ?? new RemovalPolicy(),
            KeepDirectories = settings.Policy.KeepSourceDirectories,
            Backup = ends.Backup?.Identity.Root,
        };
        return new PlanFileWriter(header, ScratchFile.Open);
    }

    private async Task<ILedger> OpenLedgerAsync(CancellationToken ct)
    {
        string state = StateDirectory.Make(settings.State, _wiring.Environment);
        return _wiring.DressLedger(await SqliteLedger.OpenAsync(state, _time, ct).ConfigureAwait(false));
    }

    private EventLog? OpenLog()
    {
        try
        {
            return settings.LogFile is { } file ? new EventLog(file, settings.LogLevel, _time) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The log file \"{settings.LogFile}\" cannot be written: {e.Message}");
        }
    }

    private PlannedLines? PlannedLinesOrNull() =>
        settings.Policy.DryRun && !settings.Json && !settings.Quiet && !settings.OutputIsTaken ? new PlannedLines(context.Output) : null;

    // The terminal's library is loaded only where there is a terminal: it costs more than a small copy.
    private IAsyncDisposable? ShowProgress(TransferMeter meter) => settings switch
    {
        { Quiet: true } or { Policy.DryRun: true } => null,
        _ when _wiring.IsTerminal && !settings.Json => OnTerminal(meter),
        _ => new PlainProgress(meter, context.Error, _time),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TerminalProgress OnTerminal(TransferMeter meter) => new(meter, context.Error, _wiring.Environment, _time);

    private static IEnumerable<ITransferObserver> OneOrNone(ITransferObserver? observer) => observer is null ? [] : [observer];
}
