using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Commands;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Relay;

/// <summary>Compares a box with a tree as two trees are compared, and says of what the tree lacks whether it waits or was delivered.</summary>
/// <param name="places">The box and the tree.</param>
/// <param name="options">How.</param>
/// <param name="deliveredOnly">Whether what waits is passed over.</param>
/// <param name="selection">Which files.</param>
/// <param name="context">The process.</param>
internal sealed class RelayCheck(RelayPlaces places, CheckOptions options, bool deliveredOnly, FilterSelection selection, CommandContext context) : ICheck
{
    /// <inheritdoc/>
    public string SourceWord => "box";

    /// <inheritdoc/>
    public async IAsyncEnumerable<CheckLine> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        IStore box = BoxLayouts.Open(places.Box, new DropBoxOptions { CountsDelivered = true, Layout = places.Layout }, context.Wiring.Time);
        IStore known = StoreStack.Build(box, new StoreStackOptions { Side = StoreSide.Source }, context.Wiring.Time);
        IBoxContents contents = BoxLayouts.ContentsOf(places.Box, places.Layout);
        using var check = new CheckTrees(known, places.Tree, options, ScratchFile.Open, context.Wiring.Time);
        await foreach (CheckLine line in check.ReadAsync(ct).ConfigureAwait(false))
        {
            if (await ToldAsync(contents, line, ct).ConfigureAwait(false) is { } told)
            {
                yield return told;
            }
        }

        foreach (CheckLine line in CheckPair.NotMet(selection))
        {
            yield return line;
        }
    }

    /// <inheritdoc/>
    public Task<bool> TellAsync(long compared, TextWriter error) => Task.FromResult(false);

    /// <summary>The line with what the box knows; null where it is passed over.</summary>
    private async ValueTask<CheckLine?> ToldAsync(IBoxContents contents, CheckLine line, CancellationToken ct)
    {
        if (line.Verdict == CheckVerdict.MissingOnSource)
        {
            return line with { Reason = "the box does not know it" };
        }

        bool isMissing = line.Verdict == CheckVerdict.MissingOnDestination;
        if (!isMissing && !(deliveredOnly && line.Verdict is CheckVerdict.Match or CheckVerdict.Differs))
        {
            return line;
        }

        try
        {
            return await contents.FindAsync(line.Path, ct).ConfigureAwait(false) switch
            {
                { Delivered: null } when deliveredOnly => null,
                { Delivered: { } then } when isMissing => line with { Reason = $"delivered {then}, and not there" },
                not null when isMissing => line with { Reason = "it waits in the box, and is not there" },
                _ => line,
            };
        }
        catch (StoreException e)
        {
            var failure = FileFailure.From(e, StoreSide.Source);
            return new CheckLine(CheckVerdict.Error, line.Path, failure.Message, failure);
        }
    }
}
