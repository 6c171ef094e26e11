namespace Godwit.Storage;

/// <summary>
/// Writes a file by parts. Nothing is visible at the path before <see cref="CompleteAsync"/>, which is the publishing step: what is
/// written here can be proved first. The parts outlive this process, so that a restarted one can go on.
/// </summary>
public interface IPartedWrite
{
    /// <summary>How parts may be cut.</summary>
    PartLimits Limits { get; }

    /// <summary>Reads what was written and is not yet published; null where the store cannot.</summary>
    IUnpublishedRead? UnpublishedRead { get; }

    /// <summary>Tells a checksum of what was written and is not yet published; null where the store cannot.</summary>
    IUnpublishedChecksum? UnpublishedChecksum { get; }

    /// <summary>Lists the uploads under way, also those of others; null where the store cannot.</summary>
    IUploadListing? UploadListing { get; }

    /// <summary>Begins an upload. Missing directories on the way are made.</summary>
    /// <param name="path">The final path.</param>
    /// <param name="tag">The caller's own mark, unique among all uploads: at most 32 letters and digits. A caller records it before
    /// he calls, so that an upload whose answer was lost can be found again. Beginning twice with one tag gives one upload.</param>
    /// <param name="length">Bytes to come, so that space can be set aside; null when unknown.</param>
    /// <param name="options">As for <see cref="IStore.WriteAsync"/>, but for <see cref="WriteOptions.Expected"/>, which goes with the
    /// parts.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct);

    /// <summary>Takes up an upload of an earlier run; null when the store no longer has it.</summary>
    /// <param name="path">The final path.</param>
    /// <param name="tag">The mark it was begun with.</param>
    /// <param name="id">Its <see cref="PartedUpload.Id"/>; null when the answer to beginning was lost.</param>
    /// <param name="length">Bytes of the whole file; null when unknown.</param>
    /// <param name="options">As it was begun with.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<PartedUpload?> ResumeAsync(StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct);

    /// <summary>Writes one part; parts may be written in any order and several at once. The same number again replaces it.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="number">From 1, at most <see cref="PartLimits.MaxParts"/>.</param>
    /// <param name="offset">Where the part belongs in the file.</param>
    /// <param name="source">The part's bytes.</param>
    /// <param name="expected">What the bytes must be, on a store with <see cref="IStore.ArrivalChecksum"/>; else null.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: fewer or more bytes than promised, or not the expected
    /// ones; <see cref="StoreErrorKind.NotFound"/>: the upload is gone.</exception>
    ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct);

    /// <summary>The parts that the store has; null where only the caller's record can tell, and has to be proved by reading.</summary>
    ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct);

    /// <summary>Publishes the file in one step: afterwards the path holds exactly these parts.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="parts">All parts in order, together the whole file. An empty file has none.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>The entry as the store now has it.</returns>
    /// <remarks>Never repeated by a layer: it may have taken effect although its answer was lost. The caller asks first.</remarks>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.AlreadyExists"/>: create-only, and something is there (the upload
    /// stays, to be aborted); <see cref="StoreErrorKind.NotFound"/>: the upload is gone; <see cref="StoreErrorKind.Integrity"/>: a part
    /// is missing.</exception>
    ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct);

    /// <summary>Throws the upload away. One that is gone is success.</summary>
    /// <returns>False where it was left alone, because the file that stands at its path may be made of it and could be lost with it.</returns>
    ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct);
}

/// <summary>Reads what was written by parts and is not yet published.</summary>
public interface IUnpublishedRead
{
    /// <summary>Opens a range of the upload as the store would publish it, past any cache of this machine where that is possible.</summary>
    ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct);
}

/// <summary>Tells a checksum that the store computes from what was written by parts and is not yet published.</summary>
public interface IUnpublishedChecksum
{
    /// <summary>The kinds it may have, preferred first.</summary>
    IReadOnlyList<ChecksumKind> Kinds { get; }

    /// <summary>Bytes of a file below which reading it again is cheaper than asking.</summary>
    long WorthBytes => 0;

    /// <summary>The checksum of the whole file as the store would publish it, for whoever has written all of its parts; null where the store
    /// cannot tell it of this file, or cannot any longer: then it is to be read.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: the upload is gone.</exception>
    ValueTask<Checksum?> GetAsync(PartedUpload upload, ChecksumKind kind, CancellationToken ct);
}

/// <summary>How a file may be cut into parts.</summary>
public sealed record PartLimits
{
    /// <summary>Bytes of a part at least, but for the last.</summary>
    public long MinBytes { get; init; } = 1;

    /// <summary>Bytes of a part at most.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Bytes of a part when nobody asks for another size.</summary>
    /// <value>8 MiB: large enough that a request's own time does not count, small enough to be kept in memory several at once.</value>
    public long UsualBytes { get; init; } = 8L << 20;

    /// <summary>Parts of a file at most.</summary>
    public int MaxParts { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether an upload is found again by its tag alone. False where only the store's own id leads back to it (S3): a caller records the
    /// id before the first part. An upload whose beginning was never answered is then found by nobody; it holds no bytes.
    /// </summary>
    public bool FindsByTag { get; init; } = true;

    /// <summary>
    /// Whether an upload is there from its beginning. False where it begins with its first part (GridFTP, XRootD): until then nothing is on the
    /// server, and a resumption finds nothing.
    /// </summary>
    public bool IsThereWhenBegun { get; init; } = true;

    /// <summary>
    /// Whether exactly one of several create-only completions wins. False where the store looks first and then publishes (S3): a file that
    /// comes between the two is replaced by the one that is published.
    /// </summary>
    public bool CreateOnlyIsAtomic { get; init; } = true;

    /// <summary>
    /// Whether a completion may still take effect after whoever asked for it is gone (S3). A caller records it before he asks, and does not
    /// abort such an upload for a while: some servers would then publish a file without bytes.
    /// </summary>
    public bool CompletionMayLag { get; init; }
}

/// <summary>An upload under way. A store may hand out a class of its own that carries more.</summary>
public class PartedUpload(StorePath path, string tag, string id)
{
    /// <summary>The final path.</summary>
    public StorePath Path { get; } = path;

    /// <summary>The caller's own mark.</summary>
    public string Tag { get; } = tag;

    /// <summary>The store's name for the upload; with path and tag, all that is needed to resume it.</summary>
    public string Id { get; } = id;

    /// <summary>Whether the store's answer to completion leaves doubt that the file is made of these very parts: then it is to be read.</summary>
    public bool AssemblyIsInDoubt { get; protected set; }
}

/// <summary>A part that a store has.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Where it belongs in the file; -1 where a listing does not tell.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Token">What the store wants back on completion, such as an ETag.</param>
/// <param name="Stored">The checksum that the store computed from what it stored, where it tells one.</param>
public sealed record StoredPart(int Number, long Offset, long Length, string? Token = null, Checksum? Stored = null);
