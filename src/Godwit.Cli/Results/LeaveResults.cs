using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Plans;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>Leaves what a run was asked to leave, and says how it went: lists, manifest, report, lines for people, exit code.</summary>
internal sealed class LeaveResults(CopySettings settings, CommandContext context, RunEnd end)
{
    private const int NamesLookedAt = 20;

    private readonly List<string> _troubles = [];
    private readonly List<string> _notes = [];

    /// <summary>Whether a file was deleted at the destination.</summary>
    public Func<Storage.StorePath, bool> IsGone { get; init; } = _ => false;

    /// <summary>Leaves the plan of a dry run; of one that did not come to its end there is none.</summary>
    public async Task SaveAsync(PlanFileWriter plan)
    {
        if (plan.IsComplete)
        {
            await TryAsync("plan", settings.Plan!, () => plan.SaveAsync(settings.Plan!)).ConfigureAwait(false);
        }
        else
        {
            _troubles.Add($"No plan was saved. A file {settings.Plan} from before is as it was.");
        }
    }

    /// <summary>Writes everything.</summary>
    /// <param name="ledger">Holds the receipts.</param>
    /// <param name="request">What was run.</param>
    /// <param name="failures">The failed files.</param>
    /// <param name="faults">Why something could not be kept or told on the way.</param>
    /// <param name="stopCode">The code of the signal, where one stopped it.</param>
    /// <returns>The exit code.</returns>
    public async Task<ExitCode> WriteAsync(
        ILedger ledger, TransferRequest request, FailureSpool failures, IEnumerable<IOException?> faults, Func<ExitCode> stopCode)
    {
        _troubles.AddRange(faults.OfType<IOException>().Select(fault => $"Not all events could be written: {fault.Message}"));

        // A dry run leaves the lists of the last real run alone.
        if (settings.Manifest is { } manifest && !end.DryRun)
        {
            var file = new ManifestFile(ledger, end.Id, request.Destination.Identity.Root, new KnownManifest(manifest, settings.ManifestKind, context.Wiring), IsGone);
            await TryAsync("manifest", manifest, () => file.WriteAsync(manifest, settings.ManifestKind)).ConfigureAwait(false);
        }

        if (settings.Failed is { } list && !end.DryRun && !IsRefused(failures.Count))
        {
            await LeaveFailedAsync(list, request, failures).ConfigureAwait(false);
        }

        ExitCode code = CodeOf(stopCode);
        if (settings.Report is { } report)
        {
            await TryAsync("report", report, () => WholeFile.WriteAsync(
                report, stream => RunReport.WriteAsync(stream, end with { Code = code }, failures.All().ToAsyncEnumerable()))).ConfigureAwait(false);
        }

        code = CodeOf(stopCode);
        await TellAsync(code, failures).ConfigureAwait(false);
        await TellOfPatternsAsync(ledger, request).ConfigureAwait(false);
        await FilterArguments.TellLeftOutAsync(settings.Quiet ? null : settings.Files, context.Error).ConfigureAwait(false);
        return code;
    }

    /// <summary>Whether the run ended before it began: then nothing is known of any file.</summary>
    private bool IsRefused(long failures) => end is { Error: not null, Totals: { Planned: 0, NotAttempted: 0 } } && failures == 0;

    /// <summary>Whether the list is what this run was to take, and the run did not come to its end: what was not attempted is nowhere else.</summary>
    private bool KeepsFailed(string list) =>
        (end.Stopped != StopReason.None || end.Error is not null || end.Totals.NotAttempted > 0) && settings.IsFedBy(list);

    private ExitCode CodeOf(Func<ExitCode> stopCode)
    {
        var facts = ExitFacts.Of(end, stopCode);
        return (facts with
        {
            Other = facts.Other || _troubles.Count > 0,
            NothingToDo = settings.ErrorOnNoTransfer && end.Totals is { Planned: 0, Deleted: 0 },
        }).Choose();
    }

    private async Task LeaveFailedAsync(string list, TransferRequest request, FailureSpool failures)
    {
        if (KeepsFailed(list))
        {
            _notes.Add($"The list of failed files {list} is as it was: the run did not come to its end, and what it did not attempt is listed nowhere else.");
            return;
        }

        await TryAsync("list of failed files", list, () => WriteFailedAsync(list, request, failures)).ConfigureAwait(false);
    }

