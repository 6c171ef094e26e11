using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What writing a file by parts and writing it in one call share.</summary>
/// <param name="objects">The box.</param>
/// <param name="publishing">Publishes.</param>
/// <param name="payload">Stores payloads.</param>
/// <param name="limits">What names the box can hold.</param>
internal sealed class DropBoxWriting(DropBoxObjects objects, DropBoxPublishing publishing, DropBoxPayload payload, StoreLimits limits)
    : IArrivalChecksum
{
    /// <summary>Bytes of a part at most: a store wants to know a payload's length before its first byte, so that it is made in memory.</summary>
    public const long MostPartBytes = 64 << 20;

    /// <summary>Parts of a file at most: a record names each.</summary>
    public const int MostParts = 100_000;

    /// <inheritdoc/>
    public IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Crc64Nvme];

    /// <summary>Takes exactly a part's bytes from a stream.</summary>
    public ValueTask<PackedPart> PackAsync(Stream content, long length, StorePath path, CancellationToken ct) =>
        PackPart.PackAsync(content, length, objects.Options.Level, path, ct);

    /// <summary>Stores a part's payload, which is gone from memory then.</summary>
    public async ValueTask<DropBoxPart> StoreAsync(string id, int number, long offset, long length, PackedPart packed, CancellationToken ct)
    {
        await payload.WriteAsync(DropBoxLayout.Data(id, number), packed.Payload, ct).ConfigureAwait(false);
        var part = new DropBoxPart(number, offset, length, packed.Payload.Length, packed.IsPlain, packed.Checksum);
        packed.Release();
        return part;
    }

    /// <summary>The record of a version whose parts are stored.</summary>
    public DropBoxRecord Record(StorePath path, string id, DropBoxPart[] parts, WriteMetadata metadata) => new()
    {
        Path = path,
        Id = id,
        Length = parts.Sum(part => part.Length),
        Modified = metadata.Modified ?? publishing.Now,
        Mode = metadata.Mode & 0b111_111_111,
        Checksum = DropBoxRecord.Combined(parts),
        At = publishing.Now,
        Parts = parts,
    };

    /// <summary>Fails where the box cannot hold the name.</summary>
    public void RequireName(StorePath path)
    {
        if ((path.IsRoot ? "it is the box's root" : limits.Refuses(objects.Inner.Identity.Absolute(path))) is { } why)
        {
            throw Refused(path, why);
        }
    }

    /// <summary>Fails where a checksum is of a kind that is not checked.</summary>
    public void RequireKind(Checksum? expected, StorePath path)
    {
        if (expected is { } sum && !Kinds.Contains(sum.Kind))
        {
            throw Refused(path, $"{Checksum.NameOf(sum.Kind)} is not checked here");
        }
    }

    /// <summary>Fails where the bytes are not the expected ones.</summary>
    public static void RequireSame(Checksum? expected, Checksum came, StorePath path)
    {
        if (expected is { } sum && sum != came)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"The bytes for \"{path}\" are {came} and not {sum}.") { Path = path };
        }
    }

    /// <summary>The error of a file that gives more or less than it promised.</summary>
    public static StoreException OtherLength(StorePath path, long promised, long came) =>
        new(StoreErrorKind.Integrity, $"{promised} bytes were promised for \"{path}\" and {(came > promised ? "more" : came)} came.") { Path = path };

    /// <summary>The error of a call that is wrong.</summary>
    public static StoreException Refused(StorePath path, string why) =>
        new(StoreErrorKind.InvalidRequest, $"\"{path}\" cannot be put into the drop box: {why}.") { Path = path };
}
