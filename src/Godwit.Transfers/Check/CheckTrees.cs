using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Check;

/// <summary>Compares two trees, in memory that does not grow with them. Directories are not compared, what they hold is.</summary>
public sealed class CheckTrees(IStore source, IStore destination, CheckOptions options, OpenScratch openScratch, TimeProvider time)
    : IDisposable
{
    // Lines that wait for a large file before them; those behind it are compared meanwhile.
    private const int LinesAhead = 256;

    private readonly CompareContents _contents = new(source, destination, options, time);

    // What could not be looked at, and whether that may pass. It grows with the errors only.
    private readonly Dictionary<StorePath, bool> _sourceUnknown = [];
    private readonly LeftOutDirectories _leftOut = new();
    private readonly Dictionary<StorePath, bool> _destinationUnknown = [];

    /// <summary>One line for each path that passes the filter, in the order of the listings.</summary>
    /// <exception cref="StoreException">A root cannot be listed; its side is set. An absent destination is an empty one.</exception>
    public async IAsyncEnumerable<CheckLine> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var lines = Channel.CreateBounded<Task<CheckLine>>(new BoundedChannelOptions(LinesAhead) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var comparing = Task.Run(() => ProduceAsync(lines.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (Task<CheckLine> line in lines.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                yield return await line.ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await comparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (lines.Reader.TryRead(out Task<CheckLine>? line))
            {
                await ((Task)line).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The line of one file, which may have another name at the destination.</summary>
    /// <exception cref="StoreException">A store cannot be asked.</exception>
    public async Task<CheckLine> ReadOneAsync(SingleFile file, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(file);
        StoreEntry here = await source.StatAsync(file.Source, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{file.Source}\" is not there.") { Side = StoreSide.Source, Path = file.Source };
        StoreEntry? there = await destination.StatAsync(file.Destination, ct).ConfigureAwait(false);
        return there is null
            ? new CheckLine(CheckVerdict.MissingOnDestination, file.Source, "only in the source")
            : await _contents.JudgeAsync(here, there, ct).ConfigureAwait(false);
    }

    /// <summary>Lets go of what limits the comparisons.</summary>
    public void Dispose() => _contents.Dispose();

    private async Task ProduceAsync(ChannelWriter<Task<CheckLine>> lines, CancellationToken ct)
    {
        try
        {
            await foreach (PairChunk chunk in MergeTrees.InStepAsync(List(source, false, ct), List(destination, true, ct), ct).ConfigureAwait(false))
            {
                // What could not be looked at comes first: it decides what the lack of a file on that side means.
                await ReportAsync(chunk.SourceUnreadable, StoreSide.Source, _sourceUnknown, lines, ct).ConfigureAwait(false);
                await ReportAsync(chunk.DestinationUnreadable, StoreSide.Destination, _destinationUnknown, lines, ct).ConfigureAwait(false);
                _leftOut.Add(chunk.LeftOut);
                chunk.LeftOut.ToList().ForEach(options.Filter.LeftOutBelow);
                foreach (TreePair pair in chunk.Pairs.Where(pair => pair.Source is not null || !_leftOut.Covers(pair.Destination!.Path)))
                {
                    if (Judge(pair, ct) is { } line)
                    {
                        await lines.WriteAsync(line, ct).ConfigureAwait(false);
                    }
                }
            }

            lines.Complete();
        }
#pragma warning disable CA1031 // Whatever stops the comparison is thrown to its reader, who awaits the channel.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lines.Complete(e);
        }
    }

    private async IAsyncEnumerable<ListingChunk> List(IStore store, bool isDestination, [EnumeratorCancellation] CancellationToken ct)
    {
        var listing = new TreeListingOptions
        {
            OpenScratch = openScratch,
            AbsentIsEmpty = isDestination,
            Descends = options.Filter.Descends,
            Marks = isDestination ? NameSet.None : options.Filter.Marks,
        };
        IAsyncEnumerator<ListingChunk> chunks = TimedListing.ReadAsync(store, listing, options.Filter, ct).GetAsyncEnumerator(ct);
        await using ConfiguredAsyncDisposable _ = chunks.ConfigureAwait(false);
        while (true)
        {
            try
            {
                if (!await chunks.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }
            }
            catch (StoreException e)
            {
                e.Side = isDestination ? StoreSide.Destination : StoreSide.Source;
                throw;
            }

            yield return chunks.Current;
        }
    }

    private static async ValueTask ReportAsync(
        IReadOnlyList<StoreException> errors, StoreSide side, Dictionary<StorePath, bool> unknown, ChannelWriter<Task<CheckLine>> lines,
        CancellationToken ct)
    {
        foreach (StoreException error in errors)
        {
            StorePath path = error.Path ?? StorePath.Root;
            var failure = FileFailure.From(error, side);
            unknown[path] = failure.MayPass;
            await lines.WriteAsync(Task.FromResult(ErrorLine(path, failure)), ct).ConfigureAwait(false);
        }
    }

    private Task<CheckLine>? Judge(TreePair pair, CancellationToken ct)
    {
        // A filter by size or time may take one side only of what is two versions of one file: then both are compared.
        bool taken = IsSelected(pair.Source) | IsSelected(pair.Destination);
        StoreEntry? here = taken ? NoDirectory(pair.Source) : null;
        StoreEntry? there = taken ? NoDirectory(pair.Destination) : null;
        if (here is not null && PassedOver(here))
        {
            return Line(CheckVerdict.Skipped, here.Path, here.Kind == EntryKind.Link ? "links are skipped" : "not a file");
        }

        return (here, there) switch
        {
            ({ } only, null) when CauseAt(only.Path, _destinationUnknown) is { } mayPass => Unknown(only.Path, StoreSide.Destination, mayPass),
            ({ } only, null) => Line(CheckVerdict.MissingOnDestination, only.Path, "only in the source"),
            (null, { } only) when options.OneWay || PassedOver(only) => null,
            (null, { } only) when CauseAt(only.Path, _sourceUnknown) is { } mayPass => Unknown(only.Path, StoreSide.Source, mayPass),
            (null, { } only) => Line(CheckVerdict.MissingOnSource, only.Path, "only in the destination"),
            ({ } left, { } right) => _contents.JudgeAsync(left, right, ct),
            _ => null,
        };
    }

    private bool IsSelected(StoreEntry? entry) => NoDirectory(entry) is { } file && options.Filter.Includes(file);

    private static StoreEntry? NoDirectory(StoreEntry? entry) => entry is { Kind: EntryKind.Directory } ? null : entry;

    private bool PassedOver(StoreEntry entry) =>
        entry.Kind == EntryKind.Other || (entry.Kind == EntryKind.Link && options.Links != LinkPolicy.Keep);

    private static bool? CauseAt(StorePath path, Dictionary<StorePath, bool> unknown)
    {
        for (StorePath at = path; unknown.Count > 0 && !at.IsRoot; at = at.Parent)
        {
            if (unknown.TryGetValue(at, out bool mayPass))
            {
                return mayPass;
            }
        }

        return unknown.TryGetValue(StorePath.Root, out bool rootMayPass) ? rootMayPass : null;
    }

    private static Task<CheckLine> Unknown(StorePath path, StoreSide side, bool mayPass)
    {
        string place = side == StoreSide.Source ? "source" : "destination";
        return Task.FromResult(ErrorLine(path, new FileFailure(
            "not-known", side, $"Whether the {place} has it is not known: its directory there could not be listed.", mayPass, NextStep.GiveUp)));
    }

    private static CheckLine ErrorLine(StorePath path, FileFailure failure) => new(CheckVerdict.Error, path, failure.Message, failure);

    private static Task<CheckLine> Line(CheckVerdict verdict, StorePath path, string reason) =>
        Task.FromResult(new CheckLine(verdict, path, reason));
}
