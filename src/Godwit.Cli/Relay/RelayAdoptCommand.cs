using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.Runs;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay adopt BOX TREE</c>: files that are at the destination already count as delivered, without being sent.</summary>
internal static class RelayAdoptCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        var tree = new Argument<string>("TREE")
        {
            Description = "Where the files are: the destination; or the source, where it is known that all of it has arrived.",
        };
        Option<bool> checksum = SettingOption.Flag(
            "--checksum", "Read each file, or ask TREE for its checksum, so that a push compares contents; otherwise size and time are all that is known of it. With --layout cta-relay always.");
        Option<int?> transfers = SettingOption.Of<int?>("--transfers", "N", "Files at once. Default: 4.", CountOf);
        Option<BandwidthTimetable?> bandwidth = SettingOption.Of<BandwidthTimetable?>(
            "--bandwidth", "RATE", "Bytes a second that are read of TREE, such as 50MiB, or a timetable.", BandwidthTimetable.Parse);
        Option<bool> dryRun = SettingOption.Flag("--dry-run", "Say how many files; change nothing.");
        Option<bool> asJson = SettingOption.Flag("--json", "The counts as one JSON object.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "adopt", "Counts files that are at TREE as delivered, without sending them: a push of the same files sends nothing. What the drop box knows already, waiting or delivered, stays as it is.")
        {
            box, tree, layout, checksum, transfers, bandwidth, dryRun, asJson,
        };
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: false, ct).ConfigureAwait(false);
            context.Wiring.Sftp.UsesChecksums = parsed.GetValue(checksum);
            using FollowBandwidth? limit = parsed.GetValue(bandwidth) is { } rate
                ? new FollowBandwidth(rate, null, context.Wiring.Time, context.Error.WriteLine, context.Wiring.Configuration.Stop)
                : null;
            RelayPlaces places = await RelayPlaces.OpenAsync(
                Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring).AsDirectory(),
                Address.Parse("TREE", parsed.GetRequiredValue(tree), context.Wiring), parsed.GetValue(layout), makesBox: true, limit?.Limit, context.Wiring, ct).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable closing = places.ConfigureAwait(false);
            var adoption = new RelayAdoption(places, parsed.GetValue(checksum), parsed.GetValue(dryRun), context.Wiring.Time);
            var facts = new ExitFacts();
            await foreach (StoreException error in adoption.RunAsync(selection.Filter, parsed.GetValue(transfers) ?? 4, ct).ConfigureAwait(false))
            {
                facts = await facts.ReportAsync(error, StorePath.Root, context.Error).ConfigureAwait(false);
            }

            long missing = await FilterArguments.ReportNotMetAsync(selection, context.Error).ConfigureAwait(false);
            await TellAsync(adoption, parsed.GetValue(dryRun), parsed.GetValue(asJson), context).ConfigureAwait(false);
            return (int)(facts with { ForGood = facts.ForGood + missing }).Choose();
        });
        return command;
    }

    private static async Task TellAsync(RelayAdoption adoption, bool dryRun, bool asJson, CommandContext context)
    {
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteBoolean("dry_run", dryRun);
                json.WriteNumber("adopted", adoption.Adopted);
                json.WriteNumber("bytes", adoption.Bytes);
                json.WriteNumber("known", adoption.Known);
            });
            return;
        }

        string what = $"{Amount.Of(adoption.Adopted, "file")} ({SizeText.Show(adoption.Bytes)}) as delivered; {adoption.Known} known already";
        output.Text(dryRun ? $"dry run, nothing was changed; would count {what}\n" : $"counted {what}\n");
    }

    private static int? CountOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
        ? count
        : throw new FormatException("write a number from 1 on");
}
