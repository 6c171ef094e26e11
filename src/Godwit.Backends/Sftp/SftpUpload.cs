using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>A file under its partial name. It may be open on several connections at once.</summary>
internal sealed class SftpUpload(StorePath path, string tag, byte[] partial, WriteOptions options)
    : PartedUpload(path, tag, PathText.Escape(partial))
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SftpSession, byte[]> _kept = [];
    private bool _released;

    /// <summary>How it was begun.</summary>
    public WriteOptions Options { get; } = options;

    /// <summary>The partial name.</summary>
    public ReadOnlySpan<byte> Partial => partial;

    /// <summary>Whether bytes were written that may not be on the medium yet; an earlier run may have.</summary>
    public bool IsUnsynced { get; set; } = true;

    /// <summary>The handle that is kept open on a connection; null for none.</summary>
    public byte[]? KeptOn(SftpSession session)
    {
        lock (_gate)
        {
            return _kept.GetValueOrDefault(session);
        }
    }

    /// <summary>A connection on which it is open; null for none.</summary>
    public SftpSession? OpenOn()
    {
        lock (_gate)
        {
            return _kept.Keys.FirstOrDefault(session => !session.IsLost);
        }
    }

    /// <summary>Keeps a handle open between calls.</summary>
    /// <returns>Whether it was taken; if not, it is the caller's to close.</returns>
    public bool Keep(SftpSession session, byte[] handle)
    {
        lock (_gate)
        {
            return !_released && !_kept.ContainsKey(session) && session.TryKeepHandle() && _kept.TryAdd(session, handle);
        }
    }

    /// <summary>Closes what is kept open. The upload has come to its end.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _released = true;
            foreach ((SftpSession session, byte[] handle) in _kept)
            {
                session.Close(handle, kept: true);
            }

            _kept.Clear();
        }
    }
}
