using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Which bucket, how it is reached, and what goes along with every object that is written.</summary>
public sealed record S3Options
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The store's root within the bucket: every key begins with it and a slash. The root of the bucket when empty.</summary>
    public StorePath Prefix { get; init; }

    /// <summary>The server, such as <c>https://s3.example.org</c>. Null: the one that the profile names, else Amazon's, by region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    /// <value>Null: the profile's, else <c>us-east-1</c>, which most servers of others expect.</value>
    public string? Region { get; init; }

    /// <summary>Whether the bucket stands in the path of the URL (true) or in the name of the host.</summary>
    /// <value>Null: in the path when there is an endpoint; few servers of their own have a name for each bucket.</value>
    public bool? PathStyle { get; init; }

    /// <summary>The profile of <c>~/.aws</c> that has the credential. Null: the usual chain (environment, files, roles).</summary>
    public string? Profile { get; init; }

    /// <summary>The credential itself; it goes before <see cref="Profile"/>.</summary>
    public S3AccessKeys? Keys { get; init; }

    /// <summary>Where the credential is written down, for people: <c>environment AWS_ACCESS_KEY_ID</c>. Null: nobody said.</summary>
    public string? CredentialFrom { get; init; }

    /// <summary>Looks <see cref="Keys"/> up anew once the server says that they have expired. Null: they stay as they are.</summary>
    /// <remarks>Called from within a call of the store, and by one at a time. What it throws is that call's failure.</remarks>
    /// <exception cref="StoreException">They cannot be had.</exception>
    public Func<S3AccessKeys>? RenewKeys { get; init; }

    /// <summary>A file with the certificates (PEM) that the server's must lead to. Null: those that the system trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether whoever asks pays, as some buckets demand.</summary>
    public bool RequesterPays { get; init; }

    /// <summary>The storage class of what is written. Null: the bucket's.</summary>
    public string? StorageClass { get; init; }

    /// <summary>How the server encrypts what is written: <c>AES256</c>, <c>aws:kms</c>. Null: as the bucket says.</summary>
    public string? Encryption { get; init; }

    /// <summary>The key of the key service, with <c>aws:kms</c>. Null: the account's own.</summary>
    public string? EncryptionKeyId { get; init; }

    /// <summary>A key of 32 bytes that the server encrypts with and forgets (SSE-C); needed again to read. Null: none.</summary>
    public ReadOnlyMemory<byte>? CustomerKey { get; init; }

    /// <summary>Connections to the server at most.</summary>
    /// <value>4,096: how many calls are under way is for the caller to say. A limit that is met here makes callers that hold other things
    /// wait for each other.</value>
    public int Connections { get; init; } = 4_096;

    /// <summary>Hears of every request that went out. Null: nobody does, which costs nothing.</summary>
    /// <remarks>Called on the thread of the request, from many at once: be quick, and do not throw.</remarks>
    public Action<HttpAnswer>? Answered { get; init; }

    /// <summary>Where the credential comes from instead of all that.</summary>
    internal Func<Amazon.Runtime.AWSCredentials>? FindCredentials { get; init; }

    /// <summary>Stands around the connections.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler> Around { get; init; } = connections => connections;

    /// <summary>Entries of a page.</summary>
    internal int PageSize { get; init; } = 1_000;

    /// <summary>Objects up to this are copied within the server in one call.</summary>
    internal long CopyInOneCallBytes { get; init; } = 5L << 30;

    /// <summary>Bytes of each part of a larger copy.</summary>
    internal long CopyPartBytes { get; init; } = 1L << 30;
}

/// <summary>A credential.</summary>
/// <param name="AccessKey">The name of the key.</param>
/// <param name="SecretKey">The secret.</param>
/// <param name="Token">What goes with a temporary credential; null for a lasting one.</param>
/// <param name="Expires">When a temporary credential ends; null where nobody said.</param>
public sealed record S3AccessKeys(string AccessKey, string SecretKey, string? Token = null, DateTimeOffset? Expires = null)
{
    /// <summary>The name of the key; never the secret.</summary>
    public override string ToString() => AccessKey;
}
