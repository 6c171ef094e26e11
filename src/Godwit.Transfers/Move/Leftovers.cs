using System.Runtime.ExceptionServices;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>
/// What earlier runs began below this destination and did not finish: gone on with where the plan wants the same file, removed where not.
/// Only what the ledger recorded is ever touched.
/// </summary>
internal sealed class Leftovers(TransferRequest request, ILedger ledger, ITransferObserver observer, TimeProvider time)
{
    private readonly Dictionary<StorePath, UnfinishedFile> _byPath = [];

    /// <summary>Reads what there is.</summary>
    public async Task LoadAsync(StorePath claim, CancellationToken ct)
    {
        StoreIdentity destination = request.Destination.Identity;
        foreach (UnfinishedFile file in await ledger.FindUnfinishedAsync(destination.Space, claim, ct).ConfigureAwait(false))
        {
            if (file.Intent.Destination == destination.Root || file.Intent.Destination.IsBelow(destination.Root))
            {
                _byPath[file.Intent.Destination.RelativeTo(destination.Root)] = file;
            }
        }
    }

    /// <summary>Takes what is left of the file that the plan wants: it is gone on with when it is of this version, else its upload is
    /// removed. The ledger remembers either until the file is begun again in its place: what stands there may be unproved.</summary>
    /// <param name="item">The plan's line.</param>
    /// <param name="onlyProof">Whether the plan finds the file there, so that only its proof is missing.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<FileInFlight> TakeAsync(PlanItem item, bool onlyProof, CancellationToken ct)
    {
        if (_byPath.Count == 0 || !_byPath.Remove(item.Destination, out UnfinishedFile? left))
        {
            return new FileInFlight(item, UploadTag.New());
        }

        bool mayStand = item.Existing is not null || request.Policy.Compare == CompareBy.Ledger;
        if (IsSame(left, item.Source))
        {
            return new FileInFlight(item, left.Intent.Tag) { Unfinished = left, OnlyProof = onlyProof, MayStand = mayStand };
        }

        if (await RemoveUploadAsync(left, ct).ConfigureAwait(false) == LeftUploadFate.Completing)
        {
            throw new StoreException(
                StoreErrorKind.Unavailable,
                "An earlier run was ending the upload of another version when it was stopped, and the server may still be at it. Run again in an hour.")
            {
                Path = item.Destination,
                Next = NextStep.RepeatCallLater,
            };
        }

        return new FileInFlight(item, UploadTag.New()) { OnlyProof = onlyProof, MayStand = mayStand };
    }

    /// <summary>Whether a file that the plan finds unchanged may have been published by a run that did not prove it: of which version
    /// and by which transfer does not matter, what stands there has no receipt.</summary>
    public bool LacksReceipt(PlanItem item) =>
        _byPath.Count > 0 && item.Source.Kind is EntryKind.File or EntryKind.Link && _byPath.ContainsKey(item.Destination);

    /// <summary>Leaves what is left of a file for the next run: this one cannot tell whether it is wanted.</summary>
    public void Keep(PlanItem item) => _byPath.Remove(item.Destination);

    /// <summary>Removes the uploads that nobody wants any more. What this run was not about stays: another filter, list or source may want it.
    /// Where a file stands, the ledger still remembers that it may be unproved.</summary>
    /// <exception cref="StoreException">Something could not be removed; all else was, and the ledger still knows of it.</exception>
    public async Task RemoveRestAsync(CancellationToken ct)
    {
        ExceptionDispatchInfo? first = null;
        foreach (UnfinishedFile left in _byPath.Values.Where(WasLookedFor))
        {
            try
            {
                if (await RemoveUploadAsync(left, ct).ConfigureAwait(false) != LeftUploadFate.Completing)
                {
                    await new LeftUpload(request.Destination, left, time).ForgetAsync(ledger, ct).ConfigureAwait(false);
                }
            }
            catch (StoreException e)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        _byPath.Clear();
        first?.Throw();
    }

    private async Task<LeftUploadFate> RemoveUploadAsync(UnfinishedFile left, CancellationToken ct)
    {
        var upload = new LeftUpload(request.Destination, left, time);
        LeftUploadFate fate = await upload.RemoveAsync(ct).ConfigureAwait(false);
        if (fate == LeftUploadFate.Removed)
        {
            observer.On(new LeftoverRemoved(upload.Path));
        }

        return fate;
    }

    private bool WasLookedFor(UnfinishedFile left)
    {
        StoreIdentity source = request.Source.Identity;
        return request.Filter == EntryFilter.All && request.Listed is null && left.Intent.SourceSpace == source.Space && left.Intent.Source.IsBelow(source.Root);
    }

    private bool IsSame(UnfinishedFile left, StoreEntry source) =>
        left.Intent.SourceSpace == request.Source.Identity.Space
        && left.Intent.Source == request.Source.Identity.Absolute(source.Path)
        && left.Intent.Length == source.Length
        && left.Intent.SourceVersion == FileIntent.VersionOf(source);
}
