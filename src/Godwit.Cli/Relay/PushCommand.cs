using System.CommandLine;
using System.Globalization;
using Godwit.Backends.DropBox;
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
                parsed, from, to, options.Layout, policy => policy with { Compare = CompareBy.Ledger },
                () => RelayEnds.IntoAsync(from, to, options, context.Wiring, ct), ct);
        });
        return command;
    }

    private static int? LevelOf(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int level) && level is >= 1 and <= Hardest
        ? level
        : throw new FormatException($"write a number from 1 to {Hardest}");
}
