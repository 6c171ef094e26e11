using Godwit.Storage;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Backends.DropBox.Zstd;

/// <summary>Makes zstd frames. For one thread at a time.</summary>
internal sealed unsafe class ZstdCompressor() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>A compressor whose frames carry a checksum of their content.</summary>
    /// <param name="level">From 1, fast, to 19, small; what lies outside is taken as the nearest that the library has.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: this machine has no libzstd.</exception>
    public static ZstdCompressor Create(int level)
    {
        ZstdCompressor compressor = LibZstd.Made(LibZstd.CreateCompressor);
        Check(LibZstd.SetParameter(compressor, LibZstd.LevelParameter, level));
        Check(LibZstd.SetParameter(compressor, LibZstd.ChecksumParameter, 1));
        return compressor;
    }

    /// <summary>Bytes that a frame of so much content takes at most.</summary>
    public static int MostBytes(int length) => (int)LibZstd.CompressBound((nuint)length);

    /// <summary>Writes the content as one whole frame.</summary>
    /// <param name="content">The content; may be empty.</param>
    /// <param name="frame">Room of at least <see cref="MostBytes"/>.</param>
    /// <returns>Bytes of the frame.</returns>
    public int Frame(ReadOnlySpan<byte> content, Span<byte> frame)
    {
        fixed (byte* from = content)
        {
            fixed (byte* to = frame)
            {
                return (int)Check(LibZstd.Compress(this, to, (nuint)frame.Length, from, (nuint)content.Length));
            }
        }
    }

    /// <summary>Begins a frame that is given a piece at a time.</summary>
    /// <param name="length">Bytes of its content, which the frame then tells.</param>
    /// <param name="workers">Threads that compress it, where the library can; 0 for none beside the caller's.</param>
    public void Begin(long length, int workers)
    {
        if (workers > 0)
        {
            // A library that was built without threads says no, and does all in the caller's.
            _ = LibZstd.SetParameter(this, LibZstd.WorkersParameter, workers);
        }

        Check(LibZstd.SetLength(this, (ulong)length));
    }

    /// <summary>Takes some of the content and gives what there is of the frame.</summary>
    /// <param name="input">What comes next.</param>
    /// <param name="output">Room for the frame's bytes.</param>
    /// <param name="isLast">Whether nothing comes after this input.</param>
    /// <returns>Bytes taken, bytes given, and whether the frame ended: then all is given.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unexpected"/>: another length came than was promised.</exception>
    public (int Taken, int Given, bool Ended) Next(ReadOnlySpan<byte> input, Span<byte> output, bool isLast)
    {
        fixed (byte* from = input)
        {
            fixed (byte* to = output)
            {
                var taking = new LibZstd.Room { Bytes = from, Count = (nuint)input.Length };
                var giving = new LibZstd.Room { Bytes = to, Count = (nuint)output.Length };
                nuint left = Check(LibZstd.CompressStream(this, &giving, &taking, isLast ? LibZstd.End : LibZstd.Continue));
                return ((int)taking.Used, (int)giving.Used, isLast && left == 0);
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibZstd.FreeCompressor(handle) == 0;

    private static nuint Check(nuint result) => LibZstd.Fault(result) is { } fault
        ? throw new StoreException(StoreErrorKind.Unexpected, $"libzstd could not compress: {fault}.")
        : result;
}
