using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Copies in the kernel: by sharing blocks where the file system can, else without the bytes passing through here.</summary>
internal sealed class LocalServerCopy(LocalTree tree, LocalPartedWrite parts, LocalOptions options) : IServerCopy
{
    /// <summary>Copied between two looks at the cancellation.</summary>
    private const long ChunkBytes = 64 << 20;

    public bool CanCopyFrom(StoreIdentity source) => source is { Scheme: "file", Authority: "" };

    public ValueTask<StoreEntry> CopyAsync(
        StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions options, CancellationToken ct) =>
        LocalCall.Run((this, source, from, version, to, options, ct), static c => c.Item1.CopyFrom(c.source, c.from, c.version, c.to, c.options, c.ct), ct);

    private StoreEntry CopyFrom(StoreIdentity source, StorePath from, string? version, StorePath to, WriteOptions write, CancellationToken ct)
    {
        if (!CanCopyFrom(source))
        {
            throw LocalErrors.Of(StoreErrorKind.Unsupported, to, $"cannot be copied from {source} by this machine's kernel");
        }

        bool isOwn = source.Root == tree.Root.Absolute;
        using LocalTree? other = isOwn ? null : new LocalTree(new LocalRoot([(byte)'/', .. source.Root.Bytes], create: false), options);
        using Descriptor file = LocalFile.Open(other ?? tree, from, out Statx facts);
        LocalFile.RequireVersion(facts, version, from);

        // Space is not set aside: shared blocks need none.
        LocalUpload upload = parts.BeginWhole(to, null, write);
        try
        {
            using (OpenUpload open = parts.Use(upload))
            {
                CopyBytes(file, open.File, facts, to, ct);
            }

            LocalErrors.Check(Posix.Stat(file, out Statx after), "looked at", from);
            LocalFile.RequireVersion(after, LocalEntries.Version(facts), from);
            return parts.Complete(upload, [new StoredPart(1, 0, facts.Length)]);
        }
        catch
        {
            parts.Abort(upload);
            throw;
        }
    }

    private static void CopyBytes(Descriptor from, Descriptor to, in Statx facts, StorePath path, CancellationToken ct)
    {
        if (facts.Length == 0 || Posix.Clone(from, to) == 0)
        {
            return;
        }

        long position = 0;
        while (NextData(from, ref position, facts.Length) is var count and > 0)
        {
            ct.ThrowIfCancellationRequested();
            long copied = Posix.CopyRange(from, to, position, Math.Min(count, ChunkBytes));
            if (copied <= 0)
            {
                throw Refused((int)copied, path);
            }

            position += copied;
        }

        // A hole at the end has no data to make the file as long as it is.
        LocalErrors.Check(Posix.SetLength(to, facts.Length), "copied", path);
    }

    /// <summary>Moves on to the next data, past any hole, and says how much of it there is.</summary>
    private static long NextData(Descriptor file, ref long position, long length)
    {
        if (position >= length)
        {
            return 0;
        }

        long data = Posix.SeekTo(file, position, Seek.Data);
        if (data == -Errno.NoSuchDeviceOrAddress)
        {
            return 0;
        }

        // Where holes cannot be asked for, everything is data.
        position = data < 0 ? position : data;
        long hole = data < 0 ? length : Posix.SeekTo(file, position, Seek.Hole);
        return Math.Min(hole < 0 ? length : hole, length) - position;
    }

    private static StoreException Refused(int error, StorePath path) => error switch
    {
        -Errno.CrossDevice or -Errno.NotSupported or -Errno.Invalid or -Errno.NoSystemCall or -Errno.Perm or -Errno.TextBusy =>
            LocalErrors.Of(StoreErrorKind.Unsupported, path, "cannot be copied by the kernel between these file systems"),
        0 => LocalErrors.Of(StoreErrorKind.PreconditionFailed, path, "was not copied: its source shrank meanwhile"),
        _ => LocalErrors.Translate(error, "copied", path),
    };
}
