using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>
/// Validates a bag (BagIt, RFC 8493): the payload is complete both ways and is what every manifest says, and so are the tag files that a
/// tag manifest names.
/// </summary>
internal sealed class BagCheck(Address address, ManifestOptions options, FilterSelection selection, CommandContext context) : ICheck
{
    private const int MostReasons = 20;

    private readonly HashSet<StorePath> _toFetch = [];
    private long _bytes;
    private long _files;
    private long _absent;
    private bool _leftOut;

    /// <inheritdoc/>
    public string SourceWord => "manifest";

    /// <inheritdoc/>
    public async IAsyncEnumerable<CheckLine> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        IStore tree = AddressedEntry.Tree(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = tree.ConfigureAwait(false);
        await Reach.RequireRootAsync(tree, address, "directory URL", ct).ConfigureAwait(false);
        var bag = new Bag(tree);
        await bag.ReadAsync(ct).ConfigureAwait(false);
        _toFetch.UnionWith(bag.ToFetch);
        var check = new CheckManifest(
            tree,
            new CheckManifestOptions
            {
                Download = options.Download,
                PassesOver = path => options.OneWay || !Bag.IsPayload(path),
                Requires = bag.Requires,
                Filter = selection.Filter with
                {
                    Includes = entry => Noted(selection.Filter.Includes(entry)),
                    Descends = entry => Noted(selection.Filter.Descends(entry)),
                },
                Seen = Count,
            },
            ScratchFile.Open);
        // A tag file may be what its checksum says, and wrong in what it says itself: that is one line.
        var tags = new List<CheckLine>();
        await foreach (CheckLine line in check.ReadAsync(bag.EntriesAsync(ct), ct).ConfigureAwait(false))
        {
            if (Bag.IsPayload(line.Path))
            {
                yield return Told(line);
            }
            else
            {
                tags.Add(line);
            }
        }

        foreach (IGrouping<StorePath, CheckLine> one in tags.Concat(bag.Faults).Concat(OxumLines(bag)).GroupBy(line => line.Path))
        {
            yield return Together([.. one]);
        }

        foreach (CheckLine line in CheckPair.NotMet(selection))
        {
            yield return line;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TellAsync(long compared, TextWriter error)
    {
        if (_absent > 0)
        {
            await error.WriteLineAsync(
                $"godwit: {_absent} {(_absent == 1 ? "file" : "files")} of fetch.txt {(_absent == 1 ? "is" : "are")} not there: the bag is complete once they are fetched.").ConfigureAwait(false);
        }

        return false;
    }

    // Of a part of the payload, sums say nothing.
    private bool Noted(bool isTaken)
    {
        _leftOut |= !isTaken;
        return isTaken;
    }

    private void Count(StoreEntry file)
    {
        if (Bag.IsPayload(file.Path))
        {
            (_bytes, _files) = (_bytes + file.Length, _files + 1);
        }
    }

    private CheckLine Told(CheckLine line)
    {
        if (line.Verdict != CheckVerdict.MissingOnDestination || !_toFetch.Contains(line.Path))
        {
            return line;
        }

        if (line.Reason != CheckManifest.Absent)
        {
            return line;
        }

        _absent++;
        return line with { Reason = "not there; fetch.txt says where it is to be fetched from" };
    }

    /// <summary>What is to be said of one file: the gravest of it, with the reasons of all that is wrong.</summary>
    private static CheckLine Together(CheckLine[] lines)
    {
        CheckLine[] wrong = [.. lines.Where(line => line.Verdict != CheckVerdict.Match)];
        if (lines.Length == 1 || wrong.Length == 0)
        {
            return lines[0];
        }

        CheckLine gravest = wrong.FirstOrDefault(line => line.Verdict == CheckVerdict.Error) ?? wrong[0];
        string more = wrong.Length > MostReasons ? $"; and {wrong.Length - MostReasons} more" : "";
        return gravest with { Reason = string.Join("; ", wrong.Take(MostReasons).Select(line => line.Reason)) + more };
    }

    private IEnumerable<CheckLine> OxumLines(Bag bag)
    {
        if (!_leftOut && bag.Oxum is { } oxum && oxum != (_bytes, _files))
        {
            yield return new CheckLine(
                CheckVerdict.Differs, StorePath.FromText("bag-info.txt"),
                $"Payload-Oxum says {oxum.Bytes} bytes in {oxum.Files} files, and there are {_bytes} in {_files}");
        }
    }
}
