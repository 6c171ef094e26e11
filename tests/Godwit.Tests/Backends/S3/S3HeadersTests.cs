using System.Collections.Concurrent;
using System.Collections.Specialized;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>What the options want in each request is in each of its kind, and in no other. The gateway of the tests does not look at most of it.</summary>
public sealed class S3HeadersTests
{
    private static readonly StorePath s_file = StorePath.FromText("file");

    [Fact]
    public async Task Who_pays_is_said_with_every_request_and_the_class_with_those_that_make_objects()
    {
        var asked = new ConcurrentQueue<(string Call, NameValueCollection Headers)>();
        await using var server = new S3StandIn(request =>
        {
            asked.Enqueue((request.HttpMethod + request.Url!.Query, new NameValueCollection(request.Headers)));
            return request.HttpMethod switch
            {
                "GET" => new S3StandIn.Answer(200, "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"),
                "POST" => new S3StandIn.Answer(200, "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>"),
                _ => new S3StandIn.Answer(200, "", ("ETag", "\"etag\"")),
            };
        });
        await using S3Store store = server.Open(options => options with { RequesterPays = true, StorageClass = "COLD", Encryption = "aws:kms", EncryptionKeyId = "mine" });
        await store.ListAsync(StorePath.Root, null, default);
        await store.StatAsync(s_file, default);
        await store.WriteAsync(s_file, WriteSource.From(new byte[5]), WriteOptions.Default, default);
        PartedUpload upload = await store.PartedWrite!.BeginAsync(s_file, "tag", 5, WriteOptions.Default, default);
        await store.PartedWrite.WritePartAsync(upload, 1, 0, WriteSource.From(new byte[5]), null, default);
        await store.DeleteAsync(s_file, default);
        Assert.True(asked.Count >= 6);
        foreach ((string call, NameValueCollection headers) in asked)
        {
            bool makes = call is "PUT" || call.StartsWith("POST", StringComparison.Ordinal);
            Assert.Equal("requester", headers["x-amz-request-payer"]);
            Assert.Equal(makes ? "COLD" : null, headers["x-amz-storage-class"]);
            Assert.Equal(makes ? "aws:kms" : null, headers["x-amz-server-side-encryption"]);
            Assert.Equal(makes ? "mine" : null, headers["x-amz-server-side-encryption-aws-kms-key-id"]);

            // Signed, or a server would not believe it.
            Assert.Contains("x-amz-request-payer", headers["Authorization"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_to_encrypt_with_is_never_sent_in_the_clear()
    {
        var options = new S3Options { Bucket = "bucket", Endpoint = new Uri("http://127.0.0.1:9"), CustomerKey = new byte[32] };
        StoreException refused = Assert.Throws<StoreException>(() => new S3Store(options, TimeProvider.System));
        Assert.Contains("https only", refused.Message, StringComparison.Ordinal);
    }
}
