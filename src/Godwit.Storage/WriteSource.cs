namespace Godwit.Storage;

/// <summary>Bytes that can be produced again from the start, so that every write can be repeated.</summary>
/// <param name="Length">Exactly how many bytes come. A store that gets fewer or more fails with
/// <see cref="StoreErrorKind.Integrity"/> and keeps nothing.</param>
/// <param name="OpenAsync">Opens the bytes from the first one. May be called again after a failure.</param>
public sealed record WriteSource(long Length, Func<CancellationToken, ValueTask<Stream>> OpenAsync)
{
    /// <summary>
    /// The bytes themselves where they are in memory: a store may write them without a stream. Null otherwise; where it is set,
    /// it is what <see cref="OpenAsync"/> gives.
    /// </summary>
    public ReadOnlyMemory<byte>? InMemory { get; private init; }

    /// <summary>Bytes in memory.</summary>
    public static WriteSource From(ReadOnlyMemory<byte> bytes) =>
        new(bytes.Length, _ => ValueTask.FromResult<Stream>(new ReadOnlyMemoryStream(bytes))) { InMemory = bytes };

    /// <summary>The same bytes through another stream, each time that they are opened. They are no longer in memory.</summary>
    public WriteSource Through(Func<Stream, Stream> wrap)
    {
        ArgumentNullException.ThrowIfNull(wrap);
        return new WriteSource(Length, async ct => wrap(await OpenAsync(ct).ConfigureAwait(false)));
    }
}

/// <summary>How a file is written.</summary>
public sealed record WriteOptions
{
    /// <summary>Nothing special: overwrite, no metadata.</summary>
    public static WriteOptions Default { get; } = new();

    /// <summary>Fail with <see cref="StoreErrorKind.AlreadyExists"/> instead of replacing. Exactly one of many such writers wins.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>The <see cref="StoreEntry.Version"/> that is to be replaced: fail with <see cref="StoreErrorKind.PreconditionFailed"/> where another one, or
    /// nothing, is there. Null: whatever is there. Only for writes in one call to stores with <see cref="IStore.UserMetadata"/>.</summary>
    public string? Replaces { get; init; }

    /// <summary>What the file carries beside its bytes. Known before the first byte, because object stores take it only then.</summary>
    public WriteMetadata Metadata { get; init; } = WriteMetadata.None;

    /// <summary>
    /// What the bytes must be, of a kind in <see cref="IArrivalChecksum.Kinds"/>; the store refuses anything else with
    /// <see cref="StoreErrorKind.Integrity"/>. Null: no claim. A store without that capability refuses the option.
    /// </summary>
    public Checksum? Expected { get; init; }

    /// <summary>Bytes of the parts that will be written, where the caller knows: a store may keep it, so that <see cref="StoreEntry.Parted"/>
    /// can be told. Null where it does not matter.</summary>
    public long? PartSize { get; init; }
}

/// <summary>What a file carries beside its bytes. A store keeps what it can; <see cref="StoreLimits"/> says what that is.</summary>
public sealed record WriteMetadata
{
    /// <summary>Nothing.</summary>
    public static WriteMetadata None { get; } = new();

    /// <summary>When the content changed at its source.</summary>
    public Timestamp? Modified { get; init; }

    /// <summary>POSIX permission bits. Bits beyond 0777 (set-user-id and the like) are never taken over.</summary>
    public int? Mode { get; init; }

    /// <summary>A checksum of the whole file that is known before its first byte, for stores that can keep what they cannot compute; see
    /// <see cref="StoreEntry.Noted"/>. Whoever writes it proves it before the file is published.</summary>
    public Checksum? Noted { get; init; }

    /// <summary>Free pairs, for stores that keep them (<see cref="IStore.UserMetadata"/>): ASCII, names in lower case.</summary>
    public IReadOnlyDictionary<string, string> Pairs { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the file is to carry the pairs and nothing else, because another program reads them: then no time is kept, and nothing that
    /// the store would write beside them. Only for stores with <see cref="IStore.UserMetadata"/>.</summary>
    public bool PairsAlone { get; init; }
}
