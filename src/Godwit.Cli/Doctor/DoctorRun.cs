using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Doctor;

/// <summary>Looks at everything that was asked for, and goes on after a failure where that makes sense.</summary>
internal sealed class DoctorRun(DoctorRequest request, DoctorOutput output, Wiring wiring)
{
    private static readonly TimeSpan s_check = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(40);

    private readonly MakeChecks _checks = new(output, s_check);

    /// <summary>Looks, and ends with 0 when nothing failed, 2 when the configuration did, 7 when anything else did.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken ct)
    {
        await output.BeginAsync("configuration", null).ConfigureAwait(false);
        (GodwitConfiguration? configuration, bool isWell) = await OwnChecks.ConfigurationAsync(output, wiring).ConfigureAwait(false);
        if (configuration is not null && isWell && request.Source is null)
        {
            await _checks.RunAsync(OwnChecks.Endpoints(configuration, wiring), ct).ConfigureAwait(false);
        }

        await output.BeginAsync("state", null).ConfigureAwait(false);
        await _checks.RunAsync(StateSteps(), ct).ConfigureAwait(false);
        if (request.Source is not null)
        {
            await EndsAsync(configuration, ct).ConfigureAwait(false);
        }

        var code = new ExitFacts { Usage = !isWell, Fatal = output.Count(FindingOutcome.Failed) > 0 }.Choose();
        await output.EndAsync(code).ConfigureAwait(false);
        return code;
    }

    private IEnumerable<DiagnosisStep> StateSteps()
    {
        try
        {
            return OwnChecks.State(request.State, wiring);
        }
        catch (Exception e) when (e is StoreException or Transfers.Record.LedgerException)
        {
            return [new DiagnosisStep("directory", _ => throw e)];
        }
    }

    private async Task EndsAsync(GodwitConfiguration? configuration, CancellationToken ct)
    {
        bool alone = request.Destination is null;
        DoctorEnd? source = await EndAsync(alone ? "address" : "source", "SRC", request.Source!, alone && request.Probe, configuration, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closingSource = ((IAsyncDisposable?)source ?? Nothing.Instance).ConfigureAwait(false);
        if (alone)
        {
            return;
        }

        DoctorEnd? destination = await EndAsync("destination", "DST", request.Destination!, writes: true, configuration, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closingDestination = ((IAsyncDisposable?)destination ?? Nothing.Instance).ConfigureAwait(false);
        if (source is not null && destination is not null && configuration is not null)
        {
            await output.BeginAsync("pair", null).ConfigureAwait(false);
            TransferPolicy policy = PairCheck.PolicyOf(configuration, wiring, source.Address.Endpoint, destination.Address.Endpoint);
            await _checks.RunAsync(PairCheck.Of(source.Store, destination.Store, policy), ct).ConfigureAwait(false);
        }
    }

    private async Task<DoctorEnd?> EndAsync(string place, string role, string text, bool writes, GodwitConfiguration? configuration, CancellationToken ct)
    {
        await output.BeginAsync(place, text).ConfigureAwait(false);
        try
        {
            if (!await _checks.RunAsync(DoctorEnd.Before(role, text, configuration, wiring), ct).ConfigureAwait(false))
            {
                return null;
            }

            var end = DoctorEnd.Open(role, text, writes, configuration, wiring);
            bool isGood = await _checks.RunAsync(StepsOf(end, configuration), ct).ConfigureAwait(false);
            if (isGood && request.Probe && writes)
            {
                await ProbeAsync(end, ct).ConfigureAwait(false);
            }
            else if (isGood && writes)
            {
                await output.TellAsync("probe", new Finding(
                    FindingOutcome.Unknown, "that files can be written was not tried; --probe writes one, reads it back and deletes it")).ConfigureAwait(false);
            }

            return end;
        }
        catch (Exception e) when (e is CommandException or StoreException)
        {
            await output.TellAsync("address", new Finding(FindingOutcome.Failed, e.Message.TrimEnd('.'))).ConfigureAwait(false);
            return null;
        }
    }

    private IEnumerable<DiagnosisStep> StepsOf(DoctorEnd end, GodwitConfiguration? configuration)
    {
        TimeSpan? work = request.Work ?? (configuration is null ? null : PairCheck.PolicyOf(configuration, wiring).TimeBudget);
        IReadOnlyList<DiagnosisStep> own = end.Store.Diagnosis?.Begin(new DiagnosisScope(end.Writes, work)) ?? [];
        return end.Writes ? [.. own, OwnChecks.Space(end.Store)] : [.. own, end.There(wiring)];
    }

    private async Task ProbeAsync(DoctorEnd end, CancellationToken ct)
    {
        IStore store = Reach.Dress(Reach.Open(end.Address, await NearestAsync(end, ct).ConfigureAwait(false), new LocalOptions(), wiring), StoreSide.Destination, wiring);
        await using ConfiguredAsyncDisposable closing = store.ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_probe);
        Finding finding;
        try
        {
            // Waited for also when it is stopped: it deletes what it wrote.
            finding = await new ProbeFile(store).TryAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            finding = new Finding(FindingOutcome.Failed, $"it was not done within {s_probe.TotalSeconds} seconds", "See what stands on the way to it.");
        }

        await output.TellAsync("probe", finding).ConfigureAwait(false);
    }

    /// <summary>The directory, or the nearest above it that is there: none is made for a probe.</summary>
    private async Task<byte[]> NearestAsync(DoctorEnd end, CancellationToken ct)
    {
        if (end.Address.Bucket is not null)
        {
            return end.Address.Path;
        }

        IStore machine = Reach.Open(end.Address, "/"u8, new LocalOptions(), wiring);
        await using ConfiguredAsyncDisposable closing = machine.ConfigureAwait(false);
        StorePath path = end.Store.Identity.Root;
        while (!path.IsRoot && await machine.StatAsync(path, ct).ConfigureAwait(false) is null)
        {
            path = path.Parent;
        }

        return [(byte)'/', .. path.Bytes];
    }

    private sealed class Nothing : IAsyncDisposable
    {
        public static Nothing Instance { get; } = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
