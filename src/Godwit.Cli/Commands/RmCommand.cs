using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit rm URL</c>: deletes a file, a link, or with <c>-r</c> a directory and what is below it. Links are never followed.</summary>
internal static class RmCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "A file, a link or a directory. A link is deleted, never what it points to." };
        var recursive = new Option<bool>("--recursive", "-r")
        {
            Description = "A directory with everything below it.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("rm", "Deletes a file, or with -r a directory and what is below it.") { url, recursive };
        command.SetAction((parsed, ct) => RunAsync(
            Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring), parsed.GetValue(recursive), context, ct));
        return command;
    }

    private static async Task<int> RunAsync(Address address, bool recursive, CommandContext context, CancellationToken ct)
    {
        if (address.LastName.SequenceEqual("."u8) || address.LastName.SequenceEqual(".."u8))
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" does not name what is to be deleted. Write the directory's own name.");
        }

        var found = AddressedEntry.Itself(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
        if (found.Path.IsRoot || address.IsEndpointRoot)
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" is the root of the store; Godwit does not delete it.");
        }

        StoreEntry entry = await found.RequireAsync(ct).ConfigureAwait(false);
        if (entry.Kind == EntryKind.Directory && !recursive)
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" is a directory. To delete it with everything below it, add -r.");
        }

        if (entry.Kind != EntryKind.Directory)
        {
            return await DeleteOneAsync(found, context, ct).ConfigureAwait(false);
        }

        if (found.Store is { Directories: null, FlatListing: { } flat, BulkDelete: { } bulk })
        {
            return (int)await new RmBelow(found.Store, flat, bulk, context.Error).RunAsync(entry.Path, ct).ConfigureAwait(false);
        }

        // Below its parent's store the directory cannot be swapped for a link to elsewhere.
        var tree = new RmTree(found.Store, entry.Path, context.Error);
        return (int)await tree.RunAsync(ct).ConfigureAwait(false);
    }

    private static async Task<int> DeleteOneAsync(AddressedEntry found, CommandContext context, CancellationToken ct)
    {
        try
        {
            await found.Store.DeleteAsync(found.Path, ct).ConfigureAwait(false);
            return (int)ExitCode.Success;
        }
        catch (StoreException e)
        {
            return (int)(await new ExitFacts().ReportAsync(e, found.Path, context.Error, found.Store.Identity).ConfigureAwait(false)).Choose();
        }
    }
}
