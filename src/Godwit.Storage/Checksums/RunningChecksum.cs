namespace Godwit.Storage;

/// <summary>
/// A checksum that grows with the bytes. How the bytes are cut into calls makes no difference. For one thread at a time.
/// </summary>
public abstract class RunningChecksum : IDisposable
{
    /// <summary>Only the kinds of <see cref="ChecksumKind"/> exist: <see cref="Start(ChecksumKind)"/> makes them.</summary>
    private protected RunningChecksum(ChecksumKind kind) => Kind = kind;

    /// <summary>Its kind.</summary>
    public ChecksumKind Kind { get; }

    /// <summary>A checksum of no bytes yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a kind.</exception>
    public static RunningChecksum Start(ChecksumKind kind) => Start(kind, Instructions.Fastest);

    /// <summary>Takes further bytes, any number of them.</summary>
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>The checksum of all bytes so far. Changes nothing: more bytes may follow, and it may be asked for again.</summary>
    public abstract Checksum Finish();

    /// <summary>Lets go of native memory, where a kind holds any.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A checksum that is computed with the given instructions, so that every way of computing it can be proved.</summary>
    internal static RunningChecksum Start(ChecksumKind kind, Instructions instructions) => kind switch
    {
        ChecksumKind.Md5 or ChecksumKind.Sha256 or ChecksumKind.Sha1 or ChecksumKind.Sha512 => new RunningHash(kind),
        ChecksumKind.Adler32 => new RunningAdler32(instructions),
        ChecksumKind.Crc32C => new RunningCrc32C(instructions),
        ChecksumKind.Crc64Nvme => new RunningCrc64Nvme(instructions),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a checksum kind"),
    };

    /// <summary>Lets go of native memory, where a kind holds any.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>What a checksum is computed with.</summary>
internal enum Instructions
{
    /// <summary>The fastest that this processor has.</summary>
    Fastest,

    /// <summary>No vectors and no carry-less multiplication, as on a processor without them.</summary>
    Scalar,
}
