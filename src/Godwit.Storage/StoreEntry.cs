using System.Globalization;

namespace Godwit.Storage;

/// <summary>What an entry is.</summary>
public enum EntryKind
{
    /// <summary>A file: bytes with a length.</summary>
    File = 0,

    /// <summary>A directory, or an object store's marker of one.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>Something that is not moved: a socket, a device, a pipe.</summary>
    Other,
}

/// <summary>A moment in whole nanoseconds since 1970-01-01 UTC: what file systems keep. Comparable as a number.</summary>
/// <param name="Nanoseconds">Nanoseconds since 1970-01-01T00:00:00Z, negative before it. Covers the years 1678 to 2262.</param>
public readonly record struct Timestamp(long Nanoseconds) : IComparable<Timestamp>
{
    /// <summary>From a second count and the nanoseconds within that second, as <c>struct timespec</c> has them.</summary>
    /// <remarks>Moments outside 1678 to 2262 become the nearest end: a broken clock must not stop a transfer.</remarks>
    public static Timestamp FromUnix(long seconds, long nanoseconds)
    {
        Int128 exact = ((Int128)seconds * 1_000_000_000) + nanoseconds;
        return new Timestamp((long)Int128.Clamp(exact, long.MinValue, long.MaxValue));
    }

    /// <summary>From a moment with ticks of 100 ns. One outside 1678 to 2262, such as a far end that means "always", becomes the nearest end.</summary>
    public static Timestamp From(DateTimeOffset moment) =>
        new((long)Int128.Clamp((Int128)(moment.UtcTicks - DateTime.UnixEpoch.Ticks) * 100, long.MinValue, long.MaxValue));

    /// <summary>The moment rounded down to 100 ns.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        new(DateTime.UnixEpoch.Ticks + (long)Math.Floor(Nanoseconds / 100m), TimeSpan.Zero);

    /// <summary>Rounded down to a whole number of <paramref name="precision"/> nanoseconds, as a coarser store keeps it.</summary>
    public Timestamp Floor(long precision)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(precision);
        long rest = Nanoseconds % precision;
        return new Timestamp(Nanoseconds - (rest < 0 ? rest + precision : rest));
    }

    /// <inheritdoc/>
    public int CompareTo(Timestamp other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>RFC 3339 in UTC with nine decimals.</summary>
    public override string ToString()
    {
        long fraction = ((Nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000;
        return ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
            + "." + fraction.ToString("D9", CultureInfo.InvariantCulture) + "Z";
    }

    /// <summary>Whether the left moment is earlier.</summary>
    public static bool operator <(Timestamp left, Timestamp right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Whether the left moment is later.</summary>
    public static bool operator >(Timestamp left, Timestamp right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Whether the left moment is earlier or the same.</summary>
    public static bool operator <=(Timestamp left, Timestamp right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Whether the left moment is later or the same.</summary>
    public static bool operator >=(Timestamp left, Timestamp right) => left.Nanoseconds >= right.Nanoseconds;
}

/// <summary>What a POSIX file system tells of a file's content beside length and modification time.</summary>
/// <param name="Number">The inode's number.</param>
/// <param name="Changed">When the inode last changed; no caller can set it back.</param>
public readonly record struct InodeStamp(ulong Number, Timestamp Changed)
{
    /// <summary>The <see cref="StoreEntry.Version"/>: length, modified, changed, inode.</summary>
    public string Version(long length, Timestamp? modified) =>
        string.Create(CultureInfo.InvariantCulture, $"{length}@{modified?.Nanoseconds}+{Changed.Nanoseconds}#{Number}");

    /// <summary>The <see cref="StoreEntry.ResumeVersion"/>: length, modified.</summary>
    public static string ResumeVersion(long length, Timestamp? modified) =>
        string.Create(CultureInfo.InvariantCulture, $"{length}@{modified?.Nanoseconds}");
}

/// <summary>One listed or looked-up thing in a store.</summary>
public sealed record StoreEntry
{
    /// <summary>Where it is below the store's root.</summary>
    public required StorePath Path { get; init; }

    /// <summary>What it is.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>Bytes of a file; zero for everything else.</summary>
    public long Length { get; init; }

    /// <summary>When the content changed; null where the store does not know.</summary>
    public Timestamp? Modified { get; init; }

    /// <summary>Nanoseconds by which <see cref="Modified"/> of this very entry may be off in either direction, because whoever wrote it down rounded it;
    /// null where it is what <see cref="StoreLimits"/> say.</summary>
    public long? ModifiedWithin { get; init; }

    /// <summary>Whether a time may be <see cref="Modified"/>, given how far that may be off.</summary>
    public bool MayBeModified(Timestamp time) =>
        Modified is { } told && Int128.Abs((Int128)told.Nanoseconds - time.Nanoseconds) <= (ModifiedWithin ?? 0);

    /// <summary>
    /// What tells this content from any other that was or will be at this path, also one of the same length and time: an ETag with
    /// generation, or length, times and inode. Opaque; equal means unchanged. Null where the store cannot tell, and for non-files.
    /// </summary>
    public string? Version
    {
        get => field ?? Inode?.Version(Length, Modified);
        init;
    }

    /// <summary>
    /// On a POSIX file system, what <see cref="Version"/> and <see cref="ResumeVersion"/> are made from when somebody asks: a listing
    /// of millions need not make two strings for each file. Null elsewhere, and where the versions were set.
    /// </summary>
    public InodeStamp? Inode { get; init; }

    /// <summary>
    /// What tells this content from another after a restart: less strict than <see cref="Version"/> (a copied or touched inode
    /// counts as the same), because what was moved of it is proved again by checksum before it is trusted.
    /// </summary>
    public string? ResumeVersion
    {
        get => field ?? (Inode is null ? null : InodeStamp.ResumeVersion(Length, Modified));
        init;
    }

    /// <summary>
    /// Whether two answers of one store about one path tell of the same thing, unchanged: the same <see cref="Version"/> and length, or a link with
    /// the same target. Where the store tells no version, its times have to do.
    /// </summary>
    public bool IsSameVersion(StoreEntry other)
    {
        ArgumentNullException.ThrowIfNull(other);
        bool isSame = Kind == other.Kind && Length == other.Length && Version == other.Version;
        return isSame && (Version is not null || Modified == other.Modified)
            && (LinkTarget ?? default).Span.SequenceEqual((other.LinkTarget ?? default).Span);
    }

    /// <summary>POSIX permission bits (at most 07777); null where the store has none.</summary>
    public int? Mode { get; init; }

    /// <summary>Where a link points, as the store keeps it; null for everything else.</summary>
    public ReadOnlyMemory<byte>? LinkTarget { get; init; }

    /// <summary>Bytes that the content takes on the medium, where the store says; a sparse file takes fewer than its length.</summary>
    public long? Allocated { get; init; }

    /// <summary>Checksums that came with the answer for nothing, such as an ETag that is an MD5. Never computed for it.</summary>
    public IReadOnlyList<Checksum> Checksums { get; init; } = [];

    /// <summary>What the store computed of a file that was written by parts, where it is known how it was cut; else null.</summary>
    public PartedChecksum? Parted { get; init; }

    /// <summary>A checksum that whoever wrote the file wrote down beside it; the store did not compute it. Null where there is none.</summary>
    public Checksum? Noted { get; init; }

    /// <summary>
    /// The one order in which trees are listed, merged and compared: unsigned bytes of the path, a directory counted with a trailing
    /// <c>/</c>. It is the order of an object store's flat listing, and a directory stands right before its contents.
    /// </summary>
    public static int CompareByKey(StoreEntry left, StoreEntry right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return CompareKeys(left.Path.Bytes, left.Kind == EntryKind.Directory, right.Path.Bytes, right.Kind == EntryKind.Directory);
    }

    /// <summary>The comparison behind <see cref="CompareByKey"/>, on bare bytes (whole paths, or names of one directory).</summary>
    public static int CompareKeys(ReadOnlySpan<byte> left, bool leftIsDirectory, ReadOnlySpan<byte> right, bool rightIsDirectory)
    {
        int common = left.CommonPrefixLength(right);
        if (common < left.Length && common < right.Length)
        {
            return left[common] - right[common];
        }

        int leftNext = common < left.Length ? left[common] : leftIsDirectory ? '/' : -1;
        int rightNext = common < right.Length ? right[common] : rightIsDirectory ? '/' : -1;
        return leftNext != rightNext ? leftNext - rightNext : left.Length - right.Length;
    }
}
