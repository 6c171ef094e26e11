using System.Runtime.InteropServices;

namespace Godwit.Backends.Local.Native;

/// <content>Calls on a file that is open.</content>
internal static unsafe partial class Posix
{
    private const int DuplicateClosingOnExec = 1030;
    private const nuint CloneRequest = 0x40049409;

    public static int SetModified(Descriptor file, TimeSpec modified)
    {
        TimeSpec* times = stackalloc TimeSpec[] { new() { Nanoseconds = TimeSpec.Omit }, modified };
        return Result(Libc.SetTimes(file, times));
    }

    public static int SetMode(Descriptor file, int mode) => Result(Libc.SetMode(file, (uint)mode));

    public static int SetLength(Descriptor file, long length)
    {
        int result;
        do
        {
            result = Result(Libc.SetLength(file, length));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    public static int Read(Descriptor file, Span<byte> buffer, long offset)
    {
        fixed (byte* p = buffer)
        {
            int result;
            do
            {
                result = Result((int)Libc.Read(file, p, (nuint)buffer.Length, offset));
            }
            while (result == -Errno.Interrupted);
            return result;
        }
    }

    public static int Write(Descriptor file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* p = bytes)
        {
            int result;
            do
            {
                result = Result((int)Libc.Write(file, p, (nuint)bytes.Length, offset));
            }
            while (result == -Errno.Interrupted);
            return result;
        }
    }

    public static int Allocate(Descriptor file, int mode, long offset, long length)
    {
        int result;
        do
        {
            result = Result(Libc.Allocate(file, mode, offset, length));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    /// <summary>Advice only: what the kernel makes of it is its own affair.</summary>
    public static void Advise(Descriptor file, long offset, long length, Advice advice) =>
        Libc.Advise(file, offset, length, (int)advice);

    public static long SeekTo(Descriptor file, long offset, Seek what)
    {
        long result = Libc.SeekTo(file, offset, (int)what);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    public static int SyncData(Descriptor file)
    {
        int result;
        do
        {
            result = Result(Libc.SyncData(file));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    public static int Sync(Descriptor file)
    {
        int result;
        do
        {
            result = Result(Libc.Sync(file));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    public static int SyncFileSystem(Descriptor file) => Result(Libc.SyncFileSystem(file));

    public static int Duplicate(Descriptor file) => Result(Libc.Control(file, DuplicateClosingOnExec, 0));

    public static int Clone(Descriptor from, Descriptor to) => Result(Libc.Clone(to, CloneRequest, from));

    public static long CopyRange(Descriptor from, Descriptor to, long offset, long count)
    {
        long fromOffset = offset;
        long toOffset = offset;
        long result;
        do
        {
            result = Libc.CopyRange(from, &fromOffset, to, &toOffset, (nuint)count, 0);
            result = result == -1 ? -Marshal.GetLastPInvokeError() : result;
        }
        while (result == -Errno.Interrupted);
        return result;
    }
}
