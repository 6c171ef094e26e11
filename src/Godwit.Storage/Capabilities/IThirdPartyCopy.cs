namespace Godwit.Storage;

/// <summary>Has another store's server send files to this one's, without the bytes passing through here.</summary>
public interface IThirdPartyCopy
{
    /// <summary>Bytes from which on a file is worth the time that such a copy takes to begin.</summary>
    long WorthBytes { get; }

    /// <summary>Why files of that store cannot be fetched, as a clause: "the other speaks another protocol". Null when they can, as far as that is
    /// known without asking anybody.</summary>
    string? Refuses(ThirdPartySource source);

    /// <summary>Why a file cannot be fetched because of its name, as a clause; null when it can. It says nothing of others.</summary>
    /// <param name="source">Where the file is.</param>
    /// <param name="from">The file below the source's root.</param>
    string? RefusesName(ThirdPartySource source, StorePath from) => null;

    /// <summary>Fetches a whole file into an upload: it is its only part then, and replaces what the upload held. Nothing is visible at the upload's
    /// path before it is completed.</summary>
    /// <param name="source">Where the file is; <see cref="Refuses"/> says nothing against it.</param>
    /// <param name="from">The file below the source's root: whatever version is there. <see cref="RefusesName"/> says nothing against it.</param>
    /// <param name="upload">An upload of this store.</param>
    /// <param name="progress">Bytes so far, as the servers say; advisory, and they may say nothing.</param>
    /// <param name="ct">Cancels the copy itself, as far as the servers can.</param>
    /// <returns>The part. Neither its length nor its bytes were held against the source's.</returns>
    /// <remarks>A copy that stands still ends with <see cref="StoreErrorKind.TimedOut"/>; one that goes on may take as long as it takes.</remarks>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: no such file, or the upload is gone;
    /// <see cref="StoreErrorKind.InvalidRequest"/>: not a file of this name; any other: the servers would
    /// not, or could not; go another route.</exception>
    ValueTask<StoredPart> PullAsync(
        ThirdPartySource source, StorePath from, PartedUpload upload, IProgress<long>? progress, CancellationToken ct);
}

/// <summary>What a store's server has to be told so that it fetches files of another store.</summary>
/// <param name="Server">The other one's server, such as <c>gsiftp://host:2811</c>.</param>
/// <param name="Root">The other store's root, from its server's.</param>
/// <param name="Credential">Tells credentials apart: two stores with an equal one are asked as the same user. Never a secret.</param>
public sealed record ThirdPartySource(string Server, StorePath Root, string Credential);
