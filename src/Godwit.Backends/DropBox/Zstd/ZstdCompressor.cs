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

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibZstd.FreeCompressor(handle) == 0;

    private static nuint Check(nuint result) => LibZstd.Fault(result) is { } fault
        ? throw new StoreException(StoreErrorKind.Unexpected, $"libzstd could not compress: {fault}.")
        : result;
}
