using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Progress;
using Godwit.Cli.Results;
using Godwit.Cli.Runs;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Service;

/// <summary>Carries out a service's transfers as the command line carries out its own: the same addresses, options, configuration and flow.</summary>
/// <param name="wiring">The process.</param>
/// <param name="ledger">Where runs are written down; it stays open.</param>
/// <param name="warn">Takes a sentence that belongs to no transfer.</param>
/// <param name="data">The service's own directory, which no transfer touches.</param>
internal sealed class CliEngine(Wiring wiring, ILedger ledger, Action<string> warn, string data) : IEngine, IDisposable
{
    // Read in place of one that is not known yet: a line has a source.
    private const string SomeSource = "/";

    private readonly SharedSides _shared = new(wiring.Time, warn);
    private readonly OrderLine _line = new();

    /// <inheritdoc/>
    public async ValueTask<CheckedOrder> CheckAsync(TransferOrder order, CancellationToken ct)
    {
        var faults = new List<OrderFault>();
        OrderedTransfer? ordered = await _line.ReadAsync(order.IsSourceStaged ? order with { Source = SomeSource } : order, wiring, faults, ct).ConfigureAwait(false);
        if (ordered is not null)
        {
            faults.AddRange(OwnDirectory(ordered).Where(fault => !order.IsSourceStaged || fault.Field == "destination"));
        }

        return faults.Count == 0 && ordered is { } read
            ? new CheckedOrder(order.IsSourceStaged ? OrderPlace.None : NamePlace.Of(read.From, null, wiring), NamePlace.Of(read.To, null, wiring), [])
            : new CheckedOrder(OrderPlace.None, OrderPlace.None, faults);
    }

    /// <inheritdoc/>
    public async Task<RunOutcome> RunAsync(RunOrder run, CancellationToken ct)
    {
        RunOutcome ended = await TryAsync(run, ct).ConfigureAwait(false);
        if (ended.Outcome is TransferOutcome.Error or TransferOutcome.Partial)
        {
            wiring.Configuration.ForgetSecrets();
        }

        return ended;
    }

