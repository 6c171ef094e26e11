using Godwit.Storage;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>Gives a proved upload its final name. The one call that must not simply be repeated: when its answer is lost, the store is asked.</summary>
internal sealed class PublishFile(MoveContext context, ProveFile prove)
{
    private const int Tries = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Afterwards the file has its final name, or nothing changed there.</summary>
    public async Task PublishAsync(FileInFlight file, CancellationToken ct)
    {
        if (context.Destination.PartedWrite!.Limits.CompletionMayLag)
        {
            await context.Ledger.RecordCompletingAsync(file.LedgerFile, Timestamp.From(context.Time.GetUtcNow()), ct).ConfigureAwait(false);
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await file.PlaceAsync(() => context.Destination.PartedWrite!.CompleteAsync(file.Upload!, file.Parts, ct)).ConfigureAwait(false);
                return;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists && file.MayStand)
            {
                // The answer to an earlier try was lost. This try's upload is one too many where that one took effect.
                if (!await prove.StandsAsync(file, ct).ConfigureAwait(false))
                {
                    throw;
                }

                await context.Destination.PartedWrite!.AbortAsync(file.Upload!, ct).ConfigureAwait(false);
                return;
            }
            catch (StoreException e) when (MayHaveTakenEffect(e))
            {
                if (await WasPublishedAsync(file, ct).ConfigureAwait(false))
                {
                    return;
                }

                // What was repeated already is not repeated again: retries do not multiply.
                if (attempt >= Tries || (e.TookNoEffect && e.RetriesSpent > 0))
                {
                    throw;
                }
            }

            await Task.Delay(FirstPause * (1 << attempt), context.Time, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Removes what was published and then found wrong. What somebody else put there meanwhile stays.</summary>
    public async Task WithdrawAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry ours = file.Published!;
        StoreEntry? there = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false);
        if (there is not null && there.Version == ours.Version && there.Length == ours.Length && there.Modified == ours.Modified
            && (!file.IsLink || MakeLink.IsSame(there, ours)))
        {
            await context.Destination.DeleteAsync(file.Path, ct).ConfigureAwait(false);
            there = null;
        }

        // Whatever is left standing has no receipt: the next run has to prove it.
        file.Published = null;
        file.MayStand = there is not null;
    }

    private async Task<bool> WasPublishedAsync(FileInFlight file, CancellationToken ct)
    {
        PartedUpload? upload = await context.Destination.PartedWrite!.ResumeAsync(
            file.Path, file.Tag, file.Upload!.Id, file.Item.Source.Length, context.WriteOptionsFor(file), ct).ConfigureAwait(false);
        if (upload is not null)
        {
            return false;
        }

        StoreEntry? there = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false);
        if (there is null || there.Length != file.Item.Source.Length || there.Version == file.Item.Existing?.Version)
        {
            throw new StoreException(StoreErrorKind.NotFound, "The upload is gone and the file was not published.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
                Next = NextStep.RestartFile,
            };
        }

        // Somebody else may have written it: only reading it tells.
        file.Published = there;
        file.Verdict = null;
        return true;
    }

    /// <summary>Whether a call that publishes may have done so although it failed.</summary>
    public static bool MayHaveTakenEffect(StoreException e) => e.Kind
        is StoreErrorKind.Unavailable or StoreErrorKind.TimedOut or StoreErrorKind.Interrupted or StoreErrorKind.RateLimited
        or StoreErrorKind.Unexpected or StoreErrorKind.NotFound;
}
