using Amazon.S3.Model;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.Backends.S3;

/// <summary>
/// A bucket of an S3 server, or what lies below a prefix of it, as a store. What it promises and what it cannot is in <c>S3.md</c>.
/// </summary>
public sealed class S3Store : IStore, IRangedRead, IUserMetadata
{
    private readonly S3Connection _connection;
    private readonly S3Entries _entries;
    private readonly S3Listing _listing;
    private readonly S3PartedWrite _parts;
    private readonly S3ServerCopy _copy;
    private readonly S3BulkDelete _bulk;
    private readonly S3Checksums _checksums;

    /// <summary>Opens the bucket. Nothing is asked of the server yet.</summary>
    /// <param name="options">Which bucket, and how it is reached.</param>
    /// <param name="time">The clock.</param>
    public S3Store(S3Options options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _connection = new S3Connection(options, time);
        Requests = new S3Requests(options);
        _entries = new S3Entries(this);
        _listing = new S3Listing(this);
        _parts = new S3PartedWrite(this);
        _copy = new S3ServerCopy(this);
        _bulk = new S3BulkDelete(this);
        _checksums = new S3Checksums(this);
        Diagnosis = new S3Diagnosis(this);
    }

    /// <inheritdoc/>
    public StoreIdentity Identity => _connection.Identity;

    /// <inheritdoc/>
    public StoreLimits Limits { get; } = new()
    {
        PathBytes = 1_024,
        StoredBytes = S3Names.LengthOf,
        FileBytes = 10_000L * S3PartedWrite.MaxPartBytes,
        DefaultConcurrency = 16,
    };

    /// <inheritdoc/>
    public IRangedRead? RangedRead => this;

    /// <inheritdoc/>
    public IPartedWrite? PartedWrite => _parts;

    /// <inheritdoc/>
    public IFlatListing? FlatListing => _listing;

    /// <summary>None: a key is enough to be a path, and a directory is what keys have in common.</summary>
    public IDirectories? Directories => null;

    /// <inheritdoc/>
    public ILinks? Links => null;

    /// <inheritdoc/>
    public IBulkDelete? BulkDelete => _bulk;

    /// <inheritdoc/>
    public IServerCopy? ServerCopy => _copy;

    /// <inheritdoc/>
    public IThirdPartyCopy? ThirdPartyCopy => null;

    /// <inheritdoc/>
    public IStoredChecksum? StoredChecksum => _checksums;

    /// <inheritdoc/>
    public IArrivalChecksum? ArrivalChecksum => _checksums;

    /// <inheritdoc/>
    public IUserMetadata? UserMetadata => this;

    /// <inheritdoc/>
    public IRename? Rename => null;

    /// <inheritdoc/>
    public IFreeSpace? FreeSpace => null;

    /// <inheritdoc/>
    public ISettableTime? SettableTime => null;

    /// <inheritdoc/>
    public IDurability? Durability => null;

    /// <inheritdoc/>
    public IDiagnosis? Diagnosis { get; }

    internal S3Connection Connection => _connection;

    internal S3Requests Requests { get; }

    internal S3Entries Entries => _entries;

