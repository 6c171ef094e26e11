namespace Godwit.Storage;

/// <summary>
/// The checksum that an object store keeps of a file that was written by parts: the MD5 of the MD5s of its parts, which is what stands before
/// the hyphen of S3's ETag. It can be computed again from the bytes by whoever knows how they were cut.
/// </summary>
/// <param name="Value">The MD5 of the parts' MD5s, in order.</param>
/// <param name="PartSize">Bytes of each part but the last; at least 1.</param>
public readonly record struct PartedChecksum(Checksum Value, long PartSize)
{
    /// <summary>The checksum and the size of the parts.</summary>
    public override string ToString() => $"{Value} of parts of {PartSize} bytes";
}