    private async Task WriteFailedAsync(string list, TransferRequest request, FailureSpool failures)
    {
        OldList? old = settings.IsFedBy(list) ? null : await OldAsync(request).ConfigureAwait(false);

        // What cannot be looked at or has another name at the destination is listed by its name at the source.
        IEnumerable<FailedFile> files = failures.All();
        if (request.Single is { } single)
        {
            files = files.Select(file => file with { Listed = new ListedFile(single.Source, single.Source) });
        }

        await FailedList.WriteAsync(list, files, partial =>
        {
            ListMark.Put(partial);
            _notes.AddRange(old?.KeepUnknown() is { } note ? [note] : []);
        }).ConfigureAwait(false);
    }

    /// <summary>The list of an earlier run. Of its names some are still there, at one side or the other.</summary>
    private async Task<OldList?> OldAsync(TransferRequest request)
    {
        ResultFile? list = settings.Results().FirstOrDefault(one => one.Kind is ResultKind.Names or ResultKind.NulNames);
        OldList? old = list is null ? null : await OldList.ReadAsync(list, CancellationToken.None).ConfigureAwait(false);
        foreach (StorePath name in old?.Names.Take(NamesLookedAt) ?? [])
        {
            if (await IsThereAsync(request.Source, name).ConfigureAwait(false) || await IsThereAsync(request.Destination, name).ConfigureAwait(false))
            {
                old!.Know(name);
                break;
            }
        }

        return old;
    }

    private static async Task<bool> IsThereAsync(IStore store, StorePath name)
    {
        try
        {
            return await store.StatAsync(name, CancellationToken.None).ConfigureAwait(false) is not null;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private async Task TryAsync(string what, string file, Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _troubles.Add($"The {what} {file} could not be written: {e.Message}");
        }
    }

    /// <summary>Says that the patterns took nothing: mistyped ones would send nothing for ever, and nobody would notice.</summary>
    private async Task TellOfPatternsAsync(ILedger ledger, TransferRequest request)
    {
        if (settings.Filter.Patterns is not { TookNone: true } patterns || end.ListingIncomplete == true
            || (end.EmptiesSource && await HasMovedBeforeAsync(ledger, request).ConfigureAwait(false)))
        {
            return;
        }

        long files = end.Totals.Filtered;
        string what = (files, patterns.LeftDirectory) switch
        {
            (0, _) => "every directory",
            (_, false) => files == 1 ? "the only file" : $"all {files} files",
            _ => Amount.Of(files, "file") + " and whole directories",
        };
        await context.Error.WriteLineAsync(
            $"godwit: no file passed --include, --exclude and --filter: they left out {what} of {end.Source}. "
            + "Correct the patterns; ls -R with them shows what they take.").ConfigureAwait(false);
    }

    /// <summary>What the patterns take is gone from the source of a move that works.</summary>
    private static async Task<bool> HasMovedBeforeAsync(ILedger ledger, TransferRequest request)
    {
        (StoreIdentity from, StoreIdentity to) = (request.Source.Identity, request.Destination.Identity);
        try
        {
            var places = new ReceiptScope(from.Space, from.Root, to.Space, to.Root);
            return await ledger.ListReceiptsAsync(places, null, 1, CancellationToken.None).ConfigureAwait(false) is { Count: > 0 };
        }
        catch (LedgerException)
        {
            return false;
        }
    }

    private async Task TellAsync(ExitCode code, FailureSpool failures)
    {
        TextWriter error = context.Error;
        foreach (FailedFile file in failures.First)
        {
            await error.WriteLineAsync(file.ToString()).ConfigureAwait(false);
        }

        if (failures.Count > failures.First.Count)
        {
            string where = settings.Report ?? $"godwit report {end.Id}";
            await error.WriteLineAsync($"... and {failures.Count - failures.First.Count} more, see {where}").ConfigureAwait(false);
        }

        foreach (string trouble in ((IEnumerable<string?>)[end.Error, .. _troubles, .. _notes]).OfType<string>())
        {
            await error.WriteLineAsync($"godwit: {ArgumentText.Show(trouble)}").ConfigureAwait(false);
        }

        if (settings.Quiet && code == ExitCode.Success)
        {
            return;
        }

        TextWriter summary = settings.Json || settings.Quiet || settings.OutputIsTaken ? error : context.Output;
        await summary.WriteLineAsync(Summary.Of(end)).ConfigureAwait(false);
    }
}
