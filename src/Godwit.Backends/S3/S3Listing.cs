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

    private async ValueTask<StorePage> PageAsync(StorePath directory, bool deep, ListPosition? position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        string prefix = store.Connection.PrefixOf(directory);
        string? token = position switch
        {
            null => null,
            TokenPosition known => known.Token,
            _ => throw new StoreException(StoreErrorKind.InvalidRequest, "The position was not made by this store."),
        };
        ListObjectsV2Response response = await store.Connection.CallAsync(
            directory,
            cancel => store.Connection.Client.ListObjectsV2Async(
                store.Requests.List(prefix, deep, token, store.Connection.Options.PageSize), cancel),
            ct).ConfigureAwait(false);
        var page = new Page(directory, Encoding.UTF8.GetBytes(prefix).Length);
        foreach (S3Object one in response.S3Objects ?? [])
        {
            page.Add(S3Text.DecodeKey(one.Key), one.Size ?? 0, one.ETag);
        }

        foreach (string below in response.CommonPrefixes ?? [])
        {
            page.Add(S3Text.DecodeKey(below), 0, null);
        }

        ListPosition? next = NextOf(response, token, directory);
        return new StorePage(page.Entries, next, page.Unreadable.Count > 0 ? page.Unreadable : null);
    }

    /// <summary>Where to go on. A listing whose end is not told is not complete, and one that begins anew has no end.</summary>
    private static TokenPosition? NextOf(ListObjectsV2Response response, string? token, StorePath directory) => response.IsTruncated switch
    {
        false => null,
        true when response.NextContinuationToken is { Length: > 0 } next && next != token => new TokenPosition(next),
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

    private sealed class TokenPosition(string token) : ListPosition
    {
        public string Token { get; } = token;
    }
}
