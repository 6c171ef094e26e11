using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>Writes checksums of files, each with the name by which it was reached.</summary>
internal sealed class ChecksumListing(
    IReadOnlyList<ChecksumKind> kinds, bool recursive, FilterSelection selection, CommandContext context)
{
    private ExitFacts _facts = new();

    /// <summary>Writes them. A file that cannot be read does not stop the others.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<string> urls, CancellationToken ct)
    {
        Address[] addresses = [.. urls.Select(url => Address.Parse("URL", url, context.Wiring))];
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        foreach (Address address in addresses)
        {
            await OneAsync(address, output, ct).ConfigureAwait(false);
        }

        long missing = await FilterArguments.ReportNotMetAsync(selection, context.Error).ConfigureAwait(false);
        return (_facts with { ForGood = _facts.ForGood + missing }).Choose();
    }

    private async Task OneAsync(Address address, ByteOutput output, CancellationToken ct)
    {
        var found = AddressedEntry.Followed(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
        StoreEntry entry = await found.RequireAsync(ct).ConfigureAwait(false);
        if (entry.Kind == EntryKind.File)
        {
            await WriteAsync(found.Store, entry.Path, address.Text, output, ct).ConfigureAwait(false);
            return;
        }

        if (entry.Kind != EntryKind.Directory || !recursive)
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" is {Words.One(entry.Kind)}. For all files below a directory, add -r.");
        }

        IStore tree = AddressedEntry.Tree(address, context.Wiring);
        await using ConfiguredAsyncDisposable closingTree = tree.ConfigureAwait(false);
        byte[] prefix = address.Text is [.., (byte)'/'] ? address.Text : [.. address.Text, (byte)'/'];
        var options = new TreeListingOptions
        {
            OpenScratch = ScratchFile.Open,
            Descends = selection.Filter.Descends,
            Marks = selection.Filter.Marks,
        };
        await foreach (ListingChunk chunk in TimedListing.ReadAsync(tree, options, selection.Filter, ct).ConfigureAwait(false))
        {
            foreach (StoreEntry file in chunk.Entries.Where(one => one.Kind == EntryKind.File && selection.Filter.Includes(one)))
            {
                await WriteAsync(tree, file.Path, [.. prefix, .. file.Path.Bytes], output, ct).ConfigureAwait(false);
            }

            foreach (StoreException error in chunk.Unreadable)
            {
                _facts = await _facts.ReportAsync(error, StorePath.Root, context.Error).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(IStore store, StorePath path, byte[] name, ByteOutput output, CancellationToken ct)
    {
        try
        {
            (IReadOnlyList<Checksum> checksums, _) = await ChecksumReading.OfAsync(store, path, kinds, ct).ConfigureAwait(false);
            foreach (Checksum checksum in checksums)
            {
                output.Line(ChecksumLine.Write(checksum, name, tagged: kinds.Count > 1));
            }
        }
        catch (StoreException e)
        {
            _facts = await _facts.ReportAsync(e, path, context.Error).ConfigureAwait(false);
        }
    }
}
