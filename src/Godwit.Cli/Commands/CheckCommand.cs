using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit check SRC DST</c>: compares two trees and writes nothing to either.</summary>
internal static class CheckCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var source = new Argument<string>("SRC") { Description = "A file, or a directory: its contents are compared." };
        var destination = new Argument<string>("DST") { Description = "What it is compared with." };
        Option<CompareBy> compare = SettingOption.OneOf(
            "--compare", "What is compared. Default: mtime (length and modification time); checksum reads both sides.",
            ("mtime", CompareBy.Modified), ("size", CompareBy.Size), ("checksum", CompareBy.Checksum));
        Option<bool> download = SettingOption.Flag(
            "--download", "Read every byte of both sides, also where the stores know checksums; implies --compare checksum.");
        Option<bool> oneWay = SettingOption.Flag("--one-way", "Pass over what only DST has.");
        Option<LinkPolicy> links = SettingOption.OneOf(
            "--links", "What happens to symbolic links. Default: skip, and count them.",
            ("skip", LinkPolicy.Skip), ("follow", LinkPolicy.Follow), ("keep", LinkPolicy.Keep));
        Option<bool> json = SettingOption.Flag("--json", "One JSON object for each path, and one with the counts, on standard output.");
        Option<bool> quiet = SettingOption.Flag("--quiet", "Say nothing but what went wrong; the exit code tells.");
        var command = new Command("check", "Compares two trees. Exit 0: the same; 1: they differ; 5 or 6: some could not be compared.")
        {
            source, destination, compare, download, oneWay, links, json, quiet,
        };
        var lists = CheckLists.AddTo(command);
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var from = Address.Parse("SRC", parsed.GetRequiredValue(source), context.Wiring);
            var to = Address.Parse("DST", parsed.GetRequiredValue(destination), context.Wiring);
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, ct).ConfigureAwait(false);
            var options = new CheckOptions
            {
                Compare = parsed.GetValue(download) ? CompareBy.Checksum : parsed.GetValue(compare),
                Download = parsed.GetValue(download),
                OneWay = parsed.GetValue(oneWay),
                Links = parsed.GetValue(links),
                Filter = selection.Filter,
            };
            TransferEnds ends = await TransferEnds.FindAsync(from, to, options.Links, context.Wiring, ct).ConfigureAwait(false);
            var form = new CheckForm(parsed.GetValue(json), parsed.GetValue(quiet));
            return (int)await new CheckRun(ends, options, selection, form, context)
                .RunAsync(lists.Read(parsed), ct).ConfigureAwait(false);
        });
        return command;
    }
}
