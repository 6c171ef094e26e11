using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay prune BOX</c>: frees the bytes that stopped uploads and stopped deliveries left in a box.</summary>
internal static class RelayPruneCommand
{
    private static readonly TimeSpan s_usual = TimeSpan.FromDays(7);

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        Option<TimeSpan?> olderThan = SettingOption.Of<TimeSpan?>(
            "--older-than", "TIME", "Only what nobody wrote to for this long: longer than a push may rest before it goes on, and less than 1h only while nobody pushes. Default: 7d.",
            text => DurationText.Parse(text));
        Option<bool> dryRun = SettingOption.Flag("--dry-run", "Say how much; change nothing.");
        Option<bool> asJson = SettingOption.Flag("--json", "The counts as one JSON object.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "prune", "Frees bytes in the drop box that no waiting file has: of pushes that were given up, and of pulls that were killed. What waits and what is known of delivered files stays. What hosts said of their runs before that goes, too, but for the newest of each half.")
        {
            box, layout, olderThan, dryRun, asJson,
        };
        command.SetAction((parsed, ct) => RunAsync(
            Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring),
            parsed.GetValue(layout),
            parsed.GetValue(olderThan) ?? s_usual,
            parsed.GetValue(dryRun),
            parsed.GetValue(asJson),
            context,
            ct));
        return command;
    }

    private static async Task<int> RunAsync(
        Address address, BoxLayout layout, TimeSpan olderThan, bool dryRun, bool asJson, CommandContext context, CancellationToken ct)
    {
        IStore store = await RelayEnds.OpenAsync(address, layout, context.Wiring, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        Timestamp before = RelayCommand.Before(context.Wiring, olderThan);
        return layout switch
        {
            BoxLayout.CtaRelay => await RelayUploads.PruneAsync(store, before, dryRun, asJson, context, ct).ConfigureAwait(false),
            BoxLayout.CtaIngest => await AttemptsAsync(store, before, dryRun, asJson, context, ct).ConfigureAwait(false),
            _ => await PayloadsAsync(store, before, dryRun, asJson, context, ct).ConfigureAwait(false),
        };
    }

    private static async Task<int> PayloadsAsync(
        IStore store, Timestamp before, bool dryRun, bool asJson, CommandContext context, CancellationToken ct)
    {
        var leftovers = new DropBoxLeftovers(store);
        (long count, long bytes) = (0, 0);
        var facts = new ExitFacts();
        IReadOnlyList<DropBoxLeftover> left = await leftovers.FindAsync(before, ct).ConfigureAwait(false);
        foreach (DropBoxLeftover leftover in dryRun ? left : await leftovers.CondemnAsync(left, ct).ConfigureAwait(false))
        {
            try
            {
                if (!dryRun)
                {
                    await leftovers.RemoveAsync(leftover, ct).ConfigureAwait(false);
                }

                (count, bytes) = (count + 1, bytes + leftover.Bytes);
            }
            catch (StoreException e)
            {
                facts = await facts.ReportAsync(e, StorePath.Root, context.Error).ConfigureAwait(false);
            }
        }

        if (!dryRun)
        {
            await new DropBoxRuns(store).ForgetAsync(before, ct).ConfigureAwait(false);
        }

        await TellAsync(count, bytes, dryRun, asJson, context).ConfigureAwait(false);
        return (int)facts.Choose();
    }

    private static async Task<int> AttemptsAsync(
        IStore store, Timestamp before, bool dryRun, bool asJson, CommandContext context, CancellationToken ct)
    {
        var leftovers = new CtaIngestLeftovers(store);
        (long count, long bytes) = (0, 0);
        var facts = new ExitFacts();
        foreach (CtaIngestLeftover leftover in await leftovers.FindAsync(before, ct).ConfigureAwait(false))
        {
            try
            {
                if (dryRun || await leftovers.RemoveAsync(leftover, ct).ConfigureAwait(false))
                {
                    (count, bytes) = (count + 1, bytes + leftover.Bytes);
                }
            }
            catch (StoreException e)
            {
                facts = await facts.ReportAsync(e, leftover.Path, context.Error).ConfigureAwait(false);
            }
        }

        await TellAsync(count, bytes, dryRun, asJson, context).ConfigureAwait(false);
        return (int)facts.Choose();
    }

    private static async Task TellAsync(long count, long bytes, bool dryRun, bool asJson, CommandContext context)
    {
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteBoolean("dry_run", dryRun);
                json.WriteNumber("payloads", count);
                json.WriteNumber("bytes", bytes);
            });
            return;
        }

        string what = $"{Amount.Of(count, "upload")}, {SizeText.Show(bytes)}";
        output.Text(dryRun ? $"dry run, nothing was changed; would free {what}\n" : $"freed {what}\n");
    }
}
