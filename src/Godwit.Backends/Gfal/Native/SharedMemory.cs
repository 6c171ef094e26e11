using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Backends.Gfal.Native;

/// <summary>Memory that this process has in common with a worker, so that the bytes of files need not pass through pipes. It is given back to the system when
/// nobody refers to it any more: a piece may still be read after its worker was lost.</summary>
internal sealed unsafe partial class SharedMemory : MemoryManager<byte>
{
    private const string Library = "libc";
    private const uint CloseOnExec = 1;
    private const int ReadAndWrite = 3;
    private const int Shared = 1;
    private const nint Failed = -1;

    // The other process opens it by this one's number.
    private readonly SafeFileHandle _file;
    private readonly Mapping _bytes;

    private SharedMemory(SafeFileHandle file, Mapping bytes) => (_file, _bytes) = (file, bytes);

    /// <summary>Where a process of the same user finds it, as long as this one has it.</summary>
    public string Name => $"/proc/{Environment.ProcessId}/fd/{_file.DangerousGetHandle()}";

    /// <summary>New memory, which takes none until something is written there; null where the system has none to share.</summary>
    /// <param name="length">Bytes.</param>
    public static SharedMemory? Make(int length)
    {
        int made = MakeFile("godwit-pieces\0"u8, CloseOnExec);
        return made < 0 ? null : Map(() =>
        {
            var file = new SafeFileHandle(made, ownsHandle: true);
            RandomAccess.SetLength(file, length);
            return file;
        });
    }

    /// <summary>Another process's; null where this one may not have it, as where that one has rights of its own.</summary>
    /// <param name="name">What it is called there; null for none.</param>
    public static SharedMemory? Open(string? name) =>
        name is null ? null : Map(() => File.OpenHandle(name, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    /// <summary>Where a piece of it begins; null for memory that is no piece of it.</summary>
    public int? OffsetOf(ReadOnlyMemory<byte> piece) =>
        MemoryMarshal.TryGetMemoryManager(piece, out SharedMemory? owner, out int start, out _) && owner == this ? start : null;

    public override Span<byte> GetSpan() => new((byte*)_bytes.DangerousGetHandle(), _bytes.Length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_bytes.DangerousGetHandle() + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bytes.Dispose();
            _file.Dispose();
        }
    }

    private static SharedMemory? Map(Func<SafeFileHandle> open)
    {
        try
        {
            SafeFileHandle file = open();
            int length = checked((int)RandomAccess.GetLength(file));
            nint bytes = Map(0, (nuint)length, ReadAndWrite, Shared, file, 0);
            if (bytes != Failed)
            {
                return new SharedMemory(file, new Mapping(bytes, length));
            }

            file.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then there are the pipes.
        }

        return null;
    }

    [LibraryImport(Library, EntryPoint = "memfd_create")]
    private static partial int MakeFile(ReadOnlySpan<byte> name, uint flags);

    [LibraryImport(Library, EntryPoint = "mmap")]
    private static partial nint Map(nint place, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap")]
    private static partial int Unmap(nint bytes, nuint length);

    private sealed class Mapping : SafeHandleMinusOneIsInvalid
    {
        public Mapping(nint bytes, int length)
            : base(ownsHandle: true)
        {
            SetHandle(bytes);
            Length = length;
        }

        public int Length { get; }

        protected override bool ReleaseHandle() => Unmap(handle, (nuint)Length) == 0;
    }
}
