namespace Godwit.Storage;

/// <summary>Tells a checksum that the store computed from what it stored, not one that somebody wrote down.</summary>
public interface IStoredChecksum
{
    /// <summary>The kinds it may have, preferred first.</summary>
    IReadOnlyList<ChecksumKind> Kinds { get; }

    /// <summary>Whether <see cref="StoreEntry.Checksums"/> of what is looked at or opened, though not of what is listed, holds all that
    /// <see cref="GetAsync"/> could tell: then nobody needs to ask a second time, nor to compute what there is nothing to compare with.</summary>
    bool IsToldWithEntries { get; }

    /// <summary>The checksum of a file; null where the store has none of that kind for this file.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>.</exception>
    ValueTask<Checksum?> GetAsync(StorePath path, ChecksumKind kind, CancellationToken ct);
}

/// <summary>Refuses a body that does not match the checksum sent with it.</summary>
public interface IArrivalChecksum
{
    /// <summary>The kinds it enforces, preferred first. Declared only where the conformance kit saw a wrong one refused.</summary>
    IReadOnlyList<ChecksumKind> Kinds { get; }
}
