using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What is in a box of any layout, for people on either side. Nothing is ever written, and memory does not grow with what is there, but for
/// state files of a layout that has such.</summary>
public interface IBoxContents
{
    /// <summary>The newest version of a file, delivered or not; null where the box knows none.</summary>
    ValueTask<DropBoxFile?> FindAsync(StorePath path, CancellationToken ct);

    /// <summary>What waits below a directory.</summary>
    /// <exception cref="StoreException">What tells of a file cannot be read, or the box has another layout.</exception>
    IAsyncEnumerable<DropBoxFile> WaitingAsync(StorePath below, CancellationToken ct);

    /// <summary>What was delivered last of each file below a directory.</summary>
    /// <inheritdoc cref="WaitingAsync" path="/exception"/>
    IAsyncEnumerable<DropBoxFile> DeliveredAsync(StorePath below, CancellationToken ct);

    /// <summary>How many files were ever delivered, and when the last of these deliveries was written down, by the store's clock; null where that is
    /// not told without a look at each.</summary>
    ValueTask<(long Files, Timestamp? Last)> CountDeliveredAsync(CancellationToken ct);

    /// <summary>How many versions have payload: those that wait and are not empty, those that are being put in, and what stopped uploads left.</summary>
    ValueTask<long> CountPayloadsAsync(CancellationToken ct);
}
