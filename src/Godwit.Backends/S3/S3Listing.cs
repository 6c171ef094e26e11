using System.Text;
using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>
/// Lists a bucket. A listing does not show the time that a file was given, which lies in its metadata: entries have none, and whoever
/// needs it looks at the file.
/// </summary>
internal sealed class S3Listing(S3Store store) : IFlatListing
{
    public ValueTask<StorePage> ListBelowAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        PageAsync(directory, deep: true, position, ct);

    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        PageAsync(directory, deep: false, position, ct);

    public async ValueTask<IReadOnlyList<ListPosition>> SplitAsync(StorePath directory, ListPosition position, int most, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        S3Position rest = Of(position)!;
        if (rest.Last is null || most < 2)
        {
            return [position];
        }

        IReadOnlyList<byte[]> cuts = await new S3Cuts(store, directory, rest).FindAsync(most - 1, ct).ConfigureAwait(false);
        return
        [
            rest.Until(cuts.Count > 0 ? cuts[0] : rest.End),
            .. cuts.Select((cut, i) => new S3Position { After = cut, End = i + 1 < cuts.Count ? cuts[i + 1] : rest.End }),
        ];
    }

    private async ValueTask<StorePage> PageAsync(StorePath directory, bool deep, ListPosition? position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        string prefix = store.Connection.PrefixOf(directory);
        S3Position? from = Of(position);
        ListObjectsV2Request request = store.Requests.List(prefix, deep, from?.Token, store.Connection.Options.PageSize);
        request.StartAfter = from is { Token: null, After: { } after } ? Encoding.UTF8.GetString(after) : null;
        ListObjectsV2Response response = await store.Connection.CallAsync(
            directory, cancel => store.Connection.Client.ListObjectsV2Async(request, cancel), ct).ConfigureAwait(false);
        var page = new Page(directory, Encoding.UTF8.GetBytes(prefix).Length);
        S3Position? next = NextOf(response, from, directory);
        byte[]? last = null;
        foreach (S3Object one in response.S3Objects ?? [])
        {
            byte[] key = S3Text.DecodeKey(one.Key);
            if (from?.End is { } end && key.AsSpan().SequenceCompareTo(end) > 0)
            {
                // The following range begins before it.
                next = null;
                break;
            }

            if (last is null && from?.After is { } begin && key.AsSpan().SequenceCompareTo(begin) <= 0)
            {
                throw new StoreException(StoreErrorKind.Unexpected, "The server was asked for keys after one, and told earlier ones.") { Path = directory };
            }

            if (from is not null && last is not null && key.AsSpan().SequenceCompareTo(last) <= 0)
            {
                throw new StoreException(StoreErrorKind.Unexpected, "The server lists keys in another order than by their bytes.") { Path = directory };
            }

            last = key;
            page.Add(key, one.Size ?? 0, one.ETag);
        }

        foreach (string below in response.CommonPrefixes ?? [])
        {
            page.Add(S3Text.DecodeKey(below), 0, null);
        }

        // What a page's keys have in common says how much a cut may be worth.
        next = next is null || !deep || last is null ? next : next.Behind(last, S3Cuts.PrefixesOf(response, prefix));
        return new StorePage(page.Entries, next, page.Unreadable.Count > 0 ? page.Unreadable : null);
    }

    private static S3Position? Of(ListPosition? position) => position switch
    {
        null => null,
        S3Position known => known,
        _ => throw new StoreException(StoreErrorKind.InvalidRequest, "The position was not made by this store."),
    };

    /// <summary>Where to go on. A listing whose end is not told is not complete, and one that begins anew has no end.</summary>
    private static S3Position? NextOf(ListObjectsV2Response response, S3Position? from, StorePath directory) => response.IsTruncated switch
    {
        false => null,
        true when response.NextContinuationToken is { Length: > 0 } next && next != from?.Token => new S3Position { Token = next, End = from?.End },
        true => throw new StoreException(StoreErrorKind.Unexpected, "The server says that the listing goes on, and not where.") { Path = directory },
        null => throw new StoreException(StoreErrorKind.Interrupted, "The answer to a listing does not say whether it is complete.") { Path = directory },
    };

    /// <summary>Entries of one answer. A key that is no path is told as what cannot be read: it is there, and is never passed over quietly.</summary>
    private sealed class Page(StorePath directory, int prefixBytes)
    {
        public List<StoreEntry> Entries { get; } = [];

        public List<StoreException> Unreadable { get; } = [];

        public void Add(ReadOnlySpan<byte> key, long length, string? etag)
        {
            ReadOnlySpan<byte> below = key[prefixBytes..];
            bool marker = below.IsEmpty || below[^1] == '/';
            try
            {
                if (marker && length > 0)
                {
                    throw new StoreException(StoreErrorKind.Unsupported, "it ends in a slash and holds bytes, so that it is neither a file nor a directory");
                }

                if (!below.IsEmpty)
                {
                    StorePath path = directory.Join(PathOf(marker ? below[..^1] : below));
                    Entries.Add(marker ? new StoreEntry { Path = path, Kind = EntryKind.Directory } : S3Entries.Of(path, length, etag, null) with { Checksums = [] });
                }
            }
            catch (StoreException refusal)
            {
                Unreadable.Add(new StoreException(
                    StoreErrorKind.Unsupported, $"The key \"{PathText.Escape(key)}\" cannot be a path: {refusal.Message.TrimEnd('.')}.", refusal)
                {
                    Path = ParentOf(below),
                });
            }
        }

        private static StorePath PathOf(ReadOnlySpan<byte> below) => S3Names.Decode(below) is { } bytes
            ? StorePath.FromBytes(bytes)
            : throw new StoreException(StoreErrorKind.Unsupported, "it is not UTF-8, or holds \u201B before two hexadecimal digits where no encoded name does");

        /// <summary>The nearest directory above that is a path.</summary>
        private StorePath ParentOf(ReadOnlySpan<byte> below)
        {
            StorePath at = directory;
            foreach (Range segment in below.Split((byte)'/'))
            {
                byte[] name = S3Names.Decode(below[segment]) ?? [];
                if (segment.End.GetOffset(below.Length) == below.Length || name.Length == 0 || name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                {
                    break;
                }

                at = at.Child(name);
            }

            return at;
        }
    }
}
