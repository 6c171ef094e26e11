using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Where a listing goes on, and where it ends: keys behind the one that it begins after, up to and including the last.</summary>
internal sealed class S3Position : ListPosition
{
    /// <summary>The server's own word for it; null for a range that has not begun.</summary>
    public string? Token { get; init; }

    /// <summary>The key that a range begins after.</summary>
    public byte[]? After { get; init; }

    /// <summary>The last key that belongs to the range; null for all.</summary>
    public byte[]? End { get; init; }

    /// <summary>The last key of the page before; null where there was none.</summary>
    public byte[]? Last { get; init; }

    /// <summary>How many prefixes that page had, level by level below the directory.</summary>
    public IReadOnlyList<int> Prefixes { get; init; } = [];

    /// <summary>The same, ending elsewhere.</summary>
    public S3Position Until(byte[]? end) => new() { Token = Token, After = After, End = end, Last = Last, Prefixes = Prefixes };

    /// <summary>The same, behind a page.</summary>
    public S3Position Behind(byte[] last, IReadOnlyList<int> prefixes) => new() { Token = Token, After = After, End = End, Last = last, Prefixes = prefixes };
}
