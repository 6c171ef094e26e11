namespace Godwit.Storage;

/// <summary>Reads a range of a pinned version.</summary>
public interface IRangedRead
{
    /// <summary>Opens exactly the bytes from <paramref name="offset"/> on, <paramref name="length"/> of them or as many as there are.</summary>
    /// <param name="path">The file.</param>
    /// <param name="version">The <see cref="StoreEntry.Version"/> that the bytes must belong to; null reads whatever is there.</param>
    /// <param name="offset">From 0. At or past the end gives an empty body.</param>
    /// <param name="length">Bytes at most.</param>
    /// <param name="ct">Cancels the call; cancelling after it returned does not close the body.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.PreconditionFailed"/>: another version is there now, also one of
    /// the same length and time; <see cref="StoreErrorKind.NotFound"/>.</exception>
    /// <remarks>The body's bytes belong to one version: where the file changes while it is read, the read that would reach the end of the
    /// range fails with <see cref="StoreErrorKind.PreconditionFailed"/>, or the old bytes come to the end.</remarks>
    ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct);
}