    /// <inheritdoc/>
    public ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct) => _entries.LookAsync(path, ct);

    /// <inheritdoc/>
    public ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct) =>
        _listing.ListAsync(directory, position, ct);

    /// <inheritdoc/>
    public ValueTask<FileWithPairs?> GetAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return _entries.WithPairsAsync(path, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct)
    {
        GetObjectResponse response = await GetAsync(path, null, null, ct).ConfigureAwait(false);
        return new StoreBody(S3Entries.Of(path, response), new S3DownloadBody(response, _connection.Errors, path));
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
        {
            await _entries.RequireVersionAsync(path, version, ct).ConfigureAwait(false);
            return Stream.Null;
        }

        try
        {
            var range = new ByteRange(offset, offset + Math.Min(length, long.MaxValue - offset) - 1);
            GetObjectResponse response = await GetAsync(path, version, range, ct).ConfigureAwait(false);
            RequireRange(response, offset, path);
            return new S3DownloadBody(response, _connection.Errors, path);
        }
        catch (StoreException past) when (past.InnerException is Amazon.S3.AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            // Not every server looks at the version before the range.
            await _entries.RequireVersionAsync(path, version, ct).ConfigureAwait(false);
            return Stream.Null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        ct.ThrowIfCancellationRequested();
        string key = RequireKey(path, options.Expected);
        if (source.Length > S3PartedWrite.MaxPartBytes)
        {
            throw Refused(path, $"{source.Length} bytes are more than the {S3PartedWrite.MaxPartBytes} of one request; write it by parts");
        }

        Timestamp modified = ModifiedOf(options);
        try
        {
            PutObjectResponse response = await _connection.SendAsync(
                path,
                source,
                options.Expected,
                (body, token) => _connection.Client.PutObjectAsync(Requests.Put(key, body, modified, options), token),
                ct).ConfigureAwait(false);
            return S3Entries.Of(
                path, source.Length, response.ETag, options.Metadata.PairsAlone ? null : modified, response.ServerSideEncryptionMethod, response.ServerSideEncryptionCustomerMethod);
        }
        catch (StoreException e) when (options.CreateOnly && e.Kind == StoreErrorKind.PreconditionFailed)
        {
            throw AlreadyThere(path, e);
        }
        catch (StoreException e) when (options.Replaces is { } version && e.Kind is StoreErrorKind.NotFound)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version}.", e) { Path = path };
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorePath path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_connection.KeyOf(path) is not { Length: > 0 } key)
        {
            return;
        }

        await DeleteKeyAsync(path, key, ct).ConfigureAwait(false);
        if (await _entries.HasMarkerAsync(path, key, ct).ConfigureAwait(false))
        {
            await DeleteKeyAsync(path, key + "/", ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Deletes one key; what is absent is success.</summary>
    internal async ValueTask DeleteKeyAsync(StorePath path, string key, CancellationToken ct)
    {
        try
        {
            await _connection.CallAsync(path, token => _connection.Client.DeleteObjectAsync(Requests.Delete(key), token), ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.InnerException is Amazon.S3.AmazonS3Exception { ErrorCode: "NoSuchKey" })
        {
        }
    }

    /// <summary>The key to write to.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: no key can be this path, or the checksum is of a kind
    /// that the server does not enforce.</exception>
    internal string RequireKey(StorePath path, Checksum? expected)
    {
        string? refusal = path.IsRoot ? "the root is no file" : Limits.Refuses(Identity.Absolute(path));
        if (refusal is null && expected is { } sum && !S3Checksums.Enforces(sum.Kind))
        {
            refusal = $"{Checksum.NameOf(sum.Kind)} is not checked here";
        }

        return refusal is null ? _connection.KeyOf(path) : throw Refused(path, refusal);
    }

    /// <summary>The time that a file gets. A file of no given time gets the present, so that its time is its own and not the server's.</summary>
    internal Timestamp ModifiedOf(WriteOptions options) => options.Metadata.Modified ?? Timestamp.From(_connection.Time.GetUtcNow());

    internal static StoreException Refused(StorePath path, string why) =>
        new(StoreErrorKind.InvalidRequest, $"\"{path}\" cannot be written: {why}.") { Path = path };

    internal static StoreException AlreadyThere(StorePath path, Exception? cause = null) =>
        new(StoreErrorKind.AlreadyExists, $"\"{path}\" is there already.", cause) { Path = path };

    /// <summary>HTTP lets a server or a proxy pass over a range and send the whole: its first bytes would then stand for any others.</summary>
    private static void RequireRange(GetObjectResponse response, long offset, StorePath path)
    {
        string expected = $"bytes {offset}-{offset + response.ContentLength - 1}/";
        if (response.HttpStatusCode == System.Net.HttpStatusCode.PartialContent
            && response.ContentRange?.StartsWith(expected, StringComparison.OrdinalIgnoreCase) == true)
        {
            return;
        }

        response.Dispose();
        throw new StoreException(
            StoreErrorKind.Unsupported,
            $"The server was asked for bytes of \"{path}\" from {offset} on and sent "
            + $"\"{response.ContentRange ?? "the whole"}\" (HTTP {(int)response.HttpStatusCode}): it, or a proxy before it, does not serve ranges.")
        {
            Path = path,
        };
    }

    private async ValueTask<GetObjectResponse> GetAsync(StorePath path, string? version, ByteRange? range, CancellationToken ct)
    {
        string key = _connection.KeyOf(path) is { Length: > 0 } known
            ? known
            : throw new StoreException(StoreErrorKind.NotFound, $"There is nothing at \"{path}\".") { Path = path };
        return await _connection.CallAsync(
            path, token => _connection.Client.GetObjectAsync(Requests.Get(key, version, range), token), ct).ConfigureAwait(false);
    }
}
