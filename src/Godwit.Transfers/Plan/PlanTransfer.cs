using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>Some lines of a plan, and what could not be looked at.</summary>
/// <param name="Items">Lines in key order.</param>
/// <param name="Unreadable">What could not be looked at, each with its side: these files may be missing from the plan.</param>
public sealed record PlanChunk(IReadOnlyList<PlanItem> Items, IReadOnlyList<StoreException> Unreadable);

/// <summary>Makes the plan: lists both sides in step and decides, in memory that does not grow with the trees.</summary>
public sealed class PlanTransfer(TransferRequest request, ILedger? ledger, RunHolder holder, OpenScratch openScratch, TimeProvider time)
{
    private const int ChunkItems = 512;

    private readonly HashSet<StorePath> _unlisted = [];
    private readonly LeftOutDirectories _leftOut = new();
    private readonly MarkedFiles _marked = new(request, ledger);
    private readonly PartialFiles _partial = new(request, ledger, holder);
    private readonly long _precision = CommonPrecision(request.Source.Limits, request.Destination.Limits);

    /// <summary>The plan, while the listings go on.</summary>
    /// <exception cref="StoreException">A root cannot be listed.</exception>
    public IAsyncEnumerable<PlanChunk> ReadAsync(CancellationToken ct) => request switch
    {
        { Single: { } single } => MarkedAsync(OneFileAsync(single, ct), ct),
        { Listed: { } listed } => MarkedAsync(new PlanListed(request, listed, ledger, Decide).ReadAsync(ct), ct),
        _ => TreesAsync(ct),
    };

    private async IAsyncEnumerable<PlanChunk> MarkedAsync(IAsyncEnumerable<PlanChunk> plan, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (PlanChunk chunk in plan.ConfigureAwait(false))
        {
            var items = new List<PlanItem>(chunk.Items.Count);
            foreach (PlanItem item in chunk.Items)
            {
                items.Add(await LookedUpAsync(item, ct).ConfigureAwait(false));
            }

            yield return chunk with { Items = items };
        }
    }

    private async ValueTask<PlanItem> LookedUpAsync(PlanItem item, CancellationToken ct) =>
        await _partial.ApplyAsync(await _marked.ApplyAsync(item, ct).ConfigureAwait(false), ct).ConfigureAwait(false);

    private async IAsyncEnumerable<PlanChunk> OneFileAsync(SingleFile single, [EnumeratorCancellation] CancellationToken ct)
    {
        StoreEntry source = await request.Source.StatAsync(single.Source, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{single.Source}\" is not there.")
            {
                Side = StoreSide.Source,
                Path = single.Source,
            };
        StoreEntry? existing = await request.Destination.StatAsync(single.Destination, ct).ConfigureAwait(false);
        PlanItem item = Decide(source, existing, single.Destination);
        yield return new PlanChunk([await HeldAgainstLedgerAsync(item, Before(), ct).ConfigureAwait(false)], []);
    }

    private async IAsyncEnumerable<PlanChunk> TreesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        IAsyncEnumerable<ListingChunk> source = TreeListing.ReadAsync(request.Source, Options(false), ct);
        IAsyncEnumerable<ListingChunk> destination = request.Policy.Compare == CompareBy.Ledger && ledger is not null
            ? ListingOrder.EncodedLastAsync(
                new ReceiptListing(ledger, request.Source.Identity, request.Destination.Identity).ReadAsync(ct), openScratch, Options(true).SortInMemory, ct)
            : TreeListing.ReadAsync(request.Destination, Options(true), ct);
        using var empty = new EmptyDirectories(openScratch);
        Contests? contests = request.Destination.Directories is null || request.Policy.Compare == CompareBy.Ledger ? null : new Contests();
        var times = new LookUpTimes(request, ledger, _precision > 0);
        DeliveredBefore? before = Before();
        await foreach (PairChunk chunk in MergeTrees.InStepAsync(source, destination, ct).ConfigureAwait(false))
        {
            _unlisted.UnionWith(chunk.SourceUnreadable.Select(error => error.Path ?? StorePath.Root));
            _leftOut.Add(chunk.LeftOut);
            chunk.LeftOut.ToList().ForEach(request.Filter.LeftOutBelow);
            TimedPairs timed = await times.OfAsync([.. chunk.Pairs.Where(pair => pair.Source is not null || !_leftOut.Covers(pair.Destination!.Path))], ct)
                .ConfigureAwait(false);
            var items = new List<PlanItem>(timed.Pairs.Count + chunk.LeftOut.Count);
            items.AddRange(chunk.LeftOut.Where(path => path.IsRoot).Select(root => LeftOut(new StoreEntry { Path = root, Kind = EntryKind.Directory })));
            for (int place = 0; place < timed.Pairs.Count; place++)
            {
                PlanItem item = timed.Decided(place) ?? Decide(timed.Pairs[place]);
                PlanItem held = await HeldAgainstLedgerAsync(item, before, ct).ConfigureAwait(false);
                empty.Add(await LookedUpAsync(held, ct).ConfigureAwait(false), items);
            }

            yield return new PlanChunk(Settled(items, contests), [.. WithSide(chunk.SourceUnreadable, StoreSide.Source), .. WithSide(chunk.DestinationUnreadable, StoreSide.Destination)]);
        }

