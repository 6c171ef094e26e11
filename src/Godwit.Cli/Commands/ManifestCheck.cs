using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>What <c>check --manifest</c> and <c>check --bag</c> are told beside the place.</summary>
/// <param name="File">The list of checksums; null for a bag, which has its own.</param>
/// <param name="OneWay">Whether files that it does not name are passed over.</param>
/// <param name="Download">Whether every byte is read.</param>
internal sealed record ManifestOptions(string? File, bool OneWay, bool Download);

/// <summary>Holds a tree against a list of checksums. Names in the list are relative to the tree.</summary>
internal sealed class ManifestCheck(Address address, ManifestOptions options, FilterSelection selection, CommandContext context) : ICheck
{
    private readonly List<CheckLine> _outside = [];
    private byte[]? _firstName;
    private long _named;
    private long _unread;
    private bool _isMissing;

    /// <inheritdoc/>
    public string SourceWord => "manifest";

    /// <inheritdoc/>
    public async IAsyncEnumerable<CheckLine> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        IStore tree = AddressedEntry.Tree(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = tree.ConfigureAwait(false);
        await Reach.RequireRootAsync(tree, address, "directory URL", ct).ConfigureAwait(false);

        // The list often lies in the tree, and cannot name itself.
        StorePath? list = address.Bucket is null && options.File != "-" ? LocalStore.In(options.File!).Identity.Root : null;
        var check = new CheckManifest(
            tree,
            new CheckManifestOptions
            {
                Download = options.Download,
                PassesOver = path => options.OneWay || tree.Identity.Absolute(path) == list,
                Filter = selection.Filter,
            },
            ScratchFile.Open);
        await foreach (CheckLine line in check.ReadAsync(EntriesAsync(tree, ct), ct).ConfigureAwait(false))
        {
            _isMissing |= line.Verdict == CheckVerdict.MissingOnDestination;
            yield return line;
        }

        foreach (CheckLine line in _outside.Concat(CheckPair.NotMet(selection)))
        {
            yield return line;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TellAsync(long compared, TextWriter error)
    {
        // Where filters took none of the names, that says nothing about them.
        if (compared == 0 && _isMissing)
        {
            await error.WriteLineAsync($"godwit: {ChecksumList.NothingThere(options.File!, address, _firstName!)}").ConfigureAwait(false);
        }

        if (_unread > 0)
        {
            await error.WriteLineAsync(
                $"godwit: {_unread} {(_unread == 1 ? "line of the list is" : "lines of the list are")} not a checksum and a name; what they mean was not verified.").ConfigureAwait(false);
        }

        return _unread > 0;
    }

    private async IAsyncEnumerable<StoreEntry> EntriesAsync(IStore tree, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (ChecksumLine? line in new ChecksumList("--manifest", options.File!, [], context.Wiring).ReadAsync(ct).ConfigureAwait(false))
        {
            if (line?.Expected(null) is not { } expected)
            {
                _unread++;
                continue;
            }

            _named++;
            _firstName ??= line.Name;
            if (PathOf(tree, line.Name) is { } path)
            {
                yield return new StoreEntry { Path = path, Kind = EntryKind.File, Checksums = [expected] };
            }
        }

        // The list is read to its end before the tree is listed: nothing was said yet.
        if (_named == 0)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"--manifest \"{ArgumentText.Show(options.File!)}\" is not a manifest: it holds no line of a checksum and a name. "
                + "Name one that --manifest-kind json wrote, or a list that sha256sum or md5sum reads.");
        }
    }

    private StorePath? PathOf(IStore tree, byte[] name)
    {
        try
        {
            return ChecksumList.PathBelow(tree, name);
        }
        catch (StoreException e)
        {
            var failure = FileFailure.From(e, StoreSide.Source);
            _outside.Add(new CheckLine(CheckVerdict.Error, StorePath.Root, $"the manifest names \"{PathText.Escape(name)}\", which does not lie below: {failure.Message}", failure));
            return null;
        }
    }
}
