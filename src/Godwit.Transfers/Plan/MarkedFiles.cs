using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>What people said of files before: those of a baseline are left out, those to be sent again are sent. Asked in key order, it reads each
/// mark once.</summary>
internal sealed class MarkedFiles(TransferRequest request, ILedger? ledger)
{
    private const int PageMarks = 1_000;

    private readonly ReceiptScope _scope = new(
        request.Source.Identity.Space, request.Source.Identity.Root, request.Destination.Identity.Space, request.Destination.Identity.Root);

    private IReadOnlyList<FileMark> _page = [];
    private StorePath? _after;
    private int _next;
    private bool _ended = ledger is null;
    private bool _any;

    /// <summary>The plan's line as the marks make it.</summary>
    public async ValueTask<PlanItem> ApplyAsync(PlanItem item, CancellationToken ct)
    {
        bool mayBeMarked = item.Source.Kind is EntryKind.File or EntryKind.Link && item.Decision is
            PlanDecision.Move or PlanDecision.Compare or PlanDecision.MakeLink or PlanDecision.Unchanged or PlanDecision.Impossible;
        if (!mayBeMarked || await FindAsync(item, ct).ConfigureAwait(false) is not { } mark)
        {
            return item;
        }

        return mark.Kind switch
        {
            MarkKind.Baseline when IsOf(mark, item.Source) => item with
            {
                Decision = PlanDecision.BeforeBaseline,
                Reason = "before the baseline",
                Failure = null,
            },
            MarkKind.Resend when item.Decision is PlanDecision.Unchanged or PlanDecision.Compare && !request.Policy.NoOverwrite => item with
            {
                Decision = item.Source.Kind == EntryKind.Link ? PlanDecision.MakeLink : PlanDecision.Move,
                Reason = "to be sent again",
            },
            MarkKind.Resend when item is { Existing: null, Decision: PlanDecision.Move or PlanDecision.MakeLink }
                && request.Policy is { Compare: CompareBy.Ledger, NoOverwrite: false } => item with
                {
                    Reason = "to be sent again",
                    Existing = AsDelivered(mark, item.Destination),
                },
            _ => item,
        };
    }

    /// <summary>By the ledger nobody looks at the destination, and the receipt that told of a file there was taken back: the mark in its place tells
    /// that one may stand there, to be replaced.</summary>
    private static StoreEntry AsDelivered(FileMark mark, StorePath destination) =>
        new() { Path = destination, Kind = EntryKind.File, Length = mark.Length, ResumeVersion = mark.SourceVersion };

    private static bool IsOf(FileMark mark, StoreEntry source) =>
        mark.SourceVersion.Length > 0 && mark.SourceVersion == FileIntent.VersionOf(source) && mark.Length == source.Length;

    private async ValueTask<FileMark?> FindAsync(PlanItem item, CancellationToken ct)
    {
        bool hasNext = await HasNextAsync(ct).ConfigureAwait(false);
        if (!_any)
        {
            return null;
        }

        StorePath source = request.Source.Identity.Absolute(item.Source.Path);
        StorePath destination = request.Destination.Identity.Absolute(item.Destination);
        if (item.Source.Path.MayBeEncoded)
        {
            // They come last, whatever their order.
            var exact = new ReceiptScope(_scope.SourceSpace, source, _scope.DestinationSpace, destination);
            return Of(await ledger!.ListMarksAsync(exact, null, 1, ct).ConfigureAwait(false), 0, source, destination);
        }

        for (; hasNext && _page[_next].Source.CompareTo(source) < 0; hasNext = await HasNextAsync(ct).ConfigureAwait(false))
        {
            _next++;
        }

        return Of(_page, _next, source, destination);
    }

    /// <summary>A page never ends between two marks of one source path.</summary>
    private static FileMark? Of(IReadOnlyList<FileMark> page, int from, StorePath source, StorePath destination)
    {
        for (int at = from; at < page.Count && page[at].Source == source; at++)
        {
            if (page[at].Destination == destination)
            {
                return page[at];
            }
        }

        return null;
    }

    private async ValueTask<bool> HasNextAsync(CancellationToken ct)
    {
        while (_next == _page.Count && !_ended)
        {
            _page = await ledger!.ListMarksAsync(_scope, _after, PageMarks, ct).ConfigureAwait(false);
            _next = 0;
            _any |= _page.Count > 0;
            _ended = _page.Count < PageMarks;
            _after = _page.Count > 0 ? _page[^1].Source : _after;
        }

        return _next < _page.Count;
    }
}
