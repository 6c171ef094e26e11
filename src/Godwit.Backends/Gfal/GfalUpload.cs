using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>An upload: a partial file beside the final name.</summary>
internal sealed class GfalUpload(StorePath path, string tag, StorePath partial, WriteOptions options) : PartedUpload(path, tag, PathText.Escape(partial.Name))
{
    /// <summary>Where its bytes lie until they are published.</summary>
    public StorePath Partial { get; } = partial;

    /// <summary>As it was begun.</summary>
    public WriteOptions Options { get; } = options;

    /// <summary>Whether its partial file was seen or written: an upload begins with its first part.</summary>
    public bool IsMade { get; set; }

    /// <summary>How many bytes it has at least, by what was written here.</summary>
    public long Written { get; set; }

    /// <summary>Whether it was thrown away: then it is not made again.</summary>
    public bool IsThrownAway { get; set; }

    /// <summary>One writer at a time: XRootD lets no second one open a file.</summary>
    public SemaphoreSlim Writing { get; } = new(1, 1);
}