        foreach (PlanItem[] some in empty.Rest().Chunk(ChunkItems))
        {
            yield return new PlanChunk(Settled([.. some], contests), []);
        }

        if (contests is not null)
        {
            yield return new PlanChunk(contests.Rest(), []);
        }
    }

    private DeliveredBefore? Before() => ledger is null || _precision <= 1 || request.Policy is { NoOverwrite: true } or not { Compare: CompareBy.Modified }
        ? null
        : new DeliveredBefore(request, ledger);

    /// <summary>A destination that keeps whole seconds cannot show what was rewritten within one; the ledger knows which version was delivered.</summary>
    private async ValueTask<PlanItem> HeldAgainstLedgerAsync(PlanItem item, DeliveredBefore? before, CancellationToken ct) =>
        before is not null && item is { Decision: PlanDecision.Unchanged, Source: { Kind: EntryKind.File, Modified: { } modified }, Existing: { } existing }
        && modified != modified.Floor(_precision)
        && await before.IsOfAnotherVersionAsync(item.Source, existing, ct).ConfigureAwait(false)
            ? item with { Decision = PlanDecision.Move, Reason = "another version was delivered before, of the same time as far as the destination keeps it" }
            : item;

    private List<PlanItem> Settled(List<PlanItem> items, Contests? contests)
    {
        if (contests is null)
        {
            return items;
        }

        var settled = new List<PlanItem>(items.Count);
        foreach (PlanItem item in items)
        {
            contests.Add(item, settled);
        }

        return settled.ConvertAll(Judged);
    }

    /// <summary>Only a sync deletes, and so makes way for what is of another kind, unless it must not overwrite; but for a device, pipe or socket, which
    /// nobody deletes.</summary>
    private PlanItem Judged(PlanItem item)
    {
        bool isSync = request.Policy.Removal is not null;
        bool stays = item.Contest?.There == EntryKind.Other || (isSync && request.Policy.NoOverwrite);
        if (item.Contest is not { } contest || item.Decision is PlanDecision.Extra or PlanDecision.BeforeBaseline || (isSync && !stays))
        {
            return item;
        }

        string remedy = contest.There == EntryKind.Other ? "move it away, or name another destination"
            : isSync ? "move it away, or run without --no-overwrite"
            : "move it away, or use sync, which deletes it under its guards";
        return item with { Decision = PlanDecision.Impossible, Failure = contest.Failure(remedy, false), Contest = stays ? null : contest };
    }

    private static PlanItem LeftOut(StoreEntry directory) =>
        new(PlanDecision.Filtered, "it holds a name of --exclude-if-present", directory, directory.Path, null);

    private PlanItem Decide(TreePair pair) => pair.Source is { } entry
        ? Decide(entry, pair.Destination, entry.Path)
        : new PlanItem(PlanDecision.Extra, "only at the destination", pair.Destination!, pair.Destination!.Path, pair.Destination);

    private PlanItem Decide(StoreEntry source, StoreEntry? existing, StorePath destination)
    {
        if (source.Kind is EntryKind.File or EntryKind.Link && !request.Filter.Includes(source))
        {
            return new PlanItem(PlanDecision.Filtered, "filtered", source, destination, existing);
        }

        if (source.Kind == EntryKind.Directory && _leftOut.Covers(source.Path))
        {
            return LeftOut(source);
        }

        if (source.Kind == EntryKind.Directory && _unlisted.Contains(source.Path))
        {
            // An empty directory at the destination would say that the source's is empty.
            return new PlanItem(PlanDecision.Unchanged, "it cannot be listed", source, destination, existing);
        }

        if (source.Kind == EntryKind.Directory && request.Filter != EntryFilter.All)
        {
            return new PlanItem(PlanDecision.Unchanged, "with a filter only files are chosen", source, destination, existing);
        }

        return DecideFile.For(
            source,
            existing,
            destination,
            request.Destination.Limits,
            request.Policy,
            _precision,
            request.Destination.Directories is not null,
            Timestamp.From(time.GetUtcNow()),
            request.Destination.Identity.Root);
    }

    private TreeListingOptions Options(bool destination) => new()
    {
        OpenScratch = openScratch,
        AbsentIsEmpty = destination,
        Descends = destination ? request.Filter.CoversBelow : request.Filter.Descends,
        Marks = destination ? NameSet.None : request.Filter.Marks,
    };

    private static IEnumerable<StoreException> WithSide(IReadOnlyList<StoreException> errors, StoreSide side) => errors.Select(e =>
    {
        e.Side = side;
        return e;
    });

    /// <summary>The coarser of both stores' time precisions; 0 where one keeps no time.</summary>
    internal static long CommonPrecision(StoreLimits left, StoreLimits right) =>
        left.TimePrecision == 0 || right.TimePrecision == 0 ? 0 : Math.Max(left.TimePrecision, right.TimePrecision);
}
