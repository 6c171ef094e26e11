using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Check;

/// <summary>Compares the files of a list, each under the name that it has on either side; where the list names a checksum, both sides are read and
/// held against it. No tree is listed, so nothing is said of what only the destination has.</summary>
public sealed class CheckListed(IStore source, IStore destination, CheckOptions options, TimeProvider time) : IDisposable
{
    private const int Together = 256;

    private readonly CompareContents _contents = new(source, destination, options, time);

    /// <summary>One line for each file that passes the filter, under its path at the source and in order of that.</summary>
    public async IAsyncEnumerable<CheckLine> ReadAsync(ListedFiles files, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(files);
        int atOnce = Math.Min(source.Limits.DefaultConcurrency, destination.Limits.DefaultConcurrency);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct };
        foreach (ListedFile[] some in files.BySource.Chunk(Together))
        {
            var lines = new CheckLine?[some.Length];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, some.Length), parallel, async (i, stop) => lines[i] = await JudgeAsync(some[i], stop).ConfigureAwait(false))
                .ConfigureAwait(false);
            foreach (CheckLine line in lines.OfType<CheckLine>())
            {
                yield return line;
            }
        }
    }

    /// <summary>Lets go of what limits the comparisons.</summary>
    public void Dispose() => _contents.Dispose();

    private async ValueTask<CheckLine?> JudgeAsync(ListedFile file, CancellationToken ct)
    {
        var side = StoreSide.Source;
        try
        {
            StoreEntry? here = await source.StatAsync(file.Source, ct).ConfigureAwait(false);
            side = StoreSide.Destination;
            StoreEntry? there = await destination.StatAsync(file.Destination, ct).ConfigureAwait(false);
            if ((here ?? there) is { } known && !options.Filter.Includes(known with { Path = file.Source }))
            {
                return null;
            }

            return Alone(file, here, there) ?? await HoldAsync(file, await _contents.JudgeAsync(here!, there!, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            return Error(file, FileFailure.From(e, side));
        }
    }

    private CheckLine? Alone(ListedFile file, StoreEntry? here, StoreEntry? there) => (here, there) switch
    {
        (null, null) => Error(file, FileFailure.NotThere with { Message = "listed in --files-from and on neither side" }),
        (null, _) when options.OneWay => Error(file, FileFailure.NotThere),
        (null, _) => new CheckLine(CheckVerdict.MissingOnSource, file.Source, $"only in the destination, as \"{file.Destination}\""),
        ({ Kind: EntryKind.Directory }, _) => Error(file, FileFailure.NotThere with { Message = "It is a directory, and a list names files." }),
        ({ Kind: EntryKind.Other }, _) => new CheckLine(CheckVerdict.Skipped, file.Source, "not a file"),
        ({ Kind: EntryKind.Link }, _) when options.Links != LinkPolicy.Keep => new CheckLine(CheckVerdict.Skipped, file.Source, "links are skipped"),
        (_, null) => new CheckLine(CheckVerdict.MissingOnDestination, file.Source, $"only in the source; \"{file.Destination}\" is not there"),
        _ => null,
    };

    /// <summary>What is the same on both sides may be wrong on both.</summary>
    private async ValueTask<CheckLine> HoldAsync(ListedFile file, CheckLine line, CancellationToken ct)
    {
        if (line.Verdict != CheckVerdict.Match || file.Expected is not { } expected)
        {
            return line;
        }

        (IStore Store, StorePath Path, StoreSide Side)[] sides = [(source, file.Source, StoreSide.Source), (destination, file.Destination, StoreSide.Destination)];
        foreach ((IStore store, StorePath path, StoreSide side) in sides)
        {
            try
            {
                (IReadOnlyList<Checksum> read, _) = await ChecksumReading.OfAsync(store, path, [expected.Kind], ct).ConfigureAwait(false);
                if (read[0] != expected)
                {
                    string where = side == StoreSide.Source ? "source" : "destination";
                    return new CheckLine(CheckVerdict.Differs, file.Source, $"the {where} is {read[0]}, the list says {expected}", By: CheckedBy.Reading);
                }
            }
            catch (StoreException e)
            {
                return Error(file, FileFailure.From(e, side));
            }
        }

        return line with { Reason = $"same {Checksum.NameOf(expected.Kind)} as the list", By = CheckedBy.Reading };
    }

    private static CheckLine Error(ListedFile file, FileFailure failure) => new(CheckVerdict.Error, file.Source, failure.Message, failure);
}
