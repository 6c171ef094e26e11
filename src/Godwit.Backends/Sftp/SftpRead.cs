using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Opens files to be read, whole or by ranges of a pinned version.</summary>
internal sealed class SftpRead(SftpTree tree) : IRangedRead
{
    /// <summary>What one body asks for ahead: what an ssh connection has under way at most.</summary>
    private const int BodyBytes = 2 << 20;

    /// <summary>What all bodies of a store ask for ahead, but for one block each.</summary>
    private const int AllBytes = 32 << 20;

    private int _bodies;

    public async ValueTask<StoreBody> OpenAsync(StorePath path, CancellationToken ct)
    {
        (StoreEntry entry, SftpBody content) = await OpenBodyAsync(path, null, (0, long.MaxValue), ct).ConfigureAwait(false);
        return new StoreBody(entry, content);
    }

    public async ValueTask<Stream> OpenRangeAsync(StorePath path, string? version, long offset, long length, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        RequireRange(offset, length, path);
        return (await OpenBodyAsync(path, version, (offset, length), ct).ConfigureAwait(false)).Content;
    }

    private async Task<(StoreEntry Entry, SftpBody Content)> OpenBodyAsync(
        StorePath path, string? version, (long Offset, long Length) range, CancellationToken ct)
    {
        // First looked at: opening a pipe would hold up the whole connection.
        SftpSession any = await tree.SessionAsync(ct).ConfigureAwait(false);
        (StorePath real, SftpAttributes found) = await tree.FindAsync(any, path, ct).ConfigureAwait(false)
            ?? throw SftpErrors.Of(StoreErrorKind.NotFound, path, "could not be opened: nothing is there");
        RequireFile(found, path);
        SftpSession session = await tree.SessionForBodyAsync(Math.Min(range.Length, found.Length ?? 0), ct).ConfigureAwait(false);
        try
        {
            (byte[] handle, SftpAttributes opened) = await OpenFileAsync(session, path, real, ct).ConfigureAwait(false);
            StoreEntry entry = SftpEntries.From(path, opened);
            if (version is not null && entry.Version != version)
            {
                session.Close(handle);
                throw SftpErrors.Of(StoreErrorKind.PreconditionFailed, path, "is another version now");
            }

            long start = Math.Min(range.Offset, entry.Length);
            return (entry, Body(session, handle, path, (start, start + Math.Min(range.Length, entry.Length - start)), opened));
        }
        catch
        {
            session.CountStream(-1);
            throw;
        }
    }

    /// <summary>A body of an open file, which is closed with it.</summary>
    public SftpBody Body(SftpSession session, byte[] handle, StorePath path, (long Start, long End) range, SftpAttributes? opened)
    {
        int bodies = Interlocked.Increment(ref _bodies);
        return new SftpBody(session, handle, path, range, opened, Math.Min(BodyBytes, AllBytes / bodies), () => Interlocked.Decrement(ref _bodies));
    }

    public static void RequireRange(long offset, long length, StorePath path)
    {
        if (offset < 0 || length < 0)
        {
            throw SftpErrors.Of(StoreErrorKind.InvalidRequest, path, $"has no range of {length} bytes at {offset}");
        }
    }

    public static void RequireFile(in SftpAttributes found, StorePath path)
    {
        if (found.Kind != EntryKind.File)
        {
            throw SftpErrors.Of(StoreErrorKind.Unsupported, path, $"is a {found.Kind} and not a file");
        }
    }

    private async Task<(byte[] Handle, SftpAttributes Opened)> OpenFileAsync(SftpSession session, StorePath path, StorePath real, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Reply reply = await session.OpenAsync(tree.Place(real), OpenFlags.Read).ConfigureAwait(false);
        if (reply.Status is not null)
        {
            throw SftpErrors.Translate(reply, "opened", path);
        }

        byte[] handle = reply.Handle();
        try
        {
            SftpAttributes opened = await session.LookAtHandleAsync(handle, path).ConfigureAwait(false);
            RequireFile(opened, path);
            return (handle, opened);
        }
        catch
        {
            session.Close(handle);
            throw;
        }
    }
}
