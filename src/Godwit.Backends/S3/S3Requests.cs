using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.Backends.S3;

/// <summary>Makes the requests, with all that the options want in each.</summary>
internal sealed class S3Requests(S3Options options)
{
    private readonly RequestPayer? _payer = options.RequesterPays ? RequestPayer.Requester : null;
    private readonly S3StorageClass? _class = options.StorageClass is { } name ? new S3StorageClass(name) : null;
    private readonly ServerSideEncryptionMethod? _encryption = options.Encryption is { } method ? new ServerSideEncryptionMethod(method) : null;
    private readonly ServerSideEncryptionCustomerMethod? _customer = options.CustomerKey is null ? null : ServerSideEncryptionCustomerMethod.AES256;
    private readonly string? _customerKey = options.CustomerKey is { } key ? Convert.ToBase64String(key.Span) : null;
    private readonly string? _customerKeyMd5 = options.CustomerKey is { } key ? Md5Of(key.Span) : null;

    public GetObjectMetadataRequest Look(string key) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        ChecksumMode = ChecksumMode.ENABLED,
        RequestPayer = _payer,
        ServerSideEncryptionCustomerMethod = _customer,
        ServerSideEncryptionCustomerProvidedKey = _customerKey,
        ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
    };

    public GetObjectRequest Get(string key, string? etag = null, ByteRange? range = null) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        EtagToMatch = Quoted(etag),
        ByteRange = range,
        RequestPayer = _payer,
        ServerSideEncryptionCustomerMethod = _customer,
        ServerSideEncryptionCustomerProvidedKey = _customerKey,
        ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
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
            MD5Digest = Md5Of(write.Expected),
            RequestPayer = _payer,
            StorageClass = _class,
            ServerSideEncryptionMethod = _encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKeyId,
            ServerSideEncryptionCustomerMethod = _customer,
            ServerSideEncryptionCustomerProvidedKey = _customerKey,
            ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
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
            RequestPayer = _payer,
            StorageClass = _class,
            ServerSideEncryptionMethod = _encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKeyId,
            ServerSideEncryptionCustomerMethod = _customer,
            ServerSideEncryptionCustomerProvidedKey = _customerKey,
            ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
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
        RequestPayer = _payer,
        ServerSideEncryptionCustomerMethod = _customer,
        ServerSideEncryptionCustomerProvidedKey = _customerKey,
        ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
    };

    public ListPartsRequest ListParts(string key, string upload, string? after) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
        PartNumberMarker = after,
        RequestPayer = _payer,
    };

    public CompleteMultipartUploadRequest Complete(string key, string upload, IEnumerable<PartETag> parts, bool createOnly) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
        PartETags = [.. parts],

        // Some servers honour it here too; where it is passed over, the look before is all there is.
        IfNoneMatch = createOnly ? "*" : null,
        RequestPayer = _payer,
        SSECustomerAlgorithm = _customer?.Value,
        SSECustomerKey = _customerKey,
        SSECustomerKeyMD5 = _customerKeyMd5,
    };

    public AbortMultipartUploadRequest Abort(string key, string upload) => new()
    {
        BucketName = options.Bucket,
        Key = key,
        UploadId = upload,
        RequestPayer = _payer,
    };

    public ListMultipartUploadsRequest ListUploads(string prefix, string? key, string? upload, int most) => new()
    {
        BucketName = options.Bucket,
        Prefix = prefix,
        KeyMarker = key,
        UploadIdMarker = upload,
        MaxUploads = most,
        RequestPayer = _payer,
    };

    public ListObjectsV2Request List(string prefix, bool deep, string? token, int most) => new()
    {
        BucketName = options.Bucket,
        Prefix = prefix,
        Delimiter = deep ? null : "/",
        Encoding = EncodingType.Url,
        ContinuationToken = token,
        MaxKeys = most,
        RequestPayer = _payer,
    };

    public DeleteObjectRequest Delete(string key) => new() { BucketName = options.Bucket, Key = key, RequestPayer = _payer };

    public DeleteObjectsRequest Delete(IEnumerable<string> keys) => new()
    {
        BucketName = options.Bucket,
        Objects = [.. keys.Select(key => new KeyVersion { Key = key })],
        Quiet = true,
        RequestPayer = _payer,
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
            RequestPayer = _payer,
            StorageClass = _class,
            ServerSideEncryptionMethod = _encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKeyId,
            ServerSideEncryptionCustomerMethod = _customer,
            ServerSideEncryptionCustomerProvidedKey = _customerKey,
            ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
            CopySourceServerSideEncryptionCustomerMethod = _customer,
            CopySourceServerSideEncryptionCustomerProvidedKey = _customerKey,
            CopySourceServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
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
        RequestPayer = _payer,
        ServerSideEncryptionCustomerMethod = _customer,
        ServerSideEncryptionCustomerProvidedKey = _customerKey,
        ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
        CopySourceServerSideEncryptionCustomerMethod = _customer,
        CopySourceServerSideEncryptionCustomerProvidedKey = _customerKey,
        CopySourceServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5,
    };

    private static void Carry(MetadataCollection metadata, Timestamp modified, WriteMetadata given, long? partSize = null)
    {
        metadata[S3Text.TimeKey] = S3Text.WriteTime(modified);
        if (partSize is { } size)
        {
            metadata[S3Text.PartSizeKey] = size.ToString(CultureInfo.InvariantCulture);
        }

        if (given.Noted is { Kind: ChecksumKind.Md5 } md5)
        {
            metadata[S3Text.Md5Key] = Convert.ToBase64String(md5.Value);
        }

        foreach ((string name, string value) in given.Pairs)
        {
            metadata[name] = value;
        }
    }

    private static string? Quoted(string? etag) => etag is null ? null : $"\"{etag}\"";

    private static string? Md5Of(Checksum? expected) =>
        expected is { Kind: ChecksumKind.Md5 } md5 ? Convert.ToBase64String(md5.Value) : null;

    [SuppressMessage("Security", "CA5351", Justification = "S3 wants the MD5 of the key, to notice a mistyped one.")]
    private static string Md5Of(ReadOnlySpan<byte> key) => Convert.ToBase64String(MD5.HashData(key));
}
