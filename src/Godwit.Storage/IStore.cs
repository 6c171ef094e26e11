namespace Godwit.Storage;

/// <summary>
/// One place where files are kept, such as a directory tree, a bucket or an SFTP account. Members that every store has are calls;
/// what only some stores can do is a nullable property, and <c>null</c> means: cannot. There is no second way to ask.
/// </summary>
/// <remarks>
/// <para>Every call may be made from many threads at once. Every call can be repeated: a write takes a source that can be produced
/// again, a listing is a page, a delete of what is absent succeeds.</para>
/// <para>A call that fails throws <see cref="StoreException"/>; a call that the caller cancelled throws
/// <see cref="OperationCanceledException"/> with his token and has no effect if it was cancelled before it began.</para>
/// </remarks>
public interface IStore : IAsyncDisposable
{
    /// <summary>Which store this is.</summary>
    StoreIdentity Identity { get; }

    /// <summary>What names, times and lengths this store can hold.</summary>
    StoreLimits Limits { get; }

    /// <summary>What is at the path, without following a link in its last segment; null when there is nothing.</summary>
    ValueTask<StoreEntry?> StatAsync(StorePath path, CancellationToken ct);

    /// <summary>A page of the direct entries of a directory, in the store's own order.</summary>
    /// <param name="directory">The directory. On a store without directories, a prefix.</param>
    /// <param name="position">Null for the first page, then <see cref="StorePage.Next"/> of the page before. The same position
    /// gives the same page again, so that a page can be repeated.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: no such directory (a store without directories may
    /// give an empty page instead); <see cref="StoreErrorKind.Unsupported"/>: it is a file.</exception>
    ValueTask<StorePage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct);

    /// <summary>Opens a file from its first byte.</summary>
    /// <returns>The entry as it was at the moment of opening, and its bytes. The body ends with an error, never early and quietly,
    /// when fewer bytes come than the entry's length; where the file changes while it is read, with
    /// <see cref="StoreErrorKind.PreconditionFailed"/> instead of the last bytes, unless the store goes on giving the old ones.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>, or <see cref="StoreErrorKind.Unsupported"/> for
    /// anything that is not a file.</exception>
    ValueTask<StoreBody> OpenReadAsync(StorePath path, CancellationToken ct);

    /// <summary>
    /// Writes a whole file. Afterwards the path holds the new content or what it held before, never a part of it. Missing
    /// directories on the way are made.
    /// </summary>
    /// <returns>The entry as the store now has it.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: the source gave fewer or more bytes than it promised;
    /// <see cref="StoreErrorKind.AlreadyExists"/>: create-only, and something is there.</exception>
    ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct);

    /// <summary>Deletes a file, a link or an empty directory. Nothing there is success.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: a directory that is not empty.</exception>
    ValueTask DeleteAsync(StorePath path, CancellationToken ct);

    /// <summary>Reads a range of a pinned version.</summary>
    IRangedRead? RangedRead { get; }

    /// <summary>Writes a file by parts that survive a restart, and publishes it in one step.</summary>
    IPartedWrite? PartedWrite { get; }

    /// <summary>Lists everything below a prefix, in key order, by page.</summary>
    IFlatListing? FlatListing { get; }

    /// <summary>Keeps directories of their own, also empty ones.</summary>
    IDirectories? Directories { get; }

    /// <summary>Keeps symbolic links.</summary>
    ILinks? Links { get; }

    /// <summary>Deletes many paths in one call.</summary>
    IBulkDelete? BulkDelete { get; }

    /// <summary>Deletes a file only if it is still the version that is meant. A store that says nothing cannot.</summary>
    IVersionedDelete? VersionedDelete => null;

    /// <summary>Copies within the store, without the bytes passing through here.</summary>
    IServerCopy? ServerCopy { get; }

    /// <summary>Fetches from another store, without the bytes passing through here.</summary>
    IThirdPartyCopy? ThirdPartyCopy { get; }

    /// <summary>What other servers need to fetch files of this one; null where none can.</summary>
    ThirdPartySource? ThirdPartySource => null;

    /// <summary>Tells a checksum that the store computed from what it stored.</summary>
    IStoredChecksum? StoredChecksum { get; }

    /// <summary>Refuses a body that does not match a checksum sent with it.</summary>
    IArrivalChecksum? ArrivalChecksum { get; }

    /// <summary>Gives a file a second name. A store that says nothing cannot.</summary>
    IHardLinks? HardLinks => null;

    /// <summary>Keeps the free pairs that files are written with, and tells them. A store that says nothing cannot.</summary>
    IUserMetadata? UserMetadata => null;

    /// <summary>Renames in one step.</summary>
    IRename? Rename { get; }

    /// <summary>Tells the space that is left.</summary>
    IFreeSpace? FreeSpace { get; }

    /// <summary>Sets the modification time of what is there.</summary>
    ISettableTime? SettableTime { get; }

    /// <summary>Makes what was written survive a power failure. Null: whatever the store acknowledged already does.</summary>
    IDurability? Durability { get; }

    /// <summary>Says what is right and wrong on the way to the store and with the store itself.</summary>
    IDiagnosis? Diagnosis { get; }
}

