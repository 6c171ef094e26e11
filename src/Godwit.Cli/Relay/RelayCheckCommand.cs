using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Commands;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay check BOX TREE</c>: holds what the box knows against either side's tree. Changes nothing.</summary>
internal static class RelayCheckCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        var tree = new Argument<string>("TREE") { Description = "The source or the destination: a directory of any store." };
        Option<CompareBy> compare = SettingOption.OneOf(
            "--compare", "What is compared: mtime is length and modification time. Default: size.",
            ("mtime", CompareBy.Modified), ("size", CompareBy.Size), ("checksum", CompareBy.Checksum));
        Option<bool> checksum = SettingOption.Flag(
            "--checksum", "As --compare checksum: TREE is read, or asked for its own checksum where it keeps the box's kind.");
        Option<bool> delivered = SettingOption.Flag("--delivered", "Pass over what waits: is all that was delivered still there?");
        Option<bool> oneWay = SettingOption.Flag("--one-way", "Pass over what only TREE has.");
        Option<bool> json = SettingOption.Flag("--json", "One JSON object for each path, and one with the counts, on standard output.");
        Option<bool> quiet = SettingOption.Flag("--quiet", "Say nothing while everything is the same; otherwise what could not be compared and the counts, on standard error.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "check", "Compares what the drop box knows, waiting and delivered, with the tree of either side. In lists the box is SRC and TREE is DST. Exit 0: the same; 1: they differ; 5 or 6: some could not be compared.")
        {
            box, tree, layout, compare, checksum, delivered, oneWay, json, quiet,
        };
        var lists = CheckLists.AddTo(command);
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: false, ct).ConfigureAwait(false);
            bool isAsked = parsed.GetResult(compare) is { Implicit: false };
            CompareBy by = parsed.GetValue(checksum) ? CompareBy.Checksum : isAsked ? parsed.GetValue(compare) : CompareBy.Size;
            context.Wiring.Sftp.UsesChecksums = by == CompareBy.Checksum;
            var options = new CheckOptions { Compare = by, OneWay = parsed.GetValue(oneWay), Filter = selection.Filter };
            RelayPlaces places = await RelayPlaces.OpenAsync(
                Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring),
                Address.Parse("TREE", parsed.GetRequiredValue(tree), context.Wiring), parsed.GetValue(layout), makesBox: false, null, context.Wiring, ct).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable closing = places.ConfigureAwait(false);
            IReadOnlyList<CheckList> asked = lists.Read(parsed);
            ResultFile[] results = [.. asked.Select(one => one.Result)];
            ResultPlaces.RequireBeside(results, [("BOX", places.Box.Identity, null), ("TREE", places.Tree.Identity, null)]);
            await ResultFiles.RequireAsync(
                results, [.. filters.ListsOf(parsed).Select(list => new ReadFile(list, "the file of --files-from"))], ct).ConfigureAwait(false);
            var form = new CheckForm(parsed.GetValue(json), parsed.GetValue(quiet)) { Caution = CautionOf(by) };
            var check = new RelayCheck(places, options, parsed.GetValue(delivered), selection, context);
            return (int)await new CheckRun(check, form, context).RunAsync(asked, ct).ConfigureAwait(false);
        });
        return command;
    }

    private static string CautionOf(CompareBy compare) => compare switch
    {
        CompareBy.Modified => "Sizes and times were compared; --checksum compares contents.\n",
        CompareBy.Size => "Sizes were compared; --checksum compares contents.\n",
        _ => "",
    };
}
