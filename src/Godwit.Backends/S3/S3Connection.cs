using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.Backends.S3;

/// <summary>The client of one bucket: where it is, how keys and paths belong together, and one way to call it.</summary>
internal sealed class S3Connection : IDisposable
{
    private readonly S3HttpClients _http;
    private readonly S3Clock _clock;
    private readonly S3Credentials _credentials;
    private readonly BucketRegion _region;
    private readonly ConcurrentDictionary<string, Lazy<AmazonS3Client>> _clients = new();

    public S3Connection(S3Options options, TimeProvider time)
    {
        options = options with { Endpoint = options.Endpoint ?? S3Profile.EndpointOf(options.Profile) };
        if (options.CustomerKey is not null && options.Endpoint is { Scheme: "http" })
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"{options.Endpoint}: a key to encrypt with is sent over https only.");
        }

        Options = options;
        Time = time;
        Identity = new StoreIdentity("s3", AuthorityOf(options), options.Prefix);
        _clock = new S3Clock(time);
        _credentials = S3Credentials.Of(options, time);
        _region = new BucketRegion(options.Region ?? S3Profile.RegionOf(options.Profile) ?? "us-east-1");
        _http = new S3HttpClients(options);
        Errors = new S3Errors(Identity.Space, _clock, _credentials, _region);
    }

    public S3Options Options { get; }

    public TimeProvider Time { get; }

    public StoreIdentity Identity { get; }

    public S3Errors Errors { get; }

    public S3Credentials Credentials => _credentials;

    /// <summary>The region that requests are signed for, as far as it is known.</summary>
    public string Region => _region.Name;

    /// <summary>The client for the region that the bucket is in, as far as it is known.</summary>
    public AmazonS3Client Client => _clients.GetOrAdd(_region.Name, region => new(() => ClientFor(region))).Value;

    public string Bucket => Options.Bucket;

    /// <summary>The key of a path; empty for the bucket itself.</summary>
    public string KeyOf(StorePath path) => S3Names.KeyOf(Identity.Absolute(path));

    /// <summary>What the keys below a directory begin with; empty for the bucket itself.</summary>
    public string PrefixOf(StorePath directory) => KeyOf(directory) is { Length: > 0 } key ? key + "/" : "";

    /// <summary>Calls the server; whatever goes wrong is the store's error or the caller's own cancellation.</summary>
    /// <param name="path">The path that it is about.</param>
    /// <param name="call">The call.</param>
    /// <param name="ct">The caller's token.</param>
    public async ValueTask<T> CallAsync<T>(StorePath path, Func<CancellationToken, Task<T>> call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            return await call(ct).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not StoreException && ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(fault.Message, fault, ct);
        }
        catch (Exception fault) when (fault is not StoreException)
        {
            throw Errors.Of(fault, path);
        }
    }

    /// <summary>Calls the server with a body. What the body's own source threw goes before what the connection made of it.</summary>
    public async ValueTask<T> SendAsync<T>(
        StorePath path, WriteSource source, Checksum? expected, Func<S3UploadBody, CancellationToken, Task<T>> call, CancellationToken ct)
    {
        if (source.InMemory is { } bytes && bytes.Length != source.Length)
        {
            string fault = $"{source.Length} bytes were promised for \"{path}\" and {bytes.Length} came.";
            throw new StoreException(StoreErrorKind.Integrity, fault) { Path = path };
        }

        string digest = expected is { Kind: ChecksumKind.Sha256 } sha256 ? sha256.Hex : S3UploadBody.NoDigest;
        Stream opened = await source.OpenAsync(ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        var body = new S3UploadBody(opened, source.Length, digest, path, ct);
        await using ConfiguredAsyncDisposable _ = body.ConfigureAwait(false);
        if (source.Length == 0)
        {
            await body.RequireEmptyAsync().ConfigureAwait(false);
        }

        try
        {
            return await CallAsync(path, token => call(body, token), ct).ConfigureAwait(false);
        }
        catch (StoreException) when (body.Fault is not null)
        {
            ExceptionDispatchInfo.Throw(body.Fault);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Lazy<AmazonS3Client> client in _clients.Values)
        {
            client.Value.Dispose();
        }

        _http.Dispose();
    }

    private static string AuthorityOf(S3Options options) =>
        options.Endpoint is { } endpoint ? $"{endpoint.Authority}/{options.Bucket}" : options.Bucket;

    private SigningClient ClientFor(string region) => new(
        _credentials, ConfigOf(Options, region, _http), [new S3Headers(Options), new ChooseSigner(new S3Signer(_clock), _credentials, _clock, region)]);

    private static AmazonS3Config ConfigOf(S3Options options, string region, S3HttpClients http)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = http,

            // The connection follows none. Without this the library takes a redirection for a success.
            AllowAutoRedirect = true,
            ForcePathStyle = options.PathStyle ?? options.Endpoint is not null,
            IgnoreConfiguredEndpointUrls = true,
            AuthenticationRegion = region,

            // Ceph's gateway and others refuse the checksums that the library would send after the body.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,

            // Repeats and timers are layers around the store, and nowhere else.
            MaxErrorRetry = 0,
            ThrottleRetries = false,
            Timeout = Timeout.InfiniteTimeSpan,
            BufferSize = 128 << 10,
            DisableLogging = true,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }

        return config;
    }

    private sealed class SigningClient(AWSCredentials credentials, AmazonS3Config config, PipelineHandler[] ours) : AmazonS3Client(credentials, config)
    {
        private readonly PipelineHandler[] _ours = ours;

        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);

            // These go to whatever host an answer names, and ask Amazon for regions, with the credential of this store.
            pipeline.RemoveHandler<Amazon.S3.Internal.AmazonS3RedirectHandler>();
            pipeline.RemoveHandler<RetryHandler>();

            // Called by the constructor of the base: the field has its value already, because C# sets it first.
            foreach (PipelineHandler one in _ours)
            {
                pipeline.AddHandlerBefore<Signer>(one);
            }
        }
    }
}
