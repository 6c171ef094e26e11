using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Godwit.Backends.Local.Native;

/// <summary>
/// System calls on names that are bytes. Each gives its result, or the negated error number; each is repeated while a signal interrupts
/// it.
/// </summary>
[SkipLocalsInit]
internal static unsafe partial class Posix
{
    /// <summary>Bytes of a path in one call at most, its NUL included.</summary>
    public const int MaxPath = 4096;

    private const long OpenAt2Number = 437;
    private const uint NoReplace = 1;

    private static readonly long GetEntriesNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 61 : 217;

    public static int Open(NativeName path, int flags)
    {
        fixed (byte* p = path)
        {
            int result;
            do
            {
                result = Result(Libc.Open(p, flags | Native.Open.CloseOnExec, 0));
            }
            while (result == -Errno.Interrupted);
            return result;
        }
    }

    public static int OpenAt(Descriptor directory, NativeName name, int flags, uint mode = 0)
    {
        fixed (byte* p = name)
        {
            int result;
            do
            {
                result = Result(Libc.OpenAt(directory, p, flags | Native.Open.CloseOnExec, mode));
            }
            while (result == -Errno.Interrupted);
            return result;
        }
    }

    /// <summary>Opens below a directory as openat2 does; its rules of resolving are the kernel's, so nothing can slip in between.</summary>
    public static int OpenBelow(Descriptor directory, NativeName path, int flags, ulong resolve)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(flags | Native.Open.CloseOnExec), Mode = 0, Resolve = resolve };
        fixed (byte* p = path)
        {
            int result;
            do
            {
                result = Result((int)Libc.OpenAt2(OpenAt2Number, directory, p, &how, (nuint)sizeof(OpenHow)));
            }
            while (result == -Errno.Interrupted);
            return result;
        }
    }

    /// <summary>Directory entries as <c>struct linux_dirent64</c>; 0 bytes at the end.</summary>
    public static int GetEntries(Descriptor directory, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            return Result((int)Libc.GetEntries(GetEntriesNumber, directory, p, (nuint)buffer.Length));
        }
    }

    /// <summary>Facts of an entry of a directory; a link is not followed. A server is asked: what a mount remembers of it may be a minute old, and
    /// files are deleted by what this tells.</summary>
    public static int StatAt(Descriptor directory, NativeName name, out Statx facts)
    {
        fixed (byte* p = name)
        fixed (Statx* f = &facts)
        {
            return Result(Libc.StatAt(directory, p, At.NoFollow | At.NoAutomount | At.EmptyPath | At.ForceSync, Statx.BasicStats, f));
        }
    }

    /// <summary>As the other, for names that already lie in a buffer with their NUL, below a directory that the caller keeps open.</summary>
    public static int StatAt(int directory, byte* name, out Statx facts)
    {
        fixed (Statx* f = &facts)
        {
            return Result(Libc.StatAt(directory, name, At.NoFollow | At.NoAutomount, Statx.BasicStats, f));
        }
    }

    /// <summary>Facts of what is open.</summary>
    public static int Stat(Descriptor file, out Statx facts) => StatAt(file, NativeName.Empty, out facts);

    /// <summary>Whether this process may do something to an entry of a directory: 0, or the negated error.</summary>
    public static int AccessAt(Descriptor directory, NativeName name, int mode)
    {
        fixed (byte* p = name)
        {
            return Result(Libc.AccessAt(directory, p, mode, At.AsEffectiveUser));
        }
    }

    /// <summary>Where a link points.</summary>
    public static int ReadLinkAt(Descriptor directory, NativeName name, out byte[] target)
    {
        byte* buffer = stackalloc byte[MaxPath];
        fixed (byte* p = name)
        {
            int length = Result((int)Libc.ReadLinkAt(directory, p, buffer, MaxPath));
            target = length > 0 ? new ReadOnlySpan<byte>(buffer, length).ToArray() : [];
            return length;
        }
    }

    public static int MakeDirectory(NativeName path)
    {
        fixed (byte* p = path)
        {
            return Result(Libc.MakeDirectory(p, 0x1ff));
        }
    }

    public static int MakeDirectoryAt(Descriptor directory, NativeName name)
    {
        fixed (byte* p = name)
        {
            return Result(Libc.MakeDirectoryAt(directory, p, 0x1ff));
        }
    }

    public static int UnlinkAt(Descriptor directory, NativeName name, int flags = 0)
    {
        fixed (byte* p = name)
        {
            return Result(Libc.UnlinkAt(directory, p, flags));
        }
    }

    public static int LinkSymbolicallyAt(NativeName target, Descriptor directory, NativeName name)
    {
        fixed (byte* t = target)
        fixed (byte* p = name)
        {
            return Result(Libc.LinkSymbolicallyAt(t, directory, p));
        }
    }

    public static int LinkAt(Descriptor from, NativeName old, Descriptor to, NativeName name)
    {
        fixed (byte* o = old)
        fixed (byte* n = name)
        {
            return Result(Libc.LinkAt(from, o, to, n, 0));
        }
    }

    public static int RenameAt(Descriptor from, NativeName old, Descriptor to, NativeName name, bool replace)
    {
        fixed (byte* o = old)
        fixed (byte* n = name)
        {
            return Result(replace ? Libc.RenameAt(from, o, to, n) : Libc.RenameAt2(from, o, to, n, NoReplace));
        }
    }

    public static int SetModifiedAt(Descriptor directory, NativeName name, TimeSpec modified)
    {
        TimeSpec* times = stackalloc TimeSpec[] { new() { Nanoseconds = TimeSpec.Omit }, modified };
        fixed (byte* p = name)
        {
            return Result(Libc.SetTimesAt(directory, p, times, At.NoFollow));
        }
    }

    public static int StatFileSystem(Descriptor file, out FileSystemFacts facts)
    {
        fixed (FileSystemFacts* f = &facts)
        {
            return Result(Libc.StatFileSystem(file, f));
        }
    }

    /// <summary>The path without links, <c>.</c> and <c>..</c>; everything on it has to exist.</summary>
    public static int RealPath(NativeName path, out byte[] real)
    {
        byte* buffer = stackalloc byte[MaxPath];
        fixed (byte* p = path)
        {
            byte* found = Libc.RealPath(p, buffer);
            real = found is null ? [] : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found).ToArray();
            return found is null ? -Marshal.GetLastPInvokeError() : 0;
        }
    }

    /// <summary>Where a relative path begins.</summary>
    public static int CurrentDirectory(out byte[] path)
    {
        byte* buffer = stackalloc byte[MaxPath];
        byte* found = Libc.CurrentDirectory(buffer, MaxPath);
        path = found is null ? [] : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found).ToArray();
        return found is null ? -Marshal.GetLastPInvokeError() : 0;
    }

    private static int Result(int result) => result == -1 ? -Marshal.GetLastPInvokeError() : result;
}
