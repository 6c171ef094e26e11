using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Plans;
using Godwit.Cli.Progress;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Queue;
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
        using var stores = new RunStores(ends, settings, context, meter);
        TransferRequest request = RequestFor(ends, stores) with { SavePlan = plan, Saved = Saved };
        await using ConfiguredAsyncDisposable source = request.Source.ConfigureAwait(false);
        await using ConfiguredAsyncDisposable destination = request.Destination.ConfigureAwait(false);
        await (known?.RequirePlaceAsync(ledger, request, ct) ?? Task.CompletedTask).ConfigureAwait(false);
        using var failures = new FailureSpool(ScratchFile.Open);
        using EventLog? log = OpenLog();
        using EventLines? lines = settings.Json ? new EventLines(context.Output, _id, _time) : null;
        DeletedPaths? deleted = settings.Manifest is null ? null : new DeletedPaths();
        var observers = new Observers([meter, failures, .. Watching, .. OneOrNone(log), .. OneOrNone(lines), .. OneOrNone(deleted), .. OneOrNone(PlannedLinesOrNull())]);

        var started = Timestamp.From(_time.GetUtcNow());
        RunEnd end;
        IAsyncDisposable? progress = ShowProgress(meter);
        try
        {
            end = await RunFlowAsync(ends, request, ledger, observers, ct).ConfigureAwait(false);
        }
        finally
        {
            foreach (IAsyncDisposable done in new[] { progress, request.Backup }.OfType<IAsyncDisposable>())
            {
                await done.DisposeAsync().ConfigureAwait(false);
            }
        }

        end = await WithTimesAsync(ledger, end with { Started = started, Ended = Timestamp.From(_time.GetUtcNow()) }).ConfigureAwait(false);
        end = end with { Verdicts = meter.Verdicts, SourceProofs = meter.SourceProofs, Kept = meter.Kept };
        var leaving = new LeaveResults(settings, context, end) { IsGone = path => deleted?.Contains(path) == true };
        if (plan is not null)
        {
            await leaving.SaveAsync(plan).ConfigureAwait(false);
        }

        lines?.Flush();
        return await leaving.WriteAsync(ledger, request, failures, [log?.Fault, lines?.Fault, failures.Fault], _wiring.StopCode).ConfigureAwait(false);
    }

    /// <summary>The times that the ledger has, so that the report is the same whenever it is made.</summary>
    private async Task<RunEnd> WithTimesAsync(ILedger ledger, RunEnd end)
    {
        try
        {
            return await ledger.FindTransfersAsync(_id, CancellationToken.None).ConfigureAwait(false) is [{ Ended: not null } record]
                ? end with { Started = record.Started, Ended = record.Ended }
                : end;
        }
        catch (LedgerException)
        {
            // What the ledger could not do is told already.
            return end;
        }
    }

    private async Task<RunEnd> RunFlowAsync(TransferEnds ends, TransferRequest request, ILedger ledger, Observers observers, CancellationToken ct)
    {
        RunEnd end = BeginningOf(ends);
        long began = _time.GetTimestamp();
        var flow = new TransferFlow(ledger, LinuxRunHolder.Current(), ScratchFile.Open, observers, _time);
        try
        {
            AnnounceDryRun(observers, new TransferStarted(_id, verb, end.Source, end.Destination));
            TransferResult result = await flow.RunAsync(request, _tally, ct).ConfigureAwait(false);
            AnnounceDryRun(observers, new TransferEnded(_id, result.Outcome, result.Totals, result.Took));
            return end with
            {
                Outcome = result.Outcome,
                Totals = result.Totals,
                Stopped = result.Stopped,
                Took = result.Took,
                ListingIncomplete = result.ListingIncomplete,
                Error = result.Refusal is { } refusal ? $"Nothing was deleted: {refusal}." : null,
            };
        }
        catch (Exception e) when (e is StoreException or LedgerException or ClaimRefusedException)
        {
            TransferTotals totals = WithoutOutcome();
            TransferOutcome outcome = TransferResult.OutcomeOf(totals, StopReason.None, brokeOff: true);
            return end with
            {
                Outcome = outcome,
                Error = e is StoreException failure ? FailedFile.Told(failure, twoSides: true) : e.Message,
                Totals = totals,
                Took = _time.GetElapsedTime(began),
                ListingIncomplete = e is ClaimRefusedException ? null : true,
            };
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped before the claim was ours, or while a dry run was listing.
            end = end with { Outcome = TransferOutcome.Canceled, Stopped = StopReason.Canceled };
            return end with { Totals = WithoutOutcome(), Took = _time.GetElapsedTime(began), ListingIncomplete = true };
        }
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

    private RunEnd BeginningOf(TransferEnds ends) => new()
    {
        Id = _id,
        Verb = verb,
        Source = ends.SourceText,
        Destination = ends.DestinationText,
        DryRun = settings.Policy.DryRun,
        LeavesStanding = settings.Policy is { NoOverwrite: true } or { Compare: CompareBy.Exists },
        Outcome = TransferOutcome.Error,
        Totals = new TransferTotals(),
        Started = default,
    };

    /// <summary>The counts of a run that broke off: what was planned and has no outcome was not attempted, so that they add up.</summary>
    private TransferTotals WithoutOutcome()
    {
        TransferTotals totals = _tally.Totals;
        return totals with { NotAttempted = totals.Planned - totals.Delivered - totals.Failed };
    }

    private async Task<ILedger> OpenLedgerAsync(CancellationToken ct)
    {
        string state = StateDirectory.Make(settings.State, _wiring.Environment);
        return _wiring.DressLedger(await SqliteLedger.OpenAsync(state, _time, ct).ConfigureAwait(false));
    }

    private TransferRequest RequestFor(TransferEnds ends, RunStores stores) => new()
    {
        Id = _id,
        Verb = verb,
        Source = stores.Source,
        Destination = stores.Destination,
        Backup = stores.Backup,
        Single = ends.Single,
        Listed = settings.Listed,
        FilesAtOnce = stores.FilesAtOnce,
        Policy = settings.Policy,
        Filter = settings.Filter,
    };

    /// <summary>A dry run is not in the ledger, so the engine does not announce it; a reader of events wants its ends all the same.</summary>
    private void AnnounceDryRun(Observers observers, TransferEvent happened)
    {
        if (settings.Policy.DryRun)
        {
            observers.On(happened);
        }
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
