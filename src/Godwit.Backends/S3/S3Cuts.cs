using System.Text;
using System.Text.Unicode;
using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>
/// Finds keys to cut a listing at. A cut is right wherever it is, because ranges lie side by side; a good one has many keys on either
/// side. So the directories that come next are asked for, and taken as many apart as pages are expected between them.
/// </summary>
internal sealed class S3Cuts(S3Store store, StorePath directory, S3Position rest)
{
    private const int Levels = 3;

    /// <summary>How many prefixes the keys of a page have, level by level below the directory.</summary>
    public static IReadOnlyList<int> PrefixesOf(ListObjectsV2Response page, string prefix)
    {
        var counts = new int[Levels];
        byte[] start = Encoding.UTF8.GetBytes(prefix);
        byte[] before = [];
        foreach (S3Object one in page.S3Objects ?? [])
        {
            byte[] key = S3Text.DecodeKey(one.Key);
            int from = start.Length;
            for (int level = 0; level < Levels && from >= 0; level++)
            {
                int slash = key.AsSpan(from).IndexOf((byte)'/');
                from = slash < 0 ? -1 : from + slash + 1;
                counts[level] += from >= 0 && !before.AsSpan().StartsWith(key.AsSpan(0, from)) ? 1 : 0;
            }

            before = key;
        }

        return counts;
    }

    /// <summary>Keys in order, each behind what was listed and before the end; none where a cut is not expected to be worth its calls.</summary>
    public async ValueTask<IReadOnlyList<byte[]>> FindAsync(int most, CancellationToken ct)
    {
        byte[] prefix = Encoding.UTF8.GetBytes(store.Connection.PrefixOf(directory));
        for (int level = 0; level < Levels && level < rest.Prefixes.Count; level++)
        {
            // As many prefixes as that lie within a page: the answer would not reach further than the next pages do.
            int inPage = rest.Prefixes[level];
            if (inPage == 0 || inPage > store.Connection.Options.PageSize / 4)
            {
                return [];
            }

            ListObjectsV2Response answer = await AskAsync(prefix, ct).ConfigureAwait(false);
            List<byte[]> found = Found(answer);
            if (found.Count > 0 || answer.IsTruncated != false)
            {
                return Spread(found, Math.Min(most, found.Count / inPage));
            }

            // One directory holds all the rest: the next level may have more.
            int slash = rest.Last.AsSpan(prefix.Length).IndexOf((byte)'/');
            if (slash < 0)
            {
                return [];
            }

            prefix = rest.Last![..(prefix.Length + slash + 1)];
        }

        return [];
    }

    private async ValueTask<ListObjectsV2Response> AskAsync(byte[] prefix, CancellationToken ct)
    {
        ListObjectsV2Request request = store.Requests.List(Encoding.UTF8.GetString(prefix), deep: false, null, store.Connection.Options.PageSize);
        request.StartAfter = Encoding.UTF8.GetString(rest.Last!);
        return await store.Connection.CallAsync(
            directory, token => store.Connection.Client.ListObjectsV2Async(request, token), ct).ConfigureAwait(false);
    }

    private List<byte[]> Found(ListObjectsV2Response answer)
    {
        var found = new List<byte[]>();
        foreach (string prefix in answer.CommonPrefixes ?? [])
        {
            byte[] key = S3Text.DecodeKey(prefix);
            byte[] before = found.Count > 0 ? found[^1] : rest.Last!;
            if (Utf8.IsValid(key) && key.AsSpan().SequenceCompareTo(before) > 0 && (rest.End is not { } end || key.AsSpan().SequenceCompareTo(end) < 0))
            {
                found.Add(key);
            }
        }

        return found;
    }

    private static List<byte[]> Spread(List<byte[]> found, int count)
    {
        var cuts = new List<byte[]>(count);
        for (int i = 0; i < count; i++)
        {
            cuts.Add(found[(int)((long)i * found.Count / count)]);
        }

        return cuts;
    }
}
