namespace Godwit.Transfers.Plan.Listed;

/// <summary>The files that a transfer names instead of a whole tree. It is known to be possible: no two files want one place.</summary>
public interface IFileList
{
    /// <summary>Whether the bytes of some have to pass through here, to be held against a checksum.</summary>
    ValueTask<bool> HasChecksumsAsync(CancellationToken ct);

    /// <summary>The files, in order of their paths at the source. Each call reads them from the beginning.</summary>
    IAsyncEnumerable<ListedFile> BySourceAsync(CancellationToken ct);
}
