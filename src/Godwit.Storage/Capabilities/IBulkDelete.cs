namespace Godwit.Storage;

/// <summary>Deletes many paths in one call.</summary>
public interface IBulkDelete
{
    /// <summary>Paths of one call at most.</summary>
    int MaxPaths { get; }

    /// <summary>Deletes each path; absent ones are success.</summary>
    /// <returns>The failures, each with its path; empty when all are gone.</returns>
    ValueTask<IReadOnlyList<StoreException>> DeleteAsync(IReadOnlyList<StorePath> paths, CancellationToken ct);
}
