using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3.Model;

namespace Godwit.Backends.S3;

/// <summary>Adds to each request what the options want in every one of its kind: who pays, the storage class, encryption.</summary>
internal sealed class S3Headers(S3Options options) : PipelineHandler
{
    private readonly (string Name, string? Value)[] _every = [("x-amz-request-payer", options.RequesterPays ? "requester" : null)];

    private readonly (string Name, string? Value)[] _making =
    [
        ("x-amz-storage-class", options.StorageClass),
        ("x-amz-server-side-encryption", options.Encryption),
        ("x-amz-server-side-encryption-aws-kms-key-id", options.EncryptionKeyId),
    ];

    private readonly (string Name, string? Value)[] _ofBytes = KeyFields("x-amz-server-side-encryption-customer-", options.CustomerKey);

    private readonly (string Name, string? Value)[] _copying = KeyFields("x-amz-copy-source-server-side-encryption-customer-", options.CustomerKey);

    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        Add(executionContext.RequestContext);
        return base.InvokeAsync<T>(executionContext);
    }

    private void Add(IRequestContext context)
    {
        AmazonWebServiceRequest kind = context.OriginalRequest;
        IDictionary<string, string> headers = context.Request.Headers;
        Add(headers, _every);
        bool makes = kind is PutObjectRequest or InitiateMultipartUploadRequest or CopyObjectRequest;
        bool copies = kind is CopyObjectRequest or CopyPartRequest;
        Add(headers, makes ? _making : []);
        Add(headers, copies ? _copying : []);
        Add(headers, makes || copies || kind is GetObjectRequest or GetObjectMetadataRequest or UploadPartRequest or CompleteMultipartUploadRequest ? _ofBytes : []);
    }

    private static void Add(IDictionary<string, string> headers, (string Name, string? Value)[] fields)
    {
        foreach ((string name, string? value) in fields)
        {
            if (value is not null)
            {
                headers[name] = value;
            }
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "S3 wants the MD5 of the key, to notice a mistyped one.")]
    private static (string Name, string? Value)[] KeyFields(string prefix, ReadOnlyMemory<byte>? secret) => secret is not { } key ? [] :
    [
        (prefix + "algorithm", "AES256"),
        (prefix + "key", Convert.ToBase64String(key.Span)),
        (prefix + "key-MD5", Convert.ToBase64String(MD5.HashData(key.Span))),
    ];
}