    private async Task<RunOutcome> TryAsync(RunOrder run, CancellationToken ct)
    {
        try
        {
            var faults = new List<OrderFault>();
            OrderedTransfer? ordered = await _line.ReadAsync(run.Order, wiring, faults, ct).ConfigureAwait(false);
            if (ordered is null)
            {
                return Failed(string.Join(' ', faults.Select(fault => fault.Sentence)));
            }

            if (OwnDirectory(ordered).FirstOrDefault() is { } own)
            {
                return Failed(own.Sentence);
            }

            TransferEnds ends = await ordered.FindAsync(wiring, ct).ConfigureAwait(false);
            return await WhyNotAsync(run, ordered, ends, ct).ConfigureAwait(false) is { } fault ? Failed(fault) : await RunAsync(run, ordered, ends, ct).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            return Failed(e.Message);
        }
        catch (StoreException e)
        {
            return Failed(FailedFile.Told(e, twoSides: true));
        }
        catch (LedgerException e)
        {
            return Failed(e.Message) with { HasToWait = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(e.Message);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return new RunOutcome(TransferOutcome.Canceled, null);
        }
    }

    /// <summary>The configuration is another one: runs that begin from now on go by it.</summary>
    public void ConfigurationChanged() => _shared.Forget();

    /// <inheritdoc/>
    public void Dispose() => _shared.Dispose();

    private async Task<RunOutcome> RunAsync(RunOrder run, OrderedTransfer ordered, TransferEnds ends, CancellationToken ct)
    {
        CopySettings settings = Limited(ordered.Settings, run.Limits);
        var meter = new TransferMeter(run.Tally, wiring.Time);
        SharedSide from = _shared.Of(NamePlace.EndpointOf(ordered.From), ends.Source, SideLimits.Of(ordered.From.Endpoint), run.Limits.Source);
        SharedSide to = _shared.Of(NamePlace.EndpointOf(ordered.To), ends.Destination, SideLimits.Of(ordered.To.Endpoint), run.Limits.Destination);
        using var stores = new RunStores(ends, settings, wiring, warn, meter, (from, to));
        var carrying = new CarryOut(run.RunId, run.Order.Verb, settings, ledger, run.Tally, wiring.Time);
        TransferRequest request = carrying.RequestFor(ends, stores) with { Listed = run.Files, Turns = run.Limits.Turns };
        await using ConfiguredAsyncDisposable source = request.Source.ConfigureAwait(false);
        await using ConfiguredAsyncDisposable destination = request.Destination.ConfigureAwait(false);
        RunEnd end = await carrying.RunAsync(ends, request, new Observers([meter, run.Observer]), ct).ConfigureAwait(false);
        return new RunOutcome(end.Outcome ?? TransferOutcome.Error, end.Error) { HasToWait = end.IsClaimRefused || end.IsLedgerFault };
    }

    /// <summary>Whoever may write the ledger says what was delivered, and whoever reads it finds the token: no transfer goes in, above or below it.</summary>
    private IEnumerable<OrderFault> OwnDirectory(OrderedTransfer ordered)
    {
        StorePath own = LocalStore.In(data).Identity.Root;
        foreach ((string field, Address address) in ((string, Address)[])[("source", ordered.From), ("destination", ordered.To)])
        {
            if (address is { Bucket: null, Server: null } && Reach.RealPath(address, wiring) is var place && (place == own || place.IsBelow(own) || own.IsBelow(place)))
            {
                yield return new OrderFault(field, $"The service's own directory \"/{own}\" is in, above or below \"{address}\". Name another place, or move that directory with --data.");
            }
        }
    }

    /// <summary>Bytes can only be counted out where they pass.</summary>
    private static CopySettings Limited(CopySettings settings, RunLimits limits) => limits.LimitsBytes && settings.Policy.Route == RouteChoice.Auto
        ? settings with { Policy = settings.Policy with { Route = RouteChoice.Stream } }
        : settings;

    /// <summary>Why it is not carried out: what was opened may not be used, which links and a new configuration may have made so since the order was taken; or it
    /// cannot be.</summary>
    private async ValueTask<string?> WhyNotAsync(RunOrder run, OrderedTransfer ordered, TransferEnds ends, CancellationToken ct) =>
        await run.WhyNotAsync(NamePlace.Of(ordered.From, ends.At(StoreSide.Source), wiring), NamePlace.Of(ordered.To, ends.At(StoreSide.Destination), wiring), ct).ConfigureAwait(false)
        ?? await WhyNotListedAsync(run, ordered.Settings, ends, ct).ConfigureAwait(false);

    /// <summary>What a list of files cannot be carried out between; of a tree nothing is wrong by now.</summary>
    private static async ValueTask<string?> WhyNotListedAsync(RunOrder run, CopySettings settings, TransferEnds ends, CancellationToken ct)
    {
        if (run.Files is not { } files)
        {
            return null;
        }

        (StoreIdentity from, StoreIdentity to) = (ends.Source.Identity, ends.Destination.Identity);
        return ends.Single is not null ? $"The source \"{ends.SourceText}\" is a single file, and the transfer names files below a directory. Name the directory."
            : settings.PassedBy is { } route && await files.HasChecksumsAsync(ct).ConfigureAwait(false)
                ? $"The files' checksums cannot be held against anything with {route}: the bytes do not pass through Godwit. Leave out one of them."
            : from.Space == to.Space && (from.Root.IsBelow(to.Root) || to.Root.IsBelow(from.Root))
                ? $"The source \"{ends.SourceText}\" and the destination \"{ends.DestinationText}\" lie in each other, and the list could write into the source. Name another destination."
            : null;
    }

    private static RunOutcome Failed(string why) => new(TransferOutcome.Error, why);
}
