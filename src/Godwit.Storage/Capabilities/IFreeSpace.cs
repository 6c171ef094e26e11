namespace Godwit.Storage;

/// <summary>Tells the space that is left.</summary>
public interface IFreeSpace
{
    /// <summary>The space for files below the directory (the nearest one that exists).</summary>
    ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct);
}

/// <summary>Space that is left.</summary>
/// <param name="FreeBytes">Bytes that this user may still write.</param>
/// <param name="TotalBytes">Bytes in all; null where the store does not say.</param>
/// <param name="FreeFiles">Files that may still be made; null where the store does not count them.</param>
public sealed record FreeSpace(long FreeBytes, long? TotalBytes, long? FreeFiles);
