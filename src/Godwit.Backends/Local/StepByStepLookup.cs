using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>
/// Resolves a path one segment at a time, each relative to the handle of the directory before: for kernels without openat2, for paths
/// longer than one call takes, for making directories, and for following links without leaving the root.
/// </summary>
internal sealed class StepByStepLookup(LocalRoot root)
{
    /// <summary>Links followed in one lookup at most, as in the kernel.</summary>
    private const int MaxLinks = 40;

    /// <summary>Another process may remove a directory between our making and opening it; so often we begin again.</summary>
    private const int MaxRaces = 16;

    /// <summary>Opens a directory; a link on the way is ELOOP.</summary>
    /// <returns>The descriptor's number, or the negated error.</returns>
    public static int Open(Descriptor handle, StorePath path)
    {
        int error = Walk(handle, path, make: false, out Descriptor? directory);
        return error < 0 ? error : Release(directory!);
    }

    /// <summary>Opens a directory, making what is missing of it.</summary>
    public static int Make(Descriptor handle, StorePath path, out Descriptor? directory)
    {
        int error = -Errno.NoEntry;
        directory = null;
        for (int race = 0; race < MaxRaces && error == -Errno.NoEntry; race++)
        {
            error = Walk(handle, path, make: true, out directory);
        }

        return error;
    }

    /// <summary>Resolves every link of the path, the last segment's too, as long as it stays in the root.</summary>
    /// <returns>0, or the negated error: EXDEV where a link leads out, ENOENT where it leads nowhere.</returns>
    public int Follow(Descriptor handle, StorePath path, out Place place)
    {
        var directories = new Stack<Descriptor>();
        try
        {
            int error = Follow(handle, path, directories, out NativeName name);
            bool isRoot = directories.Count == 0;
            place = error < 0 ? default : new Place(isRoot ? handle : directories.Pop(), name, owned: !isRoot);
            return error;
        }
        finally
        {
            foreach (Descriptor directory in directories)
            {
                directory.Dispose();
            }
        }
    }

    private static int Walk(Descriptor handle, StorePath path, bool make, out Descriptor? directory)
    {
        Descriptor current = handle;
        directory = null;
        ReadOnlySpan<byte> bytes = path.Bytes;
        foreach (Range range in bytes.Split((byte)'/'))
        {
            int number = Step(current, new NativeName(bytes[range]), make);
            if (!ReferenceEquals(current, handle))
            {
                current.Dispose();
            }

            if (number < 0)
            {
                return number;
            }

            current = new Descriptor(number);
        }

        directory = current;
        return 0;
    }

    private static int Step(Descriptor current, NativeName name, bool make)
    {
        int flags = Native.Open.PathOnly | Native.Open.Directory | Native.Open.NoFollow;
        int number = Posix.OpenAt(current, name, flags);
        if (number == -Errno.NoEntry && make)
        {
            int made = Posix.MakeDirectoryAt(current, name);
            number = made is < 0 and not -Errno.Exists ? made : Posix.OpenAt(current, name, flags);
        }

        // For a link, too, this flag says ENOTDIR.
        bool isLink = number == -Errno.NotDirectory && Posix.StatAt(current, name, out Statx facts) == 0 && facts.IsLink;
        return isLink ? -Errno.Loop : number;
    }

    private int Follow(Descriptor handle, StorePath path, Stack<Descriptor> directories, out NativeName last)
    {
        last = NativeName.Self;
        Stack<byte[]> pending = [];
        Push(pending, path.Bytes);
        int links = 0;
        while (pending.TryPop(out byte[]? segment))
        {
            Descriptor current = directories.TryPeek(out Descriptor? top) ? top : handle;
            if (segment.AsSpan().SequenceEqual(".."u8))
            {
                if (!directories.TryPop(out Descriptor? left))
                {
                    return -Errno.CrossDevice;
                }

                left.Dispose();
                continue;
            }

            var name = new NativeName(segment);
            int error = Posix.StatAt(current, name, out Statx facts);
            if (error == 0 && facts.IsLink)
            {
                error = ++links > MaxLinks ? -Errno.Loop : Splice(current, name, directories, pending);
            }
            else if (error == 0 && pending.Count == 0)
            {
                last = name;
                return 0;
            }
            else if (error == 0)
            {
                error = Enter(current, name, directories);
            }

            if (error < 0)
            {
                return error;
            }
        }

        return 0;
    }

    private static int Enter(Descriptor current, NativeName name, Stack<Descriptor> directories)
    {
        int number = Posix.OpenAt(current, name, Native.Open.PathOnly | Native.Open.Directory | Native.Open.NoFollow);
        if (number >= 0)
        {
            directories.Push(new Descriptor(number));
        }

        return Math.Min(number, 0);
    }

    private int Splice(Descriptor current, NativeName name, Stack<Descriptor> directories, Stack<byte[]> pending)
    {
        int length = Posix.ReadLinkAt(current, name, out byte[] target);
        if (length < 0)
        {
            return length;
        }

        ReadOnlySpan<byte> rest = target;
        if (rest.StartsWith("/"u8))
        {
            if (!LeadsBelowRoot(rest, out rest))
            {
                return -Errno.CrossDevice;
            }

            while (directories.TryPop(out Descriptor? left))
            {
                left.Dispose();
            }
        }

        Push(pending, rest);
        return 0;
    }

    /// <summary>Whether an absolute target begins with the root's own path, and what follows it.</summary>
    private bool LeadsBelowRoot(ReadOnlySpan<byte> target, out ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> prefix = root.NativePath.Bytes.TrimEnd((byte)'/');
        rest = target[Math.Min(prefix.Length, target.Length)..];
        return target.StartsWith(prefix) && (rest.IsEmpty || rest[0] == (byte)'/');
    }

    private static void Push(Stack<byte[]> pending, ReadOnlySpan<byte> path)
    {
        int end = path.Length;
        while (end > 0)
        {
            int slash = path[..end].LastIndexOf((byte)'/');
            ReadOnlySpan<byte> segment = path[(slash + 1)..end];
            if (!segment.IsEmpty && !segment.SequenceEqual("."u8))
            {
                pending.Push(segment.ToArray());
            }

            end = Math.Max(slash, 0);
        }
    }

    private static int Release(Descriptor directory)
    {
        int number = (int)directory.DangerousGetHandle();
        directory.SetHandleAsInvalid();
        return number;
    }
}
