using System.Text;
using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Lists multipart uploads under way: those of everybody who uses the bucket.</summary>
internal sealed class S3UploadListing(S3Store store) : IUploadListing
{
    public async ValueTask<UploadPage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (store.Connection.PrefixOf(directory) is not { } prefix)
        {
            return new UploadPage([], null);
        }

        Marker? after = position switch
        {
            null => null,
            Marker known => known,
            _ => throw new StoreException(StoreErrorKind.InvalidRequest, "The position was not made by this store."),
        };
        ListMultipartUploadsResponse response = await store.Connection.CallAsync(
            directory,
            cancel => store.Connection.Client.ListMultipartUploadsAsync(
                store.Requests.ListUploads(prefix, after?.Key, after?.Id, store.Connection.Options.PageSize), cancel),
            ct).ConfigureAwait(false);
        UploadUnderWay[] uploads = [.. (response.MultipartUploads ?? []).Select(one => Of(one, directory, prefix))];
        return new UploadPage(uploads, NextOf(response, after, directory));
    }

    private static UploadUnderWay Of(MultipartUpload one, StorePath directory, string prefix)
    {
        Timestamp? begun = one.Initiated is { } moment ? Timestamp.From(new DateTimeOffset(moment.ToUniversalTime())) : null;
        try
        {
            bool isBelow = one.Key.Length > prefix.Length && one.Key.StartsWith(prefix, StringComparison.Ordinal);
            StorePath? path = isBelow ? directory.Join(StorePath.FromBytes(Encoding.UTF8.GetBytes(one.Key[prefix.Length..]))) : null;
            return new UploadUnderWay(path, one.UploadId, begun);
        }
        catch (StoreException)
        {
            return new UploadUnderWay(null, one.UploadId, begun);
        }
    }

    private static Marker? NextOf(ListMultipartUploadsResponse response, Marker? after, StorePath directory)
    {
        if (response.IsTruncated != true)
        {
            return null;
        }

        return response.NextKeyMarker is { Length: > 0 } key && (key, response.NextUploadIdMarker) != (after?.Key, after?.Id)
            ? new Marker(key, response.NextUploadIdMarker)
            : throw new StoreException(StoreErrorKind.Unexpected, "The server says that the listing of uploads goes on, and not where.")
            {
                Path = directory,
            };
    }

    private sealed class Marker(string key, string? id) : ListPosition
    {
        public string Key { get; } = key;

        public string? Id { get; } = id;
    }
}
