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
    public async ValueTask<bool> IsStillThereAsync(StoreEntry source, StoreEntry existing, CancellationToken ct)
    {
        StorePath from = request.Source.Identity.Absolute(source.Path);
        while (await HasNextAsync(ct).ConfigureAwait(false) && _page[_next].Intent.Source.CompareTo(from) < 0)
        {
            _next++;
        }

        // A page never ends between two receipts of one source path.
        for (int at = _next; at < _page.Count && _page[at].Intent.Source == from; at++)
        {
            if (IsOf(_page[at], source, existing))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether this very version of the source was delivered to a place, whatever is there now.</summary>
    public async ValueTask<bool> HasReceiptAsync(StoreEntry source, StorePath destination, CancellationToken ct)
    {
        StorePath from = request.Source.Identity.Absolute(source.Path);
        while (await HasNextAsync(ct).ConfigureAwait(false) && _page[_next].Intent.Source.CompareTo(from) < 0)
        {
            _next++;
        }

        string version = FileIntent.VersionOf(source);
        for (int at = _next; at < _page.Count && _page[at].Intent is var intent && intent.Source == from; at++)
        {
            if (intent.Destination == request.Destination.Identity.Absolute(destination) && intent.Length == source.Length && intent.SourceVersion == version)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOf(Receipt receipt, StoreEntry source, StoreEntry existing) =>
        receipt.Intent.Destination == request.Destination.Identity.Absolute(existing.Path)
        && receipt.Intent.Length == source.Length && existing.Length == source.Length
        && source.ResumeVersion is { } here && here == receipt.Intent.SourceVersion
        && existing.ResumeVersion is { } there && there == receipt.DestinationVersion;

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
