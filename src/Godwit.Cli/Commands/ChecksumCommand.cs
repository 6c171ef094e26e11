using System.CommandLine;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit checksum URL...</c>: checksums as <c>sha256sum</c> writes them, and <c>--check</c> of a list of them.</summary>
internal static class ChecksumCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var urls = new Argument<string[]>("URL")
        {
            Description = "Files, or directories with -r. With --check: the directory that the list's names are below (default: here).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var kinds = new Option<ChecksumKind[]>("--kind")
        {
            HelpName = string.Join('|', Enum.GetValues<ChecksumKind>().Select(Checksum.NameOf)),
            Description = "Which checksum. Default: sha256. May be repeated: lines are then KIND (name) = digits.",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => ReadKinds(result),
        };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "All files below directories.", Arity = ArgumentArity.Zero };
        Option<string?> check = SettingOption.File(
            "--check", "FILE", "Verify the files that FILE names: lines of sha256sum or md5sum, or a JSON manifest; - is standard input.");
        Option<bool> quiet = SettingOption.Flag("--quiet", "With --check: say nothing of files that are right.");
        var command = new Command("checksum", "Reads files and writes their checksums as sha256sum does, or verifies such a list.")
        {
            urls, kinds, recursive, check, quiet,
        };
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string[] places = parsed.GetValue(urls) ?? [];
            ChecksumKind[] asked = parsed.GetValue(kinds) ?? [];
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: false, ct).ConfigureAwait(false);
            if (parsed.GetValue(check) is { } list)
            {
                var verification = new ChecksumVerification(list, asked, parsed.GetValue(quiet), context);
                return places.Length <= 1
                    ? (int)await verification.RunAsync(places.Length == 1 ? places[0] : ".", ct).ConfigureAwait(false)
                    : throw new CommandException(ExitCode.Usage, "--check takes one directory at most, which the list's names are below.");
            }

            if (places.Length == 0)
            {
                throw new CommandException(ExitCode.Usage, "Name at least one file, or a directory with -r.");
            }

            var listing = new ChecksumListing(asked.Length > 0 ? asked : [ChecksumKind.Sha256], parsed.GetValue(recursive), selection, context);
            return (int)await listing.RunAsync(places, ct).ConfigureAwait(false);
        });
        return command;
    }

    private static ChecksumKind[] ReadKinds(System.CommandLine.Parsing.ArgumentResult result)
    {
        var kinds = new List<ChecksumKind>();
        foreach (string text in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (ChecksumLine.KindNamed(text) is { } kind)
            {
                kinds.Add(kind);
            }
            else
            {
                result.AddError($"--kind is \"{text}\": write one of {string.Join(", ", Enum.GetValues<ChecksumKind>().Select(Checksum.NameOf))}.");
            }
        }

        return [.. kinds.Distinct()];
    }
}
