using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Verify;

/// <summary>Holds the bytes of a whole file, as they are read, against what came with its entry. For one thread at a time.</summary>
public sealed class ProveReading : IDisposable
{
    private readonly StoreEntry _entry;
    private readonly Checksum? _told;
    private readonly ChecksumSet _digests;

    /// <summary>Begins at the file's first byte.</summary>
    /// <param name="entry">The file as it was opened: it tells what the bytes must be, or nothing.</param>
    public ProveReading(StoreEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _entry = entry;
        _told = SourceClaim.ToldBy(entry) is { By: SourceProof.Stored, Value: { } told } ? told : null;
        _digests = new ChecksumSet(_told is { Kind: var kind } ? [kind] : []);
    }

    /// <summary>Takes the bytes that come next.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _digests.Append(bytes);

    /// <summary>After the last byte: makes sure that these are the bytes of the file, where its store tells anything that they can be held
    /// against. What somebody only wrote down, such as how a file was cut, refutes nothing.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: they are others.</exception>
    public void Require()
    {
        if (_told is { } told && _digests.Finish()[0] is var ours && ours != told)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"What was read is {ours}, the store says {told}.")
            {
                Side = StoreSide.Source,
                Path = _entry.Path,
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _digests.Dispose();
}
