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
    private StorePath? _asked;
    private int _next;
    private bool _ended;

    /// <summary>Whether this very version of the source was delivered here, and what was delivered is still there.</summary>
    /// <remarks>Both versions have to be told: what a store cannot tell apart proves nothing.</remarks>
    public ValueTask<bool> IsStillThereAsync(StoreEntry source, StoreEntry existing, CancellationToken ct) =>
        AnyAsync(source, receipt => IsOf(receipt, source, existing), ct);

    /// <summary>Whether any version of the source was delivered here, and what was delivered is still there.</summary>
    /// <remarks>As above.</remarks>
    public ValueTask<bool> IsDeliveredAsync(StoreEntry source, StoreEntry existing, CancellationToken ct) =>
        AnyAsync(source, receipt => IsThere(receipt, existing), ct);

    /// <summary>Whether what is there was delivered from another version of the source, which a destination of coarse times cannot show.</summary>
    public async ValueTask<bool> IsOfAnotherVersionAsync(StoreEntry source, StoreEntry existing, CancellationToken ct) =>
        source.ResumeVersion is not null
        && !await IsStillThereAsync(source, existing, ct).ConfigureAwait(false)
        && await IsDeliveredAsync(source, existing, ct).ConfigureAwait(false);

    /// <summary>Whether this very version of the source was delivered to a place, whatever is there now.</summary>
    public ValueTask<bool> HasReceiptAsync(StoreEntry source, StorePath destination, CancellationToken ct)
    {
        string version = FileIntent.VersionOf(source);
        StorePath place = request.Destination.Identity.Absolute(destination);
        return AnyAsync(
            source,
            receipt => receipt.Intent.Destination == place && receipt.Intent.Length == source.Length && receipt.Intent.SourceVersion == version,
            ct);
    }

    private async ValueTask<bool> AnyAsync(StoreEntry source, Func<Receipt, bool> holds, CancellationToken ct)
    {
        StorePath from = request.Source.Identity.Absolute(source.Path);
        if (_asked is { } before && from.CompareTo(before) < 0)
        {
            // What waited for a contested place comes a little late.
            (_page, _after, _next, _ended) = ([], null, 0, false);
        }

        _asked = from;
        while (await HasNextAsync(ct).ConfigureAwait(false) && _page[_next].Intent.Source.CompareTo(from) < 0)
        {
            _next++;
        }

        // A page never ends between two receipts of one source path.
        for (int at = _next; at < _page.Count && _page[at].Intent.Source == from; at++)
        {
            if (holds(_page[at]))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOf(Receipt receipt, StoreEntry source, StoreEntry existing) =>
        receipt.Intent.Length == source.Length
        && source.ResumeVersion is { } here && here == receipt.Intent.SourceVersion
        && IsThere(receipt, existing);

    private bool IsThere(Receipt receipt, StoreEntry existing) =>
        receipt.Intent.Destination == request.Destination.Identity.Absolute(existing.Path)
        && existing.Length == receipt.Intent.Length
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
