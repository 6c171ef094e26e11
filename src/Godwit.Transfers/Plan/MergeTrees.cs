using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>What is at one key on either side; at least one of the two is set.</summary>
public readonly record struct TreePair(StoreEntry? Source, StoreEntry? Destination);

/// <summary>Some pairs in key order, and what could not be looked at on either side.</summary>
public sealed record PairChunk(
    IReadOnlyList<TreePair> Pairs, IReadOnlyList<StoreException> SourceUnreadable, IReadOnlyList<StoreException> DestinationUnreadable)
{
    /// <summary>Directories that the source's listing left out whole: known no later than what the destination has at or below them.</summary>
    public IReadOnlyList<StorePath> LeftOut { get; init; } = [];
}

/// <summary>Walks two listings in step: both are sorted alike, so that nothing but the current chunks is held.</summary>
public static class MergeTrees
{
    /// <summary>Pairs entries of equal key. A file and a directory of one name have different keys and make two pairs.</summary>
    public static async IAsyncEnumerable<PairChunk> InStepAsync(
        IAsyncEnumerable<ListingChunk> source, IAsyncEnumerable<ListingChunk> destination, [EnumeratorCancellation] CancellationToken ct)
    {
        var left = new Cursor(source, ct);
        await using ConfiguredAsyncDisposable _ = left.ConfigureAwait(false);
        var right = new Cursor(destination, ct);
        await using ConfiguredAsyncDisposable __ = right.ConfigureAwait(false);
        while (true)
        {
            bool more = await left.FillAsync().ConfigureAwait(false) | await right.FillAsync().ConfigureAwait(false);
            var pairs = new List<TreePair>(512);
            while ((left.HasEntry || left.Ended) && (right.HasEntry || right.Ended) && (left.HasEntry || right.HasEntry))
            {
                pairs.Add(Next(left, right));
            }

            IReadOnlyList<StoreException> sourceUnreadable = left.TakeUnreadable();
            IReadOnlyList<StoreException> destinationUnreadable = right.TakeUnreadable();
            IReadOnlyList<StorePath> leftOut = left.TakeLeftOut();
            if (pairs.Count + sourceUnreadable.Count + destinationUnreadable.Count + leftOut.Count > 0)
            {
                yield return new PairChunk(pairs, sourceUnreadable, destinationUnreadable) { LeftOut = leftOut };
            }

            if (!more && !left.HasEntry && !right.HasEntry)
            {
                yield break;
            }
        }
    }

    private static TreePair Next(Cursor left, Cursor right)
    {
        int order = !right.HasEntry ? -1 : !left.HasEntry ? 1 : ListingOrder.Compare(left.Current, right.Current);
        StoreEntry? source = order <= 0 ? left.Take() : null;
        StoreEntry? destination = order >= 0 ? right.Take() : null;
        return new TreePair(source, destination);
    }

    private sealed class Cursor(IAsyncEnumerable<ListingChunk> chunks, CancellationToken ct) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<ListingChunk> _chunks = chunks.GetAsyncEnumerator(ct);
        private IReadOnlyList<StoreEntry> _entries = [];
        private List<StoreException> _unreadable = [];
        private List<StorePath> _leftOut = [];
        private StoreEntry? _last;
        private int _next;

        public bool Ended { get; private set; }

        public bool HasEntry => _next < _entries.Count;

        public StoreEntry Current => _entries[_next];

        public StoreEntry Take()
        {
            StoreEntry entry = _entries[_next++];
            if (_last is not null && ListingOrder.Compare(_last, entry) >= 0)
            {
                throw new StoreException(
                    StoreErrorKind.Unexpected, $"The listing is not in order: \"{entry.Path}\" came after \"{_last.Path}\".");
            }

            _last = entry;
            return entry;
        }

        public async ValueTask<bool> FillAsync()
        {
            while (!HasEntry && !Ended)
            {
                if (!await _chunks.MoveNextAsync().ConfigureAwait(false))
                {
                    Ended = true;
                    break;
                }

                _entries = _chunks.Current.Entries;
                _unreadable.AddRange(_chunks.Current.Unreadable);
                _leftOut.AddRange(_chunks.Current.LeftOut);
                _next = 0;
            }

            return HasEntry;
        }

        public List<StoreException> TakeUnreadable()
        {
            if (_unreadable.Count == 0)
            {
                return [];
            }

            List<StoreException> taken = _unreadable;
            _unreadable = [];
            return taken;
        }

        public List<StorePath> TakeLeftOut()
        {
            List<StorePath> taken = _leftOut;
            _leftOut = taken.Count == 0 ? taken : [];
            return taken;
        }

        public ValueTask DisposeAsync() => _chunks.DisposeAsync();
    }
}
