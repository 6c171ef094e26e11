using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay push SRC BOX</c>: new and changed files into a drop box. It is a copy that looks at its ledger and not into the
/// box.</summary>
internal static class PushCommand
{
    private const int Hardest = 19;

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var source = new Argument<string>("SRC") { Description = "A file, or a directory: its contents are meant." };
        Argument<string> box = RelayCommand.Box();
        Option<int?> level = SettingOption.Of<int?>(
            "--level", "N", $"How hard zstd tries, from 1 (fast) to {Hardest} (small). Default: {DropBoxOptions.Default.Level}.", LevelOf);
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "push",
            "Puts new and changed files into the drop box, compressed where that helps. What this ledger delivered there is not sent again; what another one did is compared by checksum. The first push makes the box.")
        {
            source, box, layout, level,
        };
        var transfer = RelayTransfer.AddTo(command, RelayVerbs.Push, context, "--compare", "--no-overwrite");
        command.SetAction((parsed, ct) =>
        {
            var from = Address.Parse("SRC", parsed.GetRequiredValue(source), context.Wiring);
            var to = Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring);
            var options = new DropBoxOptions
            {
                CountsDelivered = true,
                Layout = parsed.GetValue(layout),
                Level = parsed.GetValue(level) ?? DropBoxOptions.Default.Level,
            };
            return transfer.RunAsync(
                parsed, from, to, options.Layout, policy => PolicyOf(policy, options.Layout),
                settings => FindAsync(from, to, options, settings.Policy.DryRun, context.Wiring, ct), ct);
        });
        return command;
    }

    /// <summary>Of CTA Ingest the state files say in a few reads what is there, also what another one put in or delivered.</summary>
    private static TransferPolicy PolicyOf(TransferPolicy policy, BoxLayout layout) =>
        policy with { Compare = layout == BoxLayout.CtaIngest ? CompareBy.Modified : CompareBy.Ledger };

    /// <summary>The two stores. With the layout of CTA Ingest what was delivered is freed first, which there is the source's to do.</summary>
    private static async Task<TransferEnds> FindAsync(
        Address from, Address to, DropBoxOptions options, bool isDryRun, Wiring wiring, CancellationToken ct)
    {
        TransferEnds ends = await RelayEnds.IntoAsync(from, to, options, wiring, ct).ConfigureAwait(false);
        if (options.Layout == BoxLayout.CtaIngest && !isDryRun)
        {
            var box = new CtaIngestStore(AddressedEntry.Tree(to.AsDirectory(), wiring), options, wiring.Time);
            await using ConfiguredAsyncDisposable closing = box.ConfigureAwait(false);
            await box.CleanAsync(ct).ConfigureAwait(false);
        }

        return ends;
    }

    private static int? LevelOf(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int level) && level is >= 1 and <= Hardest
        ? level
        : throw new FormatException($"write a number from 1 to {Hardest}");
}
