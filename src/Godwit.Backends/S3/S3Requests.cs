using System.Globalization;
using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.Backends.S3;

/// <summary>Makes the requests. What the options want in each of a kind, <see cref="S3Headers"/> adds.</summary>
internal sealed class S3Requests(S3Options options)
{
    public GetObjectMetadataRequest Look(string key) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        ChecksumMode = ChecksumMode.ENABLED,
    };

    public GetObjectRequest Get(string key, string? etag = null, ByteRange? range = null) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        EtagToMatch = Quoted(etag),
        ByteRange = range,
    };

    public PutObjectRequest Put(string key, S3UploadBody body, Timestamp modified, WriteOptions write)
    {
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = key,
            InputStream = body,
            AutoCloseStream = false,
            AutoResetStreamPosition = false,
            UseChunkEncoding = false,
            IfNoneMatch = write.CreateOnly ? "*" : null,

            // Older gateways of Ceph (16.2) compare it with the bare ETag, and refuse every version with quotes.
            IfMatch = write.Replaces,
            MD5Digest = Md5Of(write.Expected),
        };
        request.Headers.ContentLength = body.Length;
        Carry(request.Metadata, modified, write.Metadata);
        return request;
    }

    public InitiateMultipartUploadRequest Begin(string key, Timestamp modified, WriteOptions write)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = options.Bucket,
            Key = key,
        };
        Carry(request.Metadata, modified, write.Metadata, write.PartSize);
        return request;
    }

    public UploadPartRequest Part(string key, string upload, int number, S3UploadBody body, Checksum? expected) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
        PartNumber = number,
        PartSize = body.Length,
        InputStream = body,
        UseChunkEncoding = false,
        MD5Digest = Md5Of(expected),
    };

    public ListPartsRequest ListParts(string key, string upload, string? after) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
        PartNumberMarker = after,
    };

    public CompleteMultipartUploadRequest Complete(string key, string upload, IEnumerable<PartETag> parts, bool createOnly) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
        PartETags = [.. parts],

        // Some servers honour it here too; where it is passed over, the look before is all there is.
        IfNoneMatch = createOnly ? "*" : null,
    };

    public AbortMultipartUploadRequest Abort(string key, string upload) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
    };

    public ListMultipartUploadsRequest ListUploads(string prefix, string? key, string? upload, int most) => new()
    {
        BucketName = options.Bucket,
        Prefix = prefix,
        KeyMarker = key,
        UploadIdMarker = upload,
        MaxUploads = most,
    };

    public ListObjectsV2Request List(string prefix, bool deep, string? token, int most) => new()
    {
        BucketName = options.Bucket,
        Prefix = prefix,
        Delimiter = deep ? null : "/",
        Encoding = EncodingType.Url,
        ContinuationToken = token,
        MaxKeys = most,
    };

    public DeleteObjectRequest Delete(string key) => new() { BucketName = options.Bucket, Key = key };

    public DeleteObjectsRequest Delete(IEnumerable<string> keys) => new()
    {
        BucketName = options.Bucket,
        Objects = [.. keys.Select(key => new KeyVersion { Key = key })],
        Quiet = true,
    };

    public CopyObjectRequest Copy(string bucket, string from, string? etag, string key, Timestamp modified, WriteOptions write)
    {
        var request = new CopyObjectRequest
        {
            SourceBucket = bucket,
            SourceKey = from,
            ETagToMatch = Quoted(etag),
            DestinationBucket = options.Bucket,
            DestinationKey = key,
            MetadataDirective = S3MetadataDirective.REPLACE,
            IfNoneMatch = write.CreateOnly ? "*" : null,
        };
        Carry(request.Metadata, modified, write.Metadata, write.PartSize);
        return request;
    }

    public CopyPartRequest CopyPart(string bucket, string from, string? etag, string key, string upload, int number, long first, long last) => new()
    {
        SourceBucket = bucket,
        SourceKey = from,
        ETagToMatch = etag is null ? null : [Quoted(etag)!],
        DestinationBucket = options.Bucket,
        DestinationKey = key,
        UploadId = upload,
        PartNumber = number,
        FirstByte = first,
        LastByte = last,
    };

    private static void Carry(MetadataCollection metadata, Timestamp modified, WriteMetadata given, long? partSize = null)
    {
        foreach ((string name, string value) in given.Pairs)
        {
            metadata[name] = value;
        }

        if (given.PairsAlone)
        {
            return;
        }

        metadata[S3Text.TimeKey] = S3Text.WriteTime(modified);
        if (partSize is { } size)
        {
            metadata[S3Text.PartSizeKey] = size.ToString(CultureInfo.InvariantCulture);
        }

        if (given.Noted is { Kind: ChecksumKind.Md5 } md5)
        {
            metadata[S3Text.Md5Key] = Convert.ToBase64String(md5.Value);
        }
    }

    private static string? Quoted(string? etag) => etag is null ? null : $"\"{etag}\"";

    private static string? Md5Of(Checksum? expected) =>
        expected is { Kind: ChecksumKind.Md5 } md5 ? Convert.ToBase64String(md5.Value) : null;
}
