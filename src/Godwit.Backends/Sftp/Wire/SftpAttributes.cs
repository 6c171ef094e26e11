using Godwit.Storage;

namespace Godwit.Backends.Sftp.Wire;

/// <summary>What a server tells of a file. Each may be missing.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Mode">Kind and permissions, as <c>st_mode</c>.</param>
/// <param name="Accessed">When it was last read, in seconds since 1970.</param>
/// <param name="Modified">When its content changed, in seconds since 1970.</param>
internal readonly record struct SftpAttributes(long? Length, uint? Mode, uint? Accessed, uint? Modified)
{
    public const uint HasLength = 1;
    public const uint HasOwner = 2;
    public const uint HasMode = 4;
    public const uint HasTimes = 8;

    private const uint HasExtended = 0x80000000;
    private const uint KindBits = 0xf000;

    /// <summary>What it is; null where the server does not tell.</summary>
    public EntryKind? Kind => (Mode & KindBits) switch
    {
        null or 0 => null,
        0x8000 => EntryKind.File,
        0x4000 => EntryKind.Directory,
        0xa000 => EntryKind.Link,
        _ => EntryKind.Other,
    };

    /// <summary>The moment that the content changed.</summary>
    public Timestamp? ModifiedTime => Modified is { } seconds ? Timestamp.FromUnix(seconds, 0) : null;

    /// <summary>Whether all that an entry needs is there.</summary>
    public bool AreComplete => Kind is not null && Length is not null && Modified is not null;

    public static SftpAttributes Read(ref PacketReader reader)
    {
        uint flags = reader.UInt32();
        long? length = (flags & HasLength) != 0 ? (long)Math.Min(reader.UInt64(), long.MaxValue) : null;
        if ((flags & HasOwner) != 0)
        {
            _ = reader.UInt64();
        }

        uint? mode = (flags & HasMode) != 0 ? reader.UInt32() : null;
        (uint? accessed, uint? modified) = (flags & HasTimes) != 0 ? (reader.UInt32(), reader.UInt32()) : ((uint?)null, (uint?)null);
        for (uint extended = (flags & HasExtended) != 0 ? reader.UInt32() : 0; extended > 0; extended--)
        {
            _ = reader.String();
            _ = reader.String();
        }

        return new SftpAttributes(length, mode, accessed, modified);
    }
}
