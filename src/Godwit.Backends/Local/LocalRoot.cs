using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>The directory that a store is: found once by its path, and held open from the first call that needs it.</summary>
internal sealed class LocalRoot : IDisposable
{
    private readonly Lock _gate = new();
    private readonly bool _create;
    private Descriptor? _handle;
    private Descriptor? _syncHandle;

    /// <param name="path">Absolute or relative to the working directory; it need not exist.</param>
    /// <param name="create">Whether <see cref="OpenForWriting"/> makes it.</param>
    public LocalRoot(ReadOnlySpan<byte> path, bool create)
    {
        _create = create;
        Absolute = Canonical(path);
    }

    /// <summary>The canonical path below <c>/</c>.</summary>
    public StorePath Absolute { get; }

    /// <summary>The path as calls take it.</summary>
    public NativeName NativePath => new([(byte)'/', .. Absolute.Bytes]);

    /// <summary>The root's handle, or the negated error.</summary>
    public int TryOpen(out Descriptor handle)
    {
        lock (_gate)
        {
            int error = _handle is null ? OpenBoth() : 0;
            handle = _handle!;
            return error;
        }
    }

    /// <summary>The root's handle; a missing root is made where the options say so.</summary>
    public Descriptor OpenForWriting()
    {
        int error = TryOpen(out Descriptor handle);
        if (error == -Errno.NoEntry && _create)
        {
            MakeAll();
            error = TryOpen(out handle);
        }

        return error == 0 ? handle : throw Missing(error);
    }

    /// <summary>A handle to sync the root's file system through; null where the root may not be read. It is as old as the root's own
    /// handle, so it learns of every failure since.</summary>
    public Descriptor? SyncHandle() => TryOpen(out _) is var error and < 0 ? throw Missing(error) : _syncHandle;

    /// <summary>Makes sure that the path still leads to the directory that was opened: what was written is not where anybody looks for it once
    /// something is mounted there, or the directory has another name.</summary>
    /// <exception cref="StoreException">It does not.</exception>
    public void RequireInPlace()
    {
        if (TryOpen(out Descriptor handle) is var error and < 0)
        {
            throw Missing(error);
        }

        LocalErrors.Check(Posix.Stat(handle, out Statx held), "looked at again", StorePath.Root);
        if (Posix.StatAt(handle, NativePath, out Statx now) < 0 || (now.Device, now.Inode) != (held.Device, held.Inode))
        {
            throw new StoreException(
                StoreErrorKind.Unexpected,
                $"\"/{Absolute}\" is no longer the directory that it was: it was renamed, or something was mounted there, and files were written to "
                + "what was there before.")
            {
                Path = StorePath.Root,
                Next = NextStep.LeaveStore,
            };
        }
    }

    /// <summary>The error of a root that cannot be opened.</summary>
    public StoreException Missing(int error) => error switch
    {
        -Errno.NoEntry => new StoreException(StoreErrorKind.NotFound, $"The directory \"/{Absolute}\" does not exist.") { Path = StorePath.Root },
        -Errno.NotDirectory => new StoreException(StoreErrorKind.Unsupported, $"\"/{Absolute}\" is not a directory.") { Path = StorePath.Root },
        _ => LocalErrors.Translate(error, $"opened at \"/{Absolute}\"", StorePath.Root),
    };

    public void Dispose()
    {
        _handle?.Dispose();
        _syncHandle?.Dispose();
    }

    private int OpenBoth()
    {
        int error = Walk(make: false, out Descriptor? found);
        if (error < 0)
        {
            return error;
        }

        _handle = found!;

        // A root that may be entered but not listed gives none; its files are then synced one by one.
        int readable = Posix.OpenAt(_handle, NativeName.Self, Open.ReadOnly | Open.Directory);
        _syncHandle = readable < 0 ? null : new Descriptor(readable);
        return 0;
    }

    private void MakeAll()
    {
        int error = Walk(make: true, out Descriptor? made);
        made?.Dispose();
        if (error is < 0 and not -Errno.NoEntry)
        {
            throw LocalErrors.Translate(error, $"made at \"/{Absolute}\"", StorePath.Root);
        }
    }

