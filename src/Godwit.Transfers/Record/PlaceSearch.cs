using Godwit.Storage;

namespace Godwit.Transfers.Record;

/// <summary>Which files are meant, by one path: the file itself, or a directory above it.</summary>
/// <param name="Space">The space of the path, at the source or at the destination. Null: the path is below the destination of a transfer, of
/// whichever.</param>
/// <param name="Path">The path.</param>
public sealed record PlaceSearch(string? Space, StorePath Path)
{
    /// <summary>Whether a path of a space is meant.</summary>
    internal bool Takes(string space, StorePath path) => space == Space && (path == Path || path.IsBelow(Path));
}

/// <summary>A receipt with the transfer that made it.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Receipt">The receipt.</param>
/// <param name="IsNewest">Whether it is what the ledger knows to be at the destination now: nothing was delivered over it, deleted there or taken
/// back since.</param>
public sealed record Delivery(TransferRecord Transfer, Receipt Receipt, bool IsNewest);
