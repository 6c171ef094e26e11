using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

internal static class ListingFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        Listing("A listing tells each entry as looking at it does", s => async (directory, position, ct) =>
        {
            StorePage page = await s.ListAsync(directory, position, ct);
            return page with { Entries = [.. page.Entries.Select(entry => entry with { Length = 0 })] };
        }),
        Listing("A listing shows only what lies directly in the directory", s => s.FlatListing!.ListBelowAsync),
        Listing("Listing an absent directory fails as not found or is empty", s => (directory, position, ct) => Faulty.InsteadOf(
            StoreErrorKind.NotFound,
            () => s.ListAsync(directory, position, ct),
            () => ValueTask.FromResult(new StorePage([Faulty.FileAt(directory.Child("ghost"u8))], null)))),
        Listing("Listing a file is refused", s => (directory, position, ct) => Faulty.InsteadOf(
            StoreErrorKind.Unsupported,
            () => s.ListAsync(directory, position, ct),
            () => ValueTask.FromResult(new StorePage([], null)))),
        Listing("Three thousand entries come over pages, each exactly once", s => LosesAtTheSeam(s.ListAsync)),
        Listing("The same position of a listing gives the same page again", s => ChangesItsMind(s.ListAsync)),
        Listing("Entries that come and go between pages do not disturb the others", s => CountsEntries(s.ListAsync)),
        Listing("When asking for one of its pages was cancelled, a listing is whole all the same", s => LosesWhatWasCancelled(s.ListAsync)),
        Flat("When asking for one of its pages was cancelled, a flat listing is whole all the same", s =>
            LosesWhatWasCancelled(s.FlatListing!.ListBelowAsync)),
        Flat("A flat listing of three thousand entries comes over pages, each exactly once", s => LosesAtTheSeam(s.FlatListing!.ListBelowAsync)),
        Flat("The same position of a flat listing gives the same page again", s => ChangesItsMind(s.FlatListing!.ListBelowAsync)),
        Flat("Entries that come and go between pages of a flat listing do not disturb the others", s => CountsEntries(s.FlatListing!.ListBelowAsync)),
        Flat("A flat listing shows everything below, once, in key order", s => async (directory, position, ct) =>
        {
            StorePage page = await s.FlatListing!.ListBelowAsync(directory, position, ct);
            return page with { Entries = [.. page.Entries.OrderBy(entry => entry.Path)] };
        }),
        Flat("A flat listing stays inside its directory", s => async (directory, position, ct) =>
        {
            StorePage page = await s.FlatListing!.ListBelowAsync(directory.Parent, position, ct);
            return page with { Entries = [.. page.Entries.Where(entry => entry.Path.Bytes.StartsWith(directory.Bytes))] };
        }),
    ];

    private delegate ValueTask<StorePage> PageAsync(StorePath directory, ListPosition? position, CancellationToken ct);

    private static PlantedFault Listing(string noticed, Func<IStore, PageAsync> page) =>
        new(noticed, s => new AlteredStore(s) { List = page(s).Invoke });

    private static PlantedFault Flat(string noticed, Func<IStore, PageAsync> page) =>
        new(noticed, s => new AlteredStore(s) { ListBelow = page(s).Invoke });

    private static PageAsync LosesAtTheSeam(PageAsync pageAsync) => async (directory, position, ct) =>
    {
        StorePage page = await pageAsync(directory, position, ct);
        return position is null ? page : page with { Entries = [.. page.Entries.Skip(1)] };
    };

    private static PageAsync ChangesItsMind(PageAsync pageAsync)
    {
        int calls = 0;
        return async (directory, position, ct) =>
        {
            StorePage page = await pageAsync(directory, position, ct);
            return page with { Entries = [.. page.Entries.Skip(calls++ % 2)] };
        };
    }

    private static PageAsync LosesWhatWasCancelled(PageAsync pageAsync)
    {
        bool isLost = false;
        return async (directory, position, ct) =>
        {
            if (ct.IsCancellationRequested)
            {
                isLost = true;
                ct.ThrowIfCancellationRequested();
            }

            StorePage page = await pageAsync(directory, position, ct);
            StorePage told = isLost ? page with { Entries = [.. page.Entries.Skip(1)] } : page;
            isLost = false;
            return told;
        };
    }

    /// <summary>Positions that are numbers: what comes or goes before one moves all that follow.</summary>
    private static PageAsync CountsEntries(PageAsync pageAsync) => async (directory, position, ct) =>
    {
        var all = new List<StoreEntry>();
        ListPosition? next = null;
        do
        {
            StorePage page = await pageAsync(directory, next, ct);
            all.AddRange(page.Entries);
            next = page.Next;
        }
        while (next is not null);
        int from = (position as Counted)?.From ?? 0;
        return new StorePage([.. all.Skip(from).Take(1_000)], from + 1_000 < all.Count ? new Counted(from + 1_000) : null);
    };

    private sealed class Counted(int from) : ListPosition
    {
        public int From { get; } = from;
    }
}