    /// <summary>Goes down the canonical path name by name, and through no link: whoever looked at the path may rely on it, also when a link was put in its
    /// way since.</summary>
    private int Walk(bool make, out Descriptor? found)
    {
        found = null;
        int number = Posix.Open(new NativeName("/"u8), Open.PathOnly | Open.Directory);
        if (number < 0)
        {
            return number;
        }

        var at = new Descriptor(number);
        foreach (Range range in Absolute.Bytes.Split((byte)'/'))
        {
            if (Absolute.Bytes[range] is { IsEmpty: false } segment)
            {
                var name = new NativeName(segment);
                int made = make ? Make(at, name) : 0;
                number = OpenWithoutLink(at, name);
                at.Dispose();
                if (number < 0)
                {
                    return made is < 0 and not -Errno.Exists && number == -Errno.NoEntry ? made : number;
                }

                at = new Descriptor(number);
            }
        }

        found = at;
        return 0;
    }

    /// <summary>The directory of a name, or the negated error: of a link to nowhere, that nothing is there.</summary>
    private static int OpenWithoutLink(Descriptor above, NativeName name)
    {
        int number = Posix.OpenAt(above, name, Open.PathOnly | Open.Directory | Open.NoFollow);
        if (number is not (-Errno.NotDirectory or -Errno.Loop))
        {
            return number;
        }

        int followed = Posix.OpenAt(above, name, Open.PathOnly | Open.Directory);
        if (followed < 0)
        {
            return followed;
        }

        new Descriptor(followed).Dispose();
        return -Errno.Loop;
    }

    /// <summary>Makes a directory where none is. A new one is an entry of the one above, which no later sync of this store reaches; one that may not be read is
    /// left to its file system.</summary>
    private static int Make(Descriptor above, NativeName name)
    {
        int error = Posix.MakeDirectoryAt(above, name);
        if (error == 0 && Posix.OpenAt(above, NativeName.Self, Open.ReadOnly | Open.Directory) is var number and >= 0)
        {
            using var readable = new Descriptor(number);
            _ = Posix.Sync(readable);
        }

        return error;
    }

    private static StorePath Canonical(ReadOnlySpan<byte> path)
    {
        if (path.Contains((byte)0))
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"The path \"{PathText.Escape(path)}\" holds a NUL byte.");
        }

        if (path.IsEmpty || path[0] != (byte)'/')
        {
            LocalErrors.Check(Posix.CurrentDirectory(out byte[] here), "found: the working directory is gone", StorePath.Root);
            return Canonical((byte[])[.. here, (byte)'/', .. path]);
        }

        // The longest beginning that exists has its links resolved; what follows does not exist, so it has none.
        ReadOnlySpan<byte> existing = path;
        while (true)
        {
            int error = Posix.RealPath(new NativeName(existing), out byte[] real);
            if (error == 0)
            {
                return Lexical([.. real, (byte)'/', .. path[existing.Length..]]);
            }

            // Whatever else is in the way, nobody knows where the path leads: never to the root of the machine.
            if (error is not (-Errno.NoEntry or -Errno.NotDirectory) || existing.Length <= 1)
            {
                throw LocalErrors.Translate(error, $"found at \"{PathText.Escape(path)}\"", StorePath.Root);
            }

            existing = existing.TrimEnd((byte)'/');
            existing = existing[..Math.Max(1, existing.LastIndexOf((byte)'/'))];
        }
    }

    private static StorePath Lexical(ReadOnlySpan<byte> path)
    {
        var segments = new List<byte[]>();
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> segment = path[range];
            if (segment.SequenceEqual(".."u8) && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (!segment.IsEmpty && !segment.SequenceEqual("."u8) && !segment.SequenceEqual(".."u8))
            {
                segments.Add(segment.ToArray());
            }
        }

        StorePath canonical = StorePath.Root;
        foreach (byte[] segment in segments)
        {
            canonical = canonical.Child(segment);
        }

        return canonical;
    }
}
