using System.Globalization;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>A file as the state files of a box tell it.</summary>
internal sealed record CtaIngestFile
{
    /// <summary>The file.</summary>
    public required StorePath Path { get; init; }

    /// <summary>What the state files call it.</summary>
    public required string Name { get; init; }

    /// <summary>What is known of it: from the source while it waits, from the destination once it was delivered.</summary>
    public required CtaIngestEntry Entry { get; init; }

    /// <summary>Where its parts are, in order; none once it was delivered.</summary>
    public IReadOnlyList<StorePath> Parts { get; init; } = [];

    /// <summary>Whether it was delivered.</summary>
    public bool IsDelivered { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long Length => Entry.Length ?? 0;

    /// <summary>When its content changed; null where nobody tells.</summary>
    public Timestamp? Modified => Entry.Modified is { } seconds ? CtaIngestEntry.TimeOf(seconds) : null;

    /// <summary>Which content it is, as far as that can be told.</summary>
    public string Version => IsDelivered ? ResumeVersion : $"{ResumeVersion}/{PartsSum()}";

    /// <summary>The file as a store tells it.</summary>
    public StoreEntry ToEntry() => new()
    {
        Path = Path,
        Kind = EntryKind.File,
        Length = Length,
        Modified = Modified,
        ModifiedWithin = Entry.Modified is { } seconds ? CtaIngestEntry.WithinOf(seconds, IsDelivered) : null,
        Version = Version,
        ResumeVersion = ResumeVersion,
    };

    private string ResumeVersion => string.Create(CultureInfo.InvariantCulture, $"{Length}@{Entry.Modified:R}");

    private string PartsSum()
    {
        using var sum = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        foreach (StorePath part in Parts)
        {
            sum.Append(part.Bytes);
            sum.Append("\n"u8);
        }

        return sum.Finish().Hex;
    }
}
