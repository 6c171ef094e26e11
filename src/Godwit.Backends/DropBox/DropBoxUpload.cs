using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>An upload to a box: its id is its tag.</summary>
internal sealed class DropBoxUpload(StorePath path, string tag, long? length, WriteOptions options) : PartedUpload(path, tag, tag)
{
    /// <summary>When it was begun here; null where it was taken up, so that its payload may be of any age.</summary>
    public long? Begun { get; init; }

    /// <summary>Bytes of the whole file; null when unknown.</summary>
    public long? FileLength { get; } = length;

    /// <summary>As it was begun with.</summary>
    public WriteOptions Options { get; } = options;

    /// <summary>Whether it was thrown away here.</summary>
    public bool IsThrownAway { get; set; }

    /// <summary>Whether it was published here.</summary>
    public bool IsPublished { get; set; }
}
