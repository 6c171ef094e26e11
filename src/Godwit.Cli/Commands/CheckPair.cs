using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Commands;

/// <summary>Something that gives lines of a check.</summary>
internal interface ICheck
{
    /// <summary>What the destination is held against: <c>source</c> or <c>manifest</c>.</summary>
    string SourceWord { get; }

    /// <summary>The lines; once.</summary>
    IAsyncEnumerable<CheckLine> ReadAsync(CancellationToken ct);

    /// <summary>Says what belongs to no line, after the last.</summary>
    /// <param name="compared">How many files were on both sides.</param>
    /// <param name="error">Where to.</param>
    /// <returns>Whether something of it is a difference.</returns>
    Task<bool> TellAsync(long compared, TextWriter error);
}

/// <summary>Compares two trees, or two files.</summary>
internal sealed class CheckPair(TransferEnds ends, CheckOptions options, FilterSelection selection, CommandContext context) : ICheck
{
    private bool _isNothingThere;
    private bool _keepsDirectories;

    /// <inheritdoc/>
    public string SourceWord => "source";

    /// <inheritdoc/>
    public async IAsyncEnumerable<CheckLine> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        IStore source = Reach.Dress(ends.Source, StoreSide.Source, context.Wiring, ends.Limits.Source.Transfers);
        await using ConfiguredAsyncDisposable closingSource = source.ConfigureAwait(false);
        IStore destination = Reach.Dress(ends.Destination, StoreSide.Destination, context.Wiring, ends.Limits.Destination.Transfers);
        await using ConfiguredAsyncDisposable closingDestination = destination.ConfigureAwait(false);
        if (selection.Listed is { } listed)
        {
            RequireTrees(listed);
            using var checkListed = new CheckListed(source, destination, options, context.Wiring.Time);
            await foreach (CheckLine line in checkListed.ReadAsync(listed, ct).ConfigureAwait(false))
            {
                yield return line;
            }

            yield break;
        }

        using var check = new CheckTrees(source, destination, options, ScratchFile.Open, context.Wiring.Time);
        if (ends.Single is { } single)
        {
            StorePath name = ends.GivenName ?? single.Source;
            StoreEntry? entry = await source.StatAsync(single.Source, ct).ConfigureAwait(false);
            if (entry is null || options.Filter.Includes(entry with { Path = name }))
            {
                yield return await check.ReadOneAsync(single, ct).ConfigureAwait(false) with { Path = name };
            }

            foreach (CheckLine line in NotMet(selection))
            {
                yield return line;
            }

            yield break;
        }

        bool isThere = false;
        await foreach (CheckLine line in check.ReadAsync(ct).ConfigureAwait(false))
        {
            isThere |= line.Verdict is CheckVerdict.Match or CheckVerdict.Differs or CheckVerdict.MissingOnSource;
            yield return line;
        }

        _keepsDirectories = destination.Directories is not null;
        _isNothingThere = !isThere && await destination.StatAsync(StorePath.Root, ct).ConfigureAwait(false) is null;
        foreach (CheckLine line in NotMet(selection))
        {
            yield return line;
        }
    }

    private void RequireTrees(ListedFiles listed)
    {
        IReadOnlyList<string> faults = ends.Single is null
            ? listed.Faults(ends.Source.Identity, ends.Destination.Identity, removesSource: false)
            : ["SRC is a single file, and --files-from with columns names files below a directory. Name the directory."];
        if (faults.Count > 0)
        {
            throw new CommandException(ExitCode.Usage, faults);
        }
    }

    /// <summary>What a list names and neither side has was not compared.</summary>
    public static IEnumerable<CheckLine> NotMet(FilterSelection selection)
    {
        foreach (StorePath path in selection.Files?.NotMet ?? [])
        {
            var failure = new FileFailure("not-found", StoreSide.Source, "listed in --files-from and on neither side", false, NextStep.GiveUp);
            yield return new CheckLine(CheckVerdict.Error, path, failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TellAsync(long compared, TextWriter error)
    {
        if (_isNothingThere)
        {
            // One mistyped letter looks like a copy of which nothing arrived.
            await error.WriteLineAsync($"godwit: DST {ends.DestinationText} does not exist. Check its name.").ConfigureAwait(false);
        }

        // An empty directory is not the same as none. Where no directories are kept, nothing more can be there of an empty one.
        return _isNothingThere && _keepsDirectories;
    }
}
