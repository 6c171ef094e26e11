using Godwit.Backends.Local;
using Godwit.Cli.Commands;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Cli.Doctor;

/// <summary>Checks of what belongs to this machine: the configuration, and the state directory.</summary>
internal static class OwnChecks
{
    // Looking through a ledger takes seconds for each gigabyte; what is left of the check's time is for opening it.
    private static readonly TimeSpan s_search = TimeSpan.FromSeconds(8);

    /// <summary>Reads the configuration, and tells each of its faults.</summary>
    /// <returns>The configuration, null where it cannot be read without a fault; and whether nothing that it names is missing either.</returns>
    public static async Task<(GodwitConfiguration? Read, bool IsWell)> ConfigurationAsync(DoctorOutput output, Wiring wiring)
    {
        GodwitConfiguration configuration;
        Faults faults;
        try
        {
            configuration = wiring.Configuration.Read(wiring.Environment, out faults);
        }
        catch (CommandException e)
        {
            await output.TellAsync("file", new Finding(FindingOutcome.Failed, e.Message)).ConfigureAwait(false);
            return (null, false);
        }

        bool isRead = faults.IsEmpty;
        ConfigCommand.AddUnreachable(configuration, faults, wiring);
        foreach (string fault in faults.Lines)
        {
            await output.TellAsync(isRead ? "secrets" : "file", new Finding(FindingOutcome.Failed, fault)).ConfigureAwait(false);
        }

        if (faults.IsEmpty)
        {
            string seen = configuration.IsThere
                ? $"{configuration.File}: {configuration.Endpoints.Count} {(configuration.Endpoints.Count == 1 ? "endpoint" : "endpoints")}, no fault"
                : $"there is none at {configuration.File}: the defaults hold";
            await output.TellAsync("file", new Finding(FindingOutcome.Ok, seen)).ConfigureAwait(false);
        }

        // What one endpoint lacks says nothing of the others.
        return (isRead ? configuration : null, faults.IsEmpty);
    }

    /// <summary>What each endpoint is, as far as it can be said without asking it.</summary>
    public static IEnumerable<DiagnosisStep> Endpoints(GodwitConfiguration configuration, Wiring wiring) =>
        configuration.Endpoints.Select(endpoint => new DiagnosisStep(endpoint.Name, _ =>
        {
            string credential = wiring.ReachOf(endpoint)?.CredentialShown(endpoint, wiring) is { } shown ? $"; credential: {shown.Origin}" : "";
            return ValueTask.FromResult<Finding?>(new Finding(FindingOutcome.Ok, $"{endpoint.Url.Text}{credential}"));
        }));

    /// <summary>The state directory.</summary>
    public static IEnumerable<DiagnosisStep> State(string? option, Wiring wiring)
    {
        string directory = StateDirectory.Choose(option, wiring.Environment);
        var store = LocalStore.In(directory);
        return
        [
            .. store.Diagnosis!.Begin(new DiagnosisScope(Writes: true)).Where(step => step.Name is "directory" or "write"),
            Space(store),
            new("ledger", async ct =>
            {
                using var search = CancellationTokenSource.CreateLinkedTokenSource(ct);
                search.CancelAfter(s_search);
                return Ledger(await Task.Run(() => ExamineLedger.In(directory, search.Token), CancellationToken.None).ConfigureAwait(false));
            }),
        ];
    }

    /// <summary>The room that is left in a store that tells it.</summary>
    public static DiagnosisStep Space(IStore store) => new("space", async ct =>
    {
        if (store.FreeSpace is not { } asked)
        {
            return null;
        }

        FreeSpace space = await asked.GetAsync(StorePath.Root, ct).ConfigureAwait(false);
        string all = space.TotalBytes is { } total ? $" of {SizeText.Show(total)}" : "";
        string files = space.FreeFiles is { } count ? $", room for {Amount.Of(count, "file")}" : "";
        string seen = $"{SizeText.Show(space.FreeBytes)} free{all}{files}; a quota may allow less";
        return space.FreeBytes == 0 || space.FreeFiles == 0 ? new Finding(FindingOutcome.Failed, seen, "Make room there.")
            : space.FreeBytes < space.TotalBytes / 20 ? new Finding(FindingOutcome.Warning, seen, "Make room there, or see that what is to come is smaller.")
            : new Finding(FindingOutcome.Ok, seen);
    });

    private static Finding Ledger(LedgerFacts? facts) => facts switch
    {
        null => new Finding(FindingOutcome.Ok, "there is none yet; the first run makes it"),
        { Damages: { Count: > 0 } damages } => new Finding(
            FindingOutcome.Failed,
            $"{facts.File} is damaged: {string.Join("; ", damages)}",
            "Move it away and begin a new one, which sends files again that were delivered, or put a backup in its place."),
        { Damages: null } => new Finding(FindingOutcome.Unknown, $"{Told(facts)}; too large to be looked through in {s_search.TotalSeconds} seconds"),
        _ => new Finding(FindingOutcome.Ok, $"{Told(facts)}; sound"),
    };

    private static string Told(LedgerFacts facts) =>
        $"{facts.Transfers} {(facts.Transfers == 1 ? "run" : "runs")}, schema {facts.Schema}"
        + (facts.Schema < facts.NewestSchema ? $" (the next run makes it {facts.NewestSchema})" : "");
}
