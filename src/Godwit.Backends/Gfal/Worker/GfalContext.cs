using System.Runtime.InteropServices;
using Godwit.Backends.Gfal.Native;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>A context of libgfal2 and its calls. It keeps sessions with the server. A fault may leave one that is of no use any more: whoever gets
/// one ends the lane.</summary>
internal sealed unsafe class GfalContext : IDisposable
{
    private const uint OrdinaryFile = 0x1b6;
    private const uint OrdinaryDirectory = 0x1ff;
    private const int TextBytes = 4096;
    private const int NameAt = 19;

    // The first one loads the plugins, which is not said to bear company.
    private static readonly Lock s_making = new();

    private readonly Lock _swapping = new();
    private nint _context;

    /// <summary>The library's version.</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)Gfal2.Version()) ?? "";

    private nint Context
    {
        get
        {
            if (_context == 0)
            {
                nint made = Make();
                lock (_swapping)
                {
                    _context = made;
                }
            }

            return _context;
        }
    }

    /// <summary>Makes it ready, so that what it does can be given up.</summary>
    public void Prepare() => _ = Context;

    public Facts Look(byte[] url)
    {
        byte* facts = stackalloc byte[Facts.Room];
        Require(Gfal2.Look(Context, url, facts, out nint error), error);
        return Facts.Of(new ReadOnlySpan<byte>(facts, Facts.Room));
    }

    public nint OpenDirectory(byte[] url)
    {
        nint directory = Gfal2.OpenDirectory(Context, url, out nint error);
        Require(directory == 0 ? -1 : 0, error);
        return directory;
    }

    /// <summary>The next entry; null behind the last.</summary>
    public (byte[] Name, Facts Facts)? ReadDirectory(nint directory)
    {
        byte* facts = stackalloc byte[Facts.Room];
        nint entry = Gfal2.ReadDirectory(Context, directory, facts, out nint error);
        Require(0, error);
        return entry == 0 ? null
            : (MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + NameAt).ToArray(), Facts.Of(new ReadOnlySpan<byte>(facts, Facts.Room)));
    }

    public void CloseDirectory(nint directory) => Require(Gfal2.CloseDirectory(Context, directory, out nint error), error);

    public int Open(byte[] url, int flags)
    {
        int file = Gfal2.Open(Context, url, flags, OrdinaryFile, out nint error);
        Require(file, error);
        return file;
    }

    public void Seek(int file, long offset) => Require(Gfal2.Seek(Context, file, offset, 0, out nint error) == offset ? 0 : -1, error);

    /// <summary>Reads until the room is full or the file ends.</summary>
    public int Read(int file, Span<byte> room)
    {
        int filled = 0;
        fixed (byte* bytes = room)
        {
            while (filled < room.Length)
            {
                nint read = Gfal2.Read(Context, file, bytes + filled, (nuint)(room.Length - filled), out nint error);
                Require(read, error);
                if (read == 0)
                {
                    break;
                }

                filled += (int)read;
            }
        }

        return filled;
    }

    public void Write(int file, ReadOnlySpan<byte> content)
    {
        int written = 0;
        fixed (byte* bytes = content)
        {
            while (written < content.Length)
            {
                nint count = Gfal2.Write(Context, file, bytes + written, (nuint)(content.Length - written), out nint error);
                Require(count > 0 ? 0 : -1, error);
                written += (int)count;
            }
        }
    }

    public void Close(int file) => Require(Gfal2.Close(Context, file, out nint error), error);

    public void Unlink(byte[] url) => Require(Gfal2.Unlink(Context, url, out nint error), error);

    public void RemoveDirectory(byte[] url) => Require(Gfal2.RemoveDirectory(Context, url, out nint error), error);

    public void MakeDirectories(byte[] url) => Require(Gfal2.MakeDirectories(Context, url, OrdinaryDirectory, out nint error), error);

    public void Rename(byte[] from, byte[] to) => Require(Gfal2.Rename(Context, from, to, out nint error), error);

    /// <summary>The checksum of a whole file, as the server writes it.</summary>
    public string Checksum(byte[] url, byte[] kind)
    {
        byte* text = stackalloc byte[TextBytes];
        Require(Gfal2.Checksum(Context, url, kind, 0, 0, text, TextBytes, out nint error), error);
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    public string Attribute(byte[] url, byte[] name)
    {
        byte* text = stackalloc byte[TextBytes];
        nint length = Gfal2.Attribute(Context, url, name, text, TextBytes, out nint error);
        Require(length, error);
        return Marshal.PtrToStringUTF8((nint)text, (int)Math.Min(length, TextBytes)).TrimEnd('\0');
    }

    /// <summary>Has the server of one address fetch a file from that of another, replacing what is there.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="passing">Hears of bytes meanwhile, from a thread of the library.</param>
    public void Copy(byte[] from, byte[] to, Action<long> passing)
    {
        using var parameters = new CopyParameters(passing);
        Require(GfalTransfer.Copy(Context, parameters.Handle, from, to, out nint error), error);
    }

    /// <summary>Gives up what is under way; returns when it has noticed.</summary>
    public void Cancel()
    {
        lock (_swapping)
        {
            if (_context != 0)
            {
                _ = Gfal2.Cancel(_context);
            }
        }
    }

    public void Dispose()
    {
        lock (_swapping)
        {
            (nint context, _context) = (_context, 0);
            if (context != 0)
            {
                Gfal2.FreeContext(context);
            }
        }
    }

    private static nint Make()
    {
        lock (s_making)
        {
            nint context = Gfal2.NewContext(out nint error);
            if (context == 0)
            {
                throw new GfalFaultException(Glib.Take(error));
            }

            Set(context, "SESSION_REUSE", true);

            // Whoever opens a file has looked at it.
            Set(context, "STAT_ON_OPEN", false);
            return context;
        }
    }

    private static void Set(nint context, string key, bool value)
    {
        _ = Gfal2.SetOption(context, "GRIDFTP PLUGIN", key, value ? 1 : 0, out nint error);
        if (error != 0)
        {
            _ = Glib.Take(error);
        }
    }

    /// <summary>Throws what the library said.</summary>
    /// <param name="result">What it returned; below zero is a failure.</param>
    /// <param name="error">Its <c>GError*</c>, or null.</param>
    internal static void Require(nint result, nint error)
    {
        if (error != 0)
        {
            throw new GfalFaultException(Glib.Take(error));
        }

        if (result < 0)
        {
            throw new GfalFaultException(new GfalFault("worker", 0, "the library failed and gave no reason"));
        }
    }
}
