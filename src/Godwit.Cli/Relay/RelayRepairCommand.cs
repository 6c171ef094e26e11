using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay repair BOX</c>: mends what damage or stopped steps left inconsistent.</summary>
internal static class RelayRepairCommand
{
    private static readonly TimeSpan s_usual = TimeSpan.FromHours(1);

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        Option<TimeSpan?> olderThan = SettingOption.Of<TimeSpan?>(
            "--older-than", "TIME", "Younger entries of the work list are of files that are being put in: they stay. Default: 1h.",
            text => DurationText.Parse(text));
        Option<bool> dryRun = SettingOption.Flag("--dry-run", "Say what is wrong; change nothing.");
        Option<bool> asJson = SettingOption.Flag("--json", "One JSON object for each fault, and one with the counts.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "repair", "Finds what is wrong in the drop box, says each, and mends it: a waiting file that no work list names is put on it again, one whose bytes are gone is taken back so that it can be sent again, and what names no file goes. Look with --dry-run first. What waits and can be read stays as it is.")
        {
            box, layout, olderThan, dryRun, asJson,
        };
        command.SetAction((parsed, ct) => parsed.GetValue(layout) is not BoxLayout.Godwit and var other
            ? throw RelayLayout.Meaningless("relay repair", other, other == BoxLayout.CtaRelay
                ? "an object is all there is of a file. relay pull and relay ls name those that cannot be read; delete these, and push their files again."
                : "the state files are all there is. relay pull and relay ls name the files that cannot be had; take their entries out of disassemble.json and upload.json, and push them again.")
            : RunAsync(
                Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring),
                parsed.GetValue(olderThan) ?? s_usual,
                parsed.GetValue(dryRun),
                parsed.GetValue(asJson),
                context,
                ct));
        return command;
    }

    private static async Task<int> RunAsync(
        Address address, TimeSpan olderThan, bool dryRun, bool asJson, CommandContext context, CancellationToken ct)
    {
        IStore store = await RelayEnds.OpenAsync(address, BoxLayout.Godwit, context.Wiring, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        var faults = new DropBoxFaults(store, context.Wiring.Time);
        var unreadable = new System.Collections.Concurrent.ConcurrentQueue<StoreException>();
        var facts = new ExitFacts();
        var counts = new long[Enum.GetValues<DropBoxFaultKind>().Length];
        Timestamp before = RelayCommand.Before(context.Wiring, olderThan);
        await foreach (DropBoxFault fault in faults.FindAsync(before, unreadable.Enqueue, ct).ConfigureAwait(false))
        {
            try
            {
                if (!dryRun)
                {
                    await faults.MendAsync(fault, ct).ConfigureAwait(false);
                }

                counts[(int)fault.Kind]++;
                Tell(output, fault, asJson);
            }
            catch (StoreException e)
            {
                facts = await facts.ReportAsync(e, StorePath.Root, context.Error).ConfigureAwait(false);
            }
        }

        foreach (StoreException e in unreadable)
        {
            facts = await facts.ReportAsync(e, StorePath.Root, context.Error).ConfigureAwait(false);
        }

        Summarize(output, counts, dryRun, asJson);
        return (int)facts.Choose();
    }

    private static void Tell(ByteOutput output, DropBoxFault fault, bool asJson)
    {
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteString("fault", WordOf(fault.Kind));
                json.WritePath("path", fault.Path);
                json.WriteString("id", fault.Id);
            });
            return;
        }

        output.Text($"{WordOf(fault.Kind),-13} {fault.Path}: {RemedyOf(fault.Kind)}\n");
    }

    private static void Summarize(ByteOutput output, long[] counts, bool dryRun, bool asJson)
    {
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteBoolean("dry_run", dryRun);
                foreach (DropBoxFaultKind kind in Enum.GetValues<DropBoxFaultKind>())
                {
                    json.WriteNumber(WordOf(kind).Replace('-', '_'), counts[(int)kind]);
                }
            });
            return;
        }

        string what = Amount.Of(counts.Sum(), "fault");
        output.Text(dryRun ? $"dry run, nothing was changed; would mend {what}\n" : $"mended {what}\n");
        if (counts[(int)DropBoxFaultKind.LostPayload] > 0)
        {
            output.Text("files whose bytes are gone: on the host that pushes, run relay resend with --path for each, then relay push\n");
        }
    }

    private static string WordOf(DropBoxFaultKind kind) => kind switch
    {
        DropBoxFaultKind.LostPayload => "lost-payload",
        DropBoxFaultKind.LostMarker => "lost-marker",
        DropBoxFaultKind.StaleMarker => "stale-marker",
        _ => "lost-record",
    };

    private static string RemedyOf(DropBoxFaultKind kind) => kind switch
    {
        DropBoxFaultKind.LostPayload => "it waits, and bytes of it are gone; its record is taken back, send it again",
        DropBoxFaultKind.LostMarker => "it waits, and no work list names it; it is put on it",
        DropBoxFaultKind.StaleMarker => "the work list names a version that does not wait; the entry is taken away",
        _ => "it was delivered and its record is gone; one is written",
    };
}
