namespace Godwit.Storage;

/// <summary>Several checksums of the same bytes, computed in one pass. For one thread at a time.</summary>
public sealed class ChecksumSet : IDisposable
{
    // Small enough for the first cache of a core: each kind after the first finds the bytes there.
    private const int SliceBytes = 16 * 1024;

    private readonly RunningChecksum[] _checksums;
    private readonly RunningPartedMd5? _parted;

    /// <summary>The kinds asked for, each once however often it is named. None is allowed, and costs nothing.</summary>
    /// <param name="kinds">The kinds.</param>
    /// <param name="partSize">Computes a <see cref="PartedChecksum"/> for parts of that many bytes too; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not a kind, or the size is not positive.</exception>
    public ChecksumSet(IEnumerable<ChecksumKind> kinds, long? partSize = null)
    {
        Kinds = [.. kinds.Distinct()];
        _checksums = [.. Kinds.Select(RunningChecksum.Start)];
        _parted = partSize is { } size ? new RunningPartedMd5(size) : null;
    }

    /// <summary>The kinds, in the order in which they were first named.</summary>
    public IReadOnlyList<ChecksumKind> Kinds { get; }

    /// <summary>Whether nothing is computed.</summary>
    public bool IsEmpty => _checksums.Length == 0 && _parted is null;

    /// <summary>Bytes appended so far.</summary>
    public long Length { get; private set; }

    /// <summary>Takes further bytes, any number of them.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> slice = bytes[..Math.Min(bytes.Length, SliceBytes)];
            bytes = bytes[slice.Length..];
            foreach (RunningChecksum checksum in _checksums)
            {
                checksum.Append(slice);
            }

            _parted?.Append(slice);
        }
    }

    /// <summary>The checksums of all bytes so far, in the order of <see cref="Kinds"/>. Changes nothing: more bytes may follow.</summary>
    public IReadOnlyList<Checksum> Finish() => [.. _checksums.Select(checksum => checksum.Finish())];

    /// <summary>The checksum over parts of all bytes, once, after the last of them; null where none was asked for.</summary>
    public PartedChecksum? FinishParted() => _parted?.Finish();

    /// <summary>Lets go of native memory.</summary>
    public void Dispose()
    {
        _parted?.Dispose();
        foreach (RunningChecksum checksum in _checksums)
        {
            checksum.Dispose();
        }
    }
}
