namespace Godwit.Storage;

/// <summary>Keeps symbolic links as links; where one points is in <see cref="StoreEntry.LinkTarget"/>.</summary>
public interface ILinks
{
    /// <summary>Makes a link, replacing a file or link that is there unless create-only. It is never followed to do so.</summary>
    /// <param name="path">Where the link is.</param>
    /// <param name="target">Where it points, byte for byte; it need not exist.</param>
    /// <param name="options">Create-only and the link's own time.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<StoreEntry> CreateAsync(StorePath path, ReadOnlyMemory<byte> target, WriteOptions options, CancellationToken ct);
}
