using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit ls URL</c>: what is in a directory, sorted; names are relative to it.</summary>
internal static class LsCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "A directory, or a file." };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Everything below it.", Arity = ArgumentArity.Zero };
        var asLong = new Option<bool>("--long", "-l") { Description = "With bytes and time.", Arity = ArgumentArity.Zero };
        var asJson = new Option<bool>("--json") { Description = "One JSON object a line.", Arity = ArgumentArity.Zero };
        var zero = new Option<bool>("--null", "-0") { Description = "Names as they are, each ended by NUL.", Arity = ArgumentArity.Zero };
        var command = new Command("ls", "Lists a directory. A name that a line cannot hold is escaped as sha256sum does.")
        {
            url, recursive, asLong, asJson, zero,
        };
        var filters = FilterArguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var address = Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring);
            LsForm form = parsed.GetValue(asJson) ? LsForm.Json
                : parsed.GetValue(zero) ? LsForm.Null
                : parsed.GetValue(asLong) ? LsForm.Long : LsForm.Names;
            FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: false, ct).ConfigureAwait(false);
            return await RunAsync(address, parsed.GetValue(recursive), form, selection, context, ct).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Address address, bool recursive, LsForm form, FilterSelection selection, CommandContext context, CancellationToken ct)
    {
        var found = AddressedEntry.Followed(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
        StoreEntry entry = await found.RequireAsync(ct).ConfigureAwait(false);
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (entry.Kind != EntryKind.Directory)
        {
            // By the name that was typed: what a link leads to may have another.
            StoreEntry named = entry with { Path = StorePath.FromBytes(address.LastName.IsEmpty ? entry.Path.Name : address.LastName) };
            if (selection.Filter.Includes(named))
            {
                WriteEntry(output, form, named);
            }

            return (int)new ExitFacts { ForGood = await FilterArguments.ReportNotMetAsync(selection, context.Error).ConfigureAwait(false) }.Choose();
        }

        IStore tree = AddressedEntry.Tree(address, context.Wiring);
        await using ConfiguredAsyncDisposable closingTree = tree.ConfigureAwait(false);
        var facts = new ExitFacts();
        var options = new TreeListingOptions
        {
            OpenScratch = ScratchFile.Open,
            Flat = recursive,
            Marks = selection.Filter.Marks,
            Descends = directory => recursive && selection.Filter.Descends(directory),
        };
        await foreach (ListingChunk chunk in TimedListing.ReadAsync(tree, options, selection.Filter, ct).ConfigureAwait(false))
        {
            foreach (StoreEntry one in chunk.Entries)
            {
                if (one.Kind == EntryKind.Directory ? selection.Filter == EntryFilter.All : selection.Filter.Includes(one))
                {
                    WriteEntry(output, form, one);
                }
            }

            foreach (StoreException error in chunk.Unreadable)
            {
                facts = await facts.ReportAsync(error, StorePath.Root, context.Error).ConfigureAwait(false);
            }
        }

        long missing = await FilterArguments.ReportNotMetAsync(selection, context.Error).ConfigureAwait(false);
        return (int)(facts with { ForGood = facts.ForGood + missing }).Choose();
    }

    private static void WriteEntry(ByteOutput output, LsForm form, StoreEntry entry)
    {
        ReadOnlySpan<byte> mark = entry.Kind == EntryKind.Directory ? "/"u8 : default;
        switch (form)
        {
            case LsForm.Json:
                output.Json(json => json.WriteEntry(entry, entry.Path));
                return;
            case LsForm.Null:
                output.Bytes(entry.Path.Bytes);
                output.Bytes(mark);
                output.Bytes("\0"u8);
                return;
            case LsForm.Long:
                output.Text($"{(entry.Kind == EntryKind.File ? entry.Length.ToString() : Words.Of(entry.Kind)),15} ");
                output.Text($"{entry.Modified?.ToString() ?? "-",-30} ");
                break;
            default:
                break;
        }

        output.Name(entry.Path);
        output.Bytes(mark);
        output.Bytes("\n"u8);
    }

    private enum LsForm
    {
        Names = 0,
        Long,
        Null,
        Json,
    }
}