/// <summary>What a store can hold; asked before anything moves.</summary>
public sealed record StoreLimits
{
    /// <summary>Whether a name may be bytes that are not UTF-8.</summary>
    public bool NamesAreBytes { get; init; } = true;

    /// <summary>Bytes of one segment at most.</summary>
    public int NameBytes { get; init; } = int.MaxValue;

    /// <summary>Bytes of a whole path, root included, at most.</summary>
    public int PathBytes { get; init; } = int.MaxValue;

    /// <summary>Bytes that the store needs for a whole path, root included; null where that is the path's own length.</summary>
    public Func<StorePath, int>? StoredBytes { get; init; }

    /// <summary>Bytes of one file at most.</summary>
    public long FileBytes { get; init; } = long.MaxValue;

    /// <summary>Whole nanoseconds that times are rounded down to; 0 where a file's time cannot be kept at all.</summary>
    public long TimePrecision { get; init; } = 1;

    /// <summary>Whole nanoseconds that the times which are told are rounded down to; unless set, <see cref="TimePrecision"/>.</summary>
    public long ToldPrecision
    {
        get => field > 0 ? field : TimePrecision;
        init;
    }

    /// <summary>The earliest time that can be kept; what is earlier becomes this one. Null: no bound but <see cref="Timestamp"/>'s own.</summary>
    public Timestamp? EarliestTime { get; init; }

    /// <summary>The latest time that can be kept; what is later becomes this one. Null: no bound but <see cref="Timestamp"/>'s own.</summary>
    public Timestamp? LatestTime { get; init; }

    /// <summary>
    /// Whether <see cref="StoreEntry.Version"/> tells a content from any other. False where a store tells no more of a file than its length
    /// and a coarse time (SFTP): then a content of the same length that comes within <see cref="ToldPrecision"/> of the one before, or is
    /// given its time, has the same version.
    /// </summary>
    public bool VersionsAreExact { get; init; } = true;

    /// <summary>Why a path cannot be held although it is short enough, beside what the other limits say: null when it can. Null where nothing is
    /// refused.</summary>
    public Func<StorePath, string?>? RefusesName { get; init; }

    /// <summary>
    /// Whether links are told as what they lead to, so that nobody can know one. Deleting what looks like a directory then deletes a link without
    /// following it, and fails with <see cref="StoreException.IsNotEmpty"/> on a directory that is none: whoever deletes a tree tries that before he
    /// goes into a directory, and goes into no other.
    /// </summary>
    public bool HidesLinks { get; init; }

    /// <summary>Whether files may be told whose bytes were collected by whoever they were for: they are there for whoever puts them in, and cannot be
    /// read any more.</summary>
    public bool TellsCollected { get; init; }

    /// <summary>Whether <see cref="WriteMetadata.Mode"/> is kept.</summary>
    public bool KeepsMode { get; init; }

    /// <summary>How many calls at once this store bears by default.</summary>
    public int DefaultConcurrency { get; init; } = 8;

    /// <summary>The time that a file has which was given this one; only where times are kept at all.</summary>
    public Timestamp Kept(Timestamp given)
    {
        Timestamp floor = given.Floor(TimePrecision);
        return floor < EarliestTime ? EarliestTime.Value : floor > LatestTime ? LatestTime.Value : floor;
    }

    /// <summary>Why this store cannot hold the path; null when it can.</summary>
    public string? Refuses(StorePath path)
    {
        if (!NamesAreBytes && !PathText.IsUtf8(path.Bytes))
        {
            return "the name is not UTF-8 and this store holds only UTF-8";
        }

        int length = StoredBytes?.Invoke(path) ?? path.Bytes.Length;
        if (length > PathBytes)
        {
            return $"the path needs {length} bytes and this store holds at most {PathBytes}";
        }

        foreach (Range segment in path.Bytes.Split((byte)'/'))
        {
            int name = path.Bytes[segment].Length;
            if (name > NameBytes)
            {
                return $"a name has {name} bytes and this store holds at most {NameBytes}";
            }
        }

        return RefusesName?.Invoke(path);
    }
}

/// <summary>Some of the entries of a directory.</summary>
/// <param name="Entries">The entries, in the store's own order.</param>
/// <param name="Next">Where to go on; null after the last page.</param>
/// <param name="Unreadable">Entries that are there but could not be looked at, each with its error: a listing with one of these is
/// not complete, and nothing may be deleted because of it.</param>
public sealed record StorePage(
    IReadOnlyList<StoreEntry> Entries, ListPosition? Next, IReadOnlyList<StoreException>? Unreadable = null);

/// <summary>Where a listing goes on. Opaque; made by a store, handed back to it, disposed by whoever stops early.</summary>
public abstract class ListPosition : IDisposable
{
    /// <summary>Lets go of what the position holds open, if anything.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the position holds open, if anything.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>The bytes of a file, and what the file was when they were opened.</summary>
/// <param name="Entry">The entry at the moment of opening; its version is the one that the bytes belong to.</param>
/// <param name="Content">The bytes. The owner disposes it.</param>
public sealed record StoreBody(StoreEntry Entry, Stream Content) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
