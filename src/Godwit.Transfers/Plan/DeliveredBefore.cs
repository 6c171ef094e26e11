using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>What the ledger says about files that are still the same on both sides. Asked in key order, it reads each receipt once.</summary>
internal sealed class DeliveredBefore(TransferRequest request, ILedger ledger)
{
    private const int PageReceipts = 1_000;

    private readonly ReceiptScope _scope = new(
        request.Source.Identity.Space, request.Source.Identity.Root, request.Destination.Identity.Space, request.Destination.Identity.Root);

    private IReadOnlyList<Receipt> _page = [];
    private StorePath? _after;
    private int _next;
    private bool _ended;

    /// <summary>Whether this very version of the source was delivered here, and what was delivered is still there.</summary>
    /// <remarks>Both versions have to be told: what a store cannot tell apart proves nothing.</remarks>
    public async ValueTask<bool> IsStillThereAsync(StoreEntry source, StoreEntry existing, CancellationToken ct) =>
        source.ResumeVersion is { } here && source.Length == existing.Length
        && (await FindAsync(source, existing, ct).ConfigureAwait(false)).Any(receipt => receipt.Intent.SourceVersion == here);

    /// <summary>Whether what is there was delivered from another version of the source, which a destination of coarse times cannot show.</summary>
    public async ValueTask<bool> IsOfAnotherVersionAsync(StoreEntry source, StoreEntry existing, CancellationToken ct) =>
        source.ResumeVersion is { } here
        && await FindAsync(source, existing, ct).ConfigureAwait(false) is { Count: > 0 } receipts
        && receipts.All(receipt => receipt.Intent.SourceVersion != here);

    /// <summary>The receipts of what is there.</summary>
    private async ValueTask<List<Receipt>> FindAsync(StoreEntry source, StoreEntry existing, CancellationToken ct)
    {
        StorePath from = request.Source.Identity.Absolute(source.Path);
        while (await HasNextAsync(ct).ConfigureAwait(false) && _page[_next].Intent.Source.CompareTo(from) < 0)
        {
            _next++;
        }

        // A page never ends between two receipts of one source path.
        var found = new List<Receipt>();
        for (int at = _next; at < _page.Count && _page[at].Intent.Source == from; at++)
        {
            if (IsOf(_page[at], existing))
            {
                found.Add(_page[at]);
            }
        }

        return found;
    }

    private bool IsOf(Receipt receipt, StoreEntry existing) =>
        receipt.Intent.Destination == request.Destination.Identity.Absolute(existing.Path)
        && existing.Length == receipt.Intent.Length && existing.ResumeVersion is { } there && there == receipt.DestinationVersion;

    private async ValueTask<bool> HasNextAsync(CancellationToken ct)
    {
        while (_next == _page.Count && !_ended)
        {
            _page = await ledger.ListReceiptsAsync(_scope, _after, PageReceipts, ct).ConfigureAwait(false);
            _next = 0;
            _ended = _page.Count < PageReceipts;
            _after = _page.Count > 0 ? _page[^1].Intent.Source : _after;
        }

        return _next < _page.Count;
    }
}
