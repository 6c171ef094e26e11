using System.CommandLine;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit check SRC DST</c>: compares two trees and writes nothing to either.</summary>
internal static class CheckCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var source = new Argument<string>("SRC") { Description = "A file, or a directory: its contents are compared. With --manifest or --bag it is left out, and DST stands alone." };
        var destination = new Argument<string?>("DST") { Description = "What SRC, or the list, is compared with.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> manifest = SettingOption.File(
            "--manifest", "FILE",
            "Compare DST with this list instead of SRC: lines of sha256sum, sha512sum, sha1sum or md5sum, or a JSON manifest; - is standard input. Names are relative to DST.");
        Option<bool> bag = SettingOption.Flag("--bag", "DST is a bag (BagIt): compare it with its own manifests.");
        Option<bool> download = SettingOption.Flag(
            "--download", "Read every byte of both sides, also where the stores know checksums; implies --compare checksum.");
        Option<bool> oneWay = SettingOption.Flag("--one-way", "Pass over what only DST has.");
        Option<bool> json = SettingOption.Flag("--json", "One JSON object for each path, and one with the counts, on standard output.");
        Option<bool> quiet = SettingOption.Flag("--quiet", "Say nothing while everything is the same; otherwise what could not be compared and the counts, on standard error.");
        var command = new Command("check", "Compares two trees, or a tree with a manifest. Exit 0: the same; 1: they differ, or filters left nothing to compare; 5 or 6: some could not be compared.")
        {
            source, destination, manifest, bag, download, oneWay, json, quiet,
        };
        var settings = CheckSettings.AddTo(command);
        var lists = CheckLists.AddTo(command);
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string first = parsed.GetRequiredValue(source);
            string? second = parsed.GetValue(destination);
            string? list = parsed.GetValue(manifest);
            bool isBag = parsed.GetValue(bag);
            RequireOneForm(second, list, isBag, settings.IsCompared(parsed));
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: list is null && !isBag, ct).ConfigureAwait(false);
            bool leftOut = false;
            selection = Watched(selection, () => leftOut = true);
            var form = new CheckForm(parsed.GetValue(json), parsed.GetValue(quiet));
            ICheck check;
            IReadOnlyList<(string Role, StoreIdentity Store, StorePath? File)> compared;
            if (list is not null || isBag)
            {
                var address = Address.Parse("DST", first, context.Wiring);
                var against = new ManifestOptions(list, parsed.GetValue(oneWay), parsed.GetValue(download));
                compared = address is { Bucket: null, Server: null } ? [("DST", LocalStore.In(address.Path).Identity, null)] : [];
                check = isBag ? new BagCheck(address, against, selection, context) : new ManifestCheck(address, against, selection, context);
            }
            else
            {
                CheckOptions options = settings.Read(parsed, context.Wiring, new CheckOptions
                {
                    Download = parsed.GetValue(download),
                    OneWay = parsed.GetValue(oneWay),
                    Filter = selection.Filter,
                });
                options = options.Download ? options with { Compare = CompareBy.Checksum } : options;
                form = form with { Caution = CautionOf(options.Compare) };
                context.Wiring.Sftp.UsesChecksums = options.Compare == CompareBy.Checksum;
                TransferEnds ends = await TransferEnds.FindAsync(
                    Address.Parse("SRC", first, context.Wiring), Address.Parse("DST", second!, context.Wiring), options.Links, context.Wiring, ct).ConfigureAwait(false);
                compared = [("SRC", ends.Source.Identity, ends.Single?.Source), ("DST", ends.Destination.Identity, ends.Single?.Destination)];
                check = new CheckPair(ends, options, selection, context);
            }

            IReadOnlyList<CheckList> asked = lists.Read(parsed);
            ResultFile[] results = [.. asked.Select(one => one.Result)];
            ResultPlaces.RequireBeside(results, compared);
            await ResultFiles.RequireAsync(results, InputsOf(filters.ListsOf(parsed), list, context.Wiring), ct).ConfigureAwait(false);
            var run = new CheckRun(check, form, context);
            ExitCode code = await run.RunAsync(asked, ct).ConfigureAwait(false);
            await FilterArguments.TellLeftOutAsync(form.Quiet ? null : selection.Files, context.Error).ConfigureAwait(false);
            return (int)await TellOfNothingAsync(code, run.ComparedNothing, leftOut, selection, context).ConfigureAwait(false);
        });
        return command;
    }

    private static IEnumerable<ReadFile> InputsOf(IReadOnlyList<string> lists, string? manifest, Wiring wiring) =>
    [
        .. lists.Select(list => new ReadFile(list, "the file of --files-from")),
        .. manifest is null ? (IEnumerable<ReadFile>)[] : [new ReadFile(manifest, "the file of --manifest")],
        wiring.Configuration.AsRead(wiring.Environment),
    ];

    /// <summary>The selection, with what it leaves out told.</summary>
    private static FilterSelection Watched(FilterSelection selection, Action leavesOut)
    {
        EntryFilter filter = selection.Filter;
        return filter == EntryFilter.All ? selection : selection with
        {
            Filter = filter with { Includes = entry => Told(filter.Includes(entry)), Descends = entry => Told(filter.Descends(entry)) },
        };

        bool Told(bool isTaken)
        {
            if (!isTaken)
            {
                leavesOut();
            }

            return isTaken;
        }
    }

    /// <summary>A mistyped filter or an empty list must not pass for a proof.</summary>
    private static async Task<ExitCode> TellOfNothingAsync(ExitCode code, bool comparedNothing, bool leftOut, FilterSelection selection, CommandContext context)
    {
        string? why = selection.Filter.Patterns is { TookNone: true }
            ? "no file passed --include, --exclude and --filter. Correct the patterns; ls -R with them shows what they take."
            : comparedNothing && selection.Files is { Count: 0 } ? "the list of --files-from is empty."
            : comparedNothing && selection.Files is not null ? "no file that the list of --files-from names is there, or passed the other filters."
            : comparedNothing && leftOut ? "no file passed the filters. Correct them; ls -R with them shows what they take."
            : null;
        if (why is null)
        {
            return code;
        }

        await context.Error.WriteLineAsync($"godwit: nothing was compared: {why}").ConfigureAwait(false);
        return code == ExitCode.Success ? ExitCode.Other : code;
    }

    private static string CautionOf(CompareBy compare) => compare switch
    {
        CompareBy.Modified => "Sizes and times were compared; --compare checksum compares contents.\n",
        CompareBy.Size => "Sizes were compared; --compare checksum compares contents.\n",
        _ => "",
    };

    private static void RequireOneForm(string? second, string? list, bool isBag, bool isCompared)
    {
        string? fault = (second, list, isBag) switch
        {
            (_, not null, true) => "--manifest and --bag contradict each other: a bag has its own manifests. Leave out one of them.",
            (not null, not null, _) or (not null, _, true) => "With --manifest or --bag there is one address: godwit check --manifest FILE DST.",
            (null, null, false) => "DST is missing. Write godwit check SRC DST, or godwit check --manifest FILE DST.",
            _ when isCompared && second is null => "--compare says nothing with --manifest or --bag: checksums are compared. Leave it out.",
            _ => null,
        };
        if (fault is not null)
        {
            throw new CommandException(ExitCode.Usage, fault);
        }
    }
}
