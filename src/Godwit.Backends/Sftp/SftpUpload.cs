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

    /// <summary>The length of the file that these parts make.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: they leave a gap.</exception>
    public long TotalOf(IReadOnlyList<StoredPart> parts)
    {
        long total = 0;
        foreach (StoredPart part in parts)
        {
            if (part.Offset >= 0 && part.Offset != total)
            {
                throw SftpErrors.Of(StoreErrorKind.Integrity, Path, $"lacks the bytes from {total} on: part {part.Number} begins at {part.Offset}");
            }

            total += part.Length;
        }

        return total;
    }

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

    /// <summary>Takes the handle that is kept open on a connection, to be closed by the caller; null for none.</summary>
    public byte[]? Take(SftpSession session)
    {
        lock (_gate)
        {
            return _kept.Remove(session, out byte[]? handle) ? handle : null;
        }
    }

    /// <summary>Closes what is kept open and hears what the server says of it. Nothing is kept from now on.</summary>
    /// <exception cref="StoreException">The server did not take all that was written: the file has to be written anew.</exception>
    public async Task CloseAsync()
    {
        List<Task> closing = [];
        lock (_gate)
        {
            _released = true;

            // On a connection that broke off, the server has closed it itself; what was written there is proved like that of an earlier run.
            closing.AddRange(_kept.Where(kept => !kept.Key.IsLost).Select(kept => kept.Key.CloseWrittenAsync(kept.Value, Path, kept: true)));
            _kept.Clear();
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
    }

    /// <summary>Closes what is kept open; nobody waits for the answer. The upload has come to its end.</summary>
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
