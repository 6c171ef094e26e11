using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>
/// Reads a flat listing in order, and ahead: the rest behind a page is cut into ranges, some of which are read at once, each a few pages
/// far. A cut may turn out to be in the wrong place; all cuts together never cost more calls than the listing itself and a handful.
/// </summary>
internal sealed class RangesAhead(IFlatListing flat, int ahead)
{
    private const int PagesAhead = 2;
    private const int FreeCalls = 6;
    private const int CallsOfACut = 2;
    private const int MostRanges = 16;

    private readonly Lock _gate = new();
    private readonly LinkedList<OneRange> _ranges = new();
    private readonly List<Task> _reading = [];
    private int _running;
    private int _extraCalls;
    private long _entries;
    private int _largestPage = 1;

    /// <summary>Its pages, one after another.</summary>
    public async IAsyncEnumerable<StorePage> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        LinkedListNode<OneRange>? at;
        lock (_gate)
        {
            at = _ranges.AddLast(new OneRange(null));
            StartSome(stop.Token);
        }

        try
        {
            while (at is not null)
            {
                await foreach (StorePage page in at.Value.Pages.Reader.ReadAllAsync(ct).ConfigureAwait(false))
                {
                    yield return page;
                }

                at = Following(at, stop.Token);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(Started()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private LinkedListNode<OneRange>? Following(LinkedListNode<OneRange> read, CancellationToken ct)
    {
        lock (_gate)
        {
            LinkedListNode<OneRange>? next = read.Next;
            _ranges.Remove(read);

            // Its place is free only now: pages that nobody has taken yet count, however soon the server had told them all.
            _running--;
            StartSome(ct);
            return next;
        }
    }

    private Task[] Started()
    {
        lock (_gate)
        {
            return [.. _reading];
        }
    }

    /// <summary>Always the first that is not begun: whichever range the reader waits for is being read.</summary>
    private void StartSome(CancellationToken ct)
    {
        for (LinkedListNode<OneRange>? at = _ranges.First; at is not null && _running < ahead; at = at.Next)
        {
            if (!at.Value.IsBegun)
            {
                at.Value.IsBegun = true;
                _running++;
                LinkedListNode<OneRange> node = at;
                _reading.RemoveAll(done => done.IsCompleted);
                _reading.Add(Task.Run(() => ReadOneAsync(node, ct), CancellationToken.None));
            }
        }
    }

    private async Task ReadOneAsync(LinkedListNode<OneRange> node, CancellationToken ct)
    {
        ChannelWriter<StorePage> pages = node.Value.Pages.Writer;
        Exception? fault = null;
        try
        {
            ListPosition? position = node.Value.Begin;
            int count = 0;
            do
            {
                StorePage page = await flat.ListBelowAsync(StorePath.Root, position, ct).ConfigureAwait(false);
                position = page.Next;
                await pages.WriteAsync(page with { Next = null }, ct).ConfigureAwait(false);

                // Where it did not help, it is tried again ever more seldom.
                Count(page.Entries.Count);
                if (position is not null && int.IsPow2(++count) && Reserve() is > 1 and var most)
                {
                    position = await CutAsync(node, position, most, ct).ConfigureAwait(false);
                }
            }
            while (position is not null);
        }
#pragma warning disable CA1031 // Whatever stops the range is thrown to its reader, who awaits the channel.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault = e;
        }

        pages.Complete(fault);
    }

    private void Count(int entries)
    {
        lock (_gate)
        {
            _entries += entries;
            _largestPage = Math.Max(_largestPage, entries);
        }
    }

    /// <summary>Into how many ranges the rest may be cut: each is a page that may be nearly empty. They are set aside until the cut is made.</summary>
    private int Reserve()
    {
        lock (_gate)
        {
            long left = (_entries / _largestPage) + FreeCalls - _extraCalls - CallsOfACut;
            int most = ahead == 1 ? 1 : (int)Math.Min(MostRanges, left);
            _extraCalls += most > 1 ? most + CallsOfACut : 0;
            return most;
        }
    }

    private async Task<ListPosition> CutAsync(LinkedListNode<OneRange> node, ListPosition position, int most, CancellationToken ct)
    {
        IReadOnlyList<ListPosition> ranges = await flat.SplitAsync(StorePath.Root, position, most, ct).ConfigureAwait(false);
        lock (_gate)
        {
            _extraCalls += ranges.Count - 1 - most;
            for (int i = ranges.Count - 1; i > 0; i--)
            {
                _ranges.AddAfter(node, new OneRange(ranges[i]));
            }

            StartSome(ct);
        }

        return ranges[0];
    }

    private sealed class OneRange(ListPosition? begin)
    {
        public ListPosition? Begin => begin;

        public bool IsBegun { get; set; }

        public Channel<StorePage> Pages { get; } =
            Channel.CreateBounded<StorePage>(new BoundedChannelOptions(PagesAhead) { SingleReader = true, SingleWriter = true });
    }
}
