namespace Godwit.Storage;

/// <summary>Lists the uploads under way, whoever began them: what was begun by parts, and neither published nor thrown away.</summary>
public interface IUploadListing
{
    /// <summary>A page of the uploads of files below a directory, in the store's own order.</summary>
    /// <param name="directory">The directory; it need not be there.</param>
    /// <param name="position">As for <see cref="IStore.ListAsync"/>.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<UploadPage> ListAsync(StorePath directory, ListPosition? position, CancellationToken ct);
}

/// <summary>Some of the uploads under way.</summary>
/// <param name="Uploads">The uploads.</param>
/// <param name="Next">Where to go on; null after the last page.</param>
public sealed record UploadPage(IReadOnlyList<UploadUnderWay> Uploads, ListPosition? Next);

/// <summary>An upload that somebody began.</summary>
/// <param name="Path">The final path; null where the name it was begun with can be no path.</param>
/// <param name="Id">The store's name for it: <see cref="PartedUpload.Id"/>.</param>
/// <param name="Begun">When it was begun; null where the store does not tell.</param>
public sealed record UploadUnderWay(StorePath? Path, string Id, Timestamp? Begun);
