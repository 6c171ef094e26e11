using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary>What <c>relay prune</c> is for a bucket of CTA Relay: uploads of large files that stopped, of either program. What a bucket holds of them it
/// does not tell.</summary>
internal static class RelayUploads
{
    /// <summary>Takes away what was begun before a moment, and says how much.</summary>
    public static async Task<int> PruneAsync(
        IStore store, Timestamp before, bool dryRun, bool asJson, CommandContext context, CancellationToken ct)
    {
        var leftovers = new StoppedUploads(store);
        var left = new List<StoppedUpload>();
        await foreach (StoppedUpload one in leftovers.FindAsync(path => !path.IsRoot && path.Parent.IsRoot, before, ct).ConfigureAwait(false))
        {
            left.Add(one);
        }

        long count = 0;
        var facts = new ExitFacts();
        foreach (StoppedUpload leftover in left)
        {
            try
            {
                count += dryRun || await leftovers.RemoveAsync(leftover, ct).ConfigureAwait(false) ? 1 : 0;
            }
            catch (StoreException e)
            {
                facts = await facts.ReportAsync(e, leftover.Path, context.Error).ConfigureAwait(false);
            }
        }

        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteBoolean("dry_run", dryRun);
                json.WriteNumber("uploads", count);
            });
            return (int)facts.Choose();
        }

        output.Text(dryRun ? $"dry run, nothing was changed; would free {Amount.Of(count, "upload")}\n" : $"freed {Amount.Of(count, "upload")}\n");
        return (int)facts.Choose();
    }
}
