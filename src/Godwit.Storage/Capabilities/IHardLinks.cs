namespace Godwit.Storage;

/// <summary>Gives a file a second name within one system: both names are the same file, and neither is missing at any moment.</summary>
public interface IHardLinks
{
    /// <summary>Whether files of that store can be given a name in this one, as far as that can be told beforehand.</summary>
    bool CanLinkFrom(StoreIdentity source);

    /// <summary>Gives a file or link a second name. What has that name already is never replaced.</summary>
    /// <param name="source">Where the file is; <see cref="CanLinkFrom"/> holds.</param>
    /// <param name="from">The file below the source's root. A link is not followed.</param>
    /// <param name="to">Its second name in this store; missing directories on the way are made.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <remarks>Never repeated by a layer, as <see cref="IRename.RenameAsync"/>.</remarks>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.AlreadyExists"/>: something has the name;
    /// <see cref="StoreErrorKind.Unsupported"/>: not for this file after all, such as one of another file system;
    /// <see cref="StoreErrorKind.NotFound"/>: there is no such file.</exception>
    ValueTask LinkAsync(StoreIdentity source, StorePath from, StorePath to, CancellationToken ct);
}
