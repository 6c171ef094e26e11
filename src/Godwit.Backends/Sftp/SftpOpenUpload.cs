using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>The open file of an upload for one call, which counts as a body on its connection.</summary>
/// <param name="session">The connection, with the body counted.</param>
/// <param name="handle">The file.</param>
/// <param name="isOwned">Whether it is closed with this.</param>
/// <param name="isKept">Whether it counts among those that are kept between calls.</param>
internal sealed class SftpOpenUpload(SftpSession session, byte[] handle, bool isOwned, bool isKept) : IDisposable
{
    private bool _isClosed = !isOwned;

    public SftpSession Session => session;

    public byte[] Handle => handle;

    /// <summary>Closes the file where it is to be closed, and hears what the server says of it.</summary>
    /// <exception cref="StoreException">The server did not take all that was written.</exception>
    public async Task CloseAsync(StorePath path)
    {
        if (!_isClosed)
        {
            _isClosed = true;
            await session.CloseWrittenAsync(handle, path, isKept).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        session.CountStream(-1);
        if (!_isClosed)
        {
            _isClosed = true;
            session.Close(handle, isKept);
        }
    }
}
