using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Backends.DropBox.CtaRelay;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>A version of a file in a box, for people: waiting or delivered.</summary>
public sealed class DropBoxFile
{
    private readonly DropBoxRecord _known;
    private readonly DropBoxRecord? _put;

    /// <param name="known">What is known of it.</param>
    /// <param name="put">As it was put in; null where only its delivery is told, and where it was adopted.</param>
    /// <param name="delivered">When it was taken out.</param>
    private DropBoxFile(DropBoxRecord known, DropBoxRecord? put, Timestamp? delivered) => (_known, _put, Delivered) = (known, put, delivered);

    /// <summary>The file.</summary>
    public StorePath Path => _known.Path;

    /// <summary>Which version.</summary>
    public string Id => _known.Id;

    /// <summary>Bytes of the file.</summary>
    public long Length => _known.Length;

    /// <summary>When its content changed.</summary>
    public Timestamp Modified => _known.Modified;

    /// <summary>Permission bits, where they were given.</summary>
    public int? Mode => _known.Mode;

    /// <summary>Of the whole file; null only where it was adopted and nobody read it.</summary>
    public Checksum? Checksum => _known.Checksum;

    /// <summary>Whether it never was put in, because the file was at its destination already.</summary>
    public bool IsAdopted => _known.IsAdopted;

    /// <summary>When it was put in, by the clock of who did; null where only its delivery is told.</summary>
    public Timestamp? Pushed => _put?.At;

    /// <summary>When it was taken out or adopted, by the clock of who did; null while it waits.</summary>
    public Timestamp? Delivered { get; }

    /// <summary>Its parts; 0 of an empty file, null where only its delivery is told.</summary>
    public int? Parts => _put?.Parts.Count;

    /// <summary>Bytes of its payload while it waits; null as above.</summary>
    public long? StoredLength => _put?.Parts.Sum(part => part.StoredLength);

    /// <summary>How it was stored: <c>zstd</c>, <c>plain</c>, or <c>mixed</c> where some parts did not shrink; null as above, and of an empty file.</summary>
    public string? Codec => _put is null or { Parts.Count: 0 } ? null
        : _put.Parts.All(part => part.IsPlain) ? "plain"
        : _put.Parts.Any(part => part.IsPlain) ? "mixed" : "zstd";

    internal static DropBoxFile Of(DropBoxRecord record, DropBoxRecord? done) => new(record, record.IsAdopted ? null : record, done?.At);

    /// <summary>A file as an object of CTA Relay's layout tells it: of its times, only when the object was written.</summary>
    internal static DropBoxFile Of(CtaRelayFile file)
    {
        var known = new DropBoxRecord
        {
            Path = file.Path,
            Id = file.Version,
            Length = file.Length,
            Modified = file.Object.Modified ?? default,
            Checksum = file.Md5,
            At = file.Object.Modified ?? default,
            Parts = [new DropBoxPart(1, 0, file.Length, file.Object.Length, false, file.Md5)],
        };
        return file.IsDelivered ? OfDelivery(known with { Parts = [] }) : Of(known, null);
    }

    /// <summary>A file as the state files of CTA Ingest's layout tell it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="stored">Bytes of its parts while it waits.</param>
    internal static DropBoxFile Of(CtaIngestFile file, long stored)
    {
        Timestamp told = file.Entry.Told is { } seconds ? CtaIngestEntry.TimeOf(seconds) : default;
        var known = new DropBoxRecord
        {
            Path = file.Path,
            Id = file.Version,
            Length = file.Length,
            Modified = file.Modified ?? default,
            Checksum = null,
            At = told,
        };
        if (file.IsDelivered)
        {
            return OfDelivery(known);
        }

        // How much each part unpacks to is not told of a frame that spans them all.
        return Of(known with { Parts = [.. file.Parts.Select((_, i) => new DropBoxPart(i + 1, 0, 0, i == 0 ? stored : 0, false, default))] }, null);
    }

    internal static DropBoxFile OfDelivery(DropBoxRecord done) => new(done, null, done.At);
}
