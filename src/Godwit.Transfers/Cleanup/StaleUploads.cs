using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Cleanup;

/// <summary>
/// Uploads under way at a destination: those of this ledger that no run is at work on any more can be removed. What the ledger does not
/// know is told and never touched.
/// </summary>
/// <param name="store">The destination; what lies below its root is looked at.</param>
/// <param name="ledger">The record; null where there is none, and then nothing is ours.</param>
/// <param name="holder">Who asks.</param>
/// <param name="time">The clock.</param>
public sealed class StaleUploads(IStore store, ILedger? ledger, RunHolder holder, TimeProvider time)
{
    private const string Verb = "cleanup";

    /// <summary>Finds the uploads, and removes the stale ones where asked to: each only while no run can take it up.</summary>
    /// <param name="olderThan">Stale uploads that were begun later than this ago are left alone.</param>
    /// <param name="remove">Whether to remove the stale ones.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException">The store cannot be asked.</exception>
    /// <exception cref="LedgerException">The ledger cannot be read or written.</exception>
    public async IAsyncEnumerable<FoundUpload> FindAsync(TimeSpan olderThan, bool remove, [EnumeratorCancellation] CancellationToken ct)
    {
        // First the store: what a run begins after that is not in this list, and what it began before is in the ledger by now.
        Dictionary<string, UploadUnderWay> listed = await ListAsync(ct).ConfigureAwait(false);
        StoreIdentity place = store.Identity;
        IReadOnlyList<FileUnderWay> ours = ledger is null ? []
            : await ledger.ListUnderWayAsync(place.Space, place.Root, holder, ct).ConfigureAwait(false);
        foreach (FileUnderWay file in ours.Where(file => file.File.Intent.Destination.IsBelow(place.Root)))
        {
            if (await LookAsync(file, listed, olderThan, ct).ConfigureAwait(false) is not { } found)
            {
                continue;
            }

            yield return remove && found.State == UploadState.Stale ? await RemoveAsync(file.File, found, ct).ConfigureAwait(false) : found;
        }

        foreach (UploadUnderWay other in listed.Values)
        {
            yield return new FoundUpload(other.Path, UploadState.NotOurs, other.Begun);
        }
    }

    /// <summary>What is left of a file; null for nothing. One that cannot be looked at does not stop the others.</summary>
    private async Task<FoundUpload?> LookAsync(
        FileUnderWay file, Dictionary<string, UploadUnderWay> listed, TimeSpan olderThan, CancellationToken ct)
    {
        try
        {
            if (await new LeftUpload(store, file.File, time).FindAsync(ct).ConfigureAwait(false) is not { } upload)
            {
                return null;
            }

            listed.Remove(upload.Id, out UploadUnderWay? told);
            FoundUpload found = await DescribeAsync(file, upload, told?.Begun ?? file.Began, ct).ConfigureAwait(false);
            return found with { State = file.IsHeld ? UploadState.Running : IsYoung(found, olderThan) ? UploadState.Young : UploadState.Stale };
        }
        catch (StoreException e)
        {
            return new FoundUpload(file.File.Intent.Destination.RelativeTo(store.Identity.Root), UploadState.Failed, file.Began) { Failure = e };
        }
    }

    private async Task<Dictionary<string, UploadUnderWay>> ListAsync(CancellationToken ct)
    {
        var listed = new Dictionary<string, UploadUnderWay>(StringComparer.Ordinal);
        if (store.PartedWrite?.UploadListing is not { } listing)
        {
            return listed;
        }

        ListPosition? position = null;
        do
        {
            UploadPage page = await listing.ListAsync(StorePath.Root, position, ct).ConfigureAwait(false);
            position = page.Next;
            foreach (UploadUnderWay upload in page.Uploads)
            {
                listed[upload.Id] = upload;
            }
        }
        while (position is not null);
        return listed;
    }

    private async Task<FoundUpload> DescribeAsync(FileUnderWay file, PartedUpload upload, Timestamp begun, CancellationToken ct)
    {
        var found = new FoundUpload(upload.Path, UploadState.Stale, begun);
        try
        {
            IReadOnlyList<StoredPart>? parts = await store.PartedWrite!.ListPartsAsync(upload, ct).ConfigureAwait(false);
            return parts is null
                ? found with { Parts = file.File.Parts.Count, Bytes = file.File.Parts.Sum(part => part.Length) }
                : found with { Parts = parts.Count, Bytes = parts.Sum(part => part.Length) };
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            // A run that is at work on it has just published it.
            return found with { Parts = 0, Bytes = 0 };
        }
    }

    private bool IsYoung(FoundUpload found, TimeSpan olderThan) =>
        found.Begun is { } begun && time.GetUtcNow() - begun.ToDateTimeOffset() < olderThan;

    private async Task<FoundUpload> RemoveAsync(UnfinishedFile seen, FoundUpload found, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        StoreIdentity at = store.Identity with { Root = seen.Intent.Destination };
        var record = new TransferRecord(
            TransferId.New(time), Verb, at.ToString(), at.ToString(), at.Space, at.Root, Timestamp.From(time.GetUtcNow()));
        ClaimKeeper claim;
        try
        {
            claim = await ClaimKeeper.ClaimAsync(ledger!, record, holder, _ => stop.Cancel(), time, ct).ConfigureAwait(false);
        }
        catch (ClaimRefusedException)
        {
            return found with { State = UploadState.Running };
        }

        await using ConfiguredAsyncDisposable _ = claim.ConfigureAwait(false);
        FoundUpload result = found with { State = UploadState.Failed };
        try
        {
            result = await RemoveClaimedAsync(seen, found, stop.Token).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            result = result with { Failure = e };
        }
        finally
        {
            TransferOutcome outcome = result.State == UploadState.Failed ? TransferOutcome.Error : TransferOutcome.Success;
            await ledger!.EndTransferAsync(
                record.Id, outcome, new TransferTotals(), Timestamp.From(time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>Removes it if it is still as it was seen: before the claim was ours, a run may have gone on with it or replaced it.</summary>
    private async Task<FoundUpload> RemoveClaimedAsync(UnfinishedFile seen, FoundUpload found, CancellationToken ct)
    {
        StorePath at = seen.Intent.Destination;
        IReadOnlyList<UnfinishedFile> now = await ledger!.FindUnfinishedAsync(store.Identity.Space, at, ct).ConfigureAwait(false);
        if (now.FirstOrDefault(file => file.File == seen.File && file.UploadId == seen.UploadId) is not { } still)
        {
            return found with { State = UploadState.Running };
        }

        var left = new LeftUpload(store, still, time);
        if (await left.RemoveAsync(ct).ConfigureAwait(false) is LeftUploadFate.Published or LeftUploadFate.Completing)
        {
            return found with { State = UploadState.Published };
        }

        await left.ForgetAsync(ledger, ct).ConfigureAwait(false);
        return found with { State = UploadState.Removed };
    }
}
