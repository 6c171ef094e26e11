using System.Runtime.ExceptionServices;
using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>
/// What earlier runs began below this destination and did not finish: gone on with where the plan wants the same file, removed where not.
/// Only what the ledger recorded is ever touched.
/// </summary>
internal sealed class Leftovers(TransferRequest request, ILedger ledger, ITransferObserver observer)
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

    /// <summary>What is left of exactly the file that the plan wants to move; it is ours from now on. What is left of another version is
    /// removed first.</summary>
    public async ValueTask<UnfinishedFile?> TakeAsync(PlanItem item, CancellationToken ct)
    {
        if (_byPath.Count == 0 || !_byPath.Remove(item.Destination, out UnfinishedFile? left))
        {
            return null;
        }

        if (IsSame(left, item.Source))
        {
            return left;
        }

        await RemoveAsync(left, ct).ConfigureAwait(false);
        return null;
    }

    /// <summary>Whether a file that the plan finds unchanged was published by a run that died before its receipt.</summary>
    public bool LacksReceipt(PlanItem item) =>
        _byPath.Count > 0 && item.Source.Kind is EntryKind.File or EntryKind.Link
        && _byPath.TryGetValue(item.Destination, out UnfinishedFile? left) && IsSame(left, item.Source);

    /// <summary>Removes what nobody wanted.</summary>
    /// <exception cref="StoreException">Something could not be removed; all else was, and the ledger still knows of it.</exception>
    public async Task RemoveRestAsync(CancellationToken ct)
    {
        ExceptionDispatchInfo? first = null;
        foreach (UnfinishedFile left in _byPath.Values)
        {
            try
            {
                await RemoveAsync(left, ct).ConfigureAwait(false);
            }
            catch (StoreException e)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        _byPath.Clear();
        first?.Throw();
    }

    private async Task RemoveAsync(UnfinishedFile left, CancellationToken ct)
    {
        StorePath path = left.Intent.Destination.RelativeTo(request.Destination.Identity.Root);
        if (request.Destination.PartedWrite is { } parted)
        {
            PartedUpload? upload = await parted.ResumeAsync(
                path, left.Intent.Tag, left.UploadId, left.Intent.Length, WriteOptions.Default, ct).ConfigureAwait(false);
            if (upload is not null)
            {
                await parted.AbortAsync(upload, ct).ConfigureAwait(false);
                observer.On(new LeftoverRemoved(path));
            }
        }

        await ledger.ForgetFilesAsync([left.File], ct).ConfigureAwait(false);
    }

    private bool IsSame(UnfinishedFile left, StoreEntry source) =>
        left.Intent.SourceSpace == request.Source.Identity.Space
        && left.Intent.Source == request.Source.Identity.Absolute(source.Path)
        && left.Intent.Length == source.Length
        && left.Intent.SourceVersion == FileIntent.VersionOf(source);
}
