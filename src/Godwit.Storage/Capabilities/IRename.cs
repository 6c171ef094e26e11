namespace Godwit.Storage;

/// <summary>Renames in one step.</summary>
public interface IRename
{
    /// <summary>Renames a file or link. At no moment is the new name missing if it was there.</summary>
    /// <param name="from">What is renamed.</param>
    /// <param name="to">Its new name; missing directories on the way are made.</param>
    /// <param name="createOnly">Fail with <see cref="StoreErrorKind.AlreadyExists"/> instead of replacing.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <remarks>Never repeated by a layer, as <see cref="IPartedWrite.CompleteAsync"/>.</remarks>
    ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct);
}
