using Godwit.Storage;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Backends.DropBox.Zstd;

/// <summary>Reads zstd frames that follow each other. For one thread at a time.</summary>
internal sealed unsafe class ZstdDecompressor() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>Whether all frames that were begun have ended, so that nothing is missing.</summary>
    public bool IsBetweenFrames { get; private set; } = true;

    /// <summary>A decompressor at the start of a frame.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: this machine has no libzstd.</exception>
    public static ZstdDecompressor Create() => LibZstd.Made(LibZstd.CreateDecompressor);

    /// <summary>Bytes of content that a frame tells at its beginning; null where it tells none, or this is no beginning of a frame.</summary>
    /// <param name="beginning">The first bytes: 18 of them hold all that can be told.</param>
    public static long? LengthOf(ReadOnlySpan<byte> beginning)
    {
        fixed (byte* from = beginning)
        {
            // The two highest numbers mean that it is not known, and that it is no frame.
            ulong length = LibZstd.FrameLength(from, (nuint)beginning.Length);
            return length <= long.MaxValue ? (long)length : null;
        }
    }

    /// <summary>Takes some of the input and gives what content there is.</summary>
    /// <param name="input">What comes next; may be empty, when content is still held back.</param>
    /// <param name="output">Room for content.</param>
    /// <returns>Bytes taken, and bytes given. Neither: more input is needed.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: this is no zstd, or its content is not what its
    /// checksum says.</exception>
    public (int Taken, int Given) Next(ReadOnlySpan<byte> input, Span<byte> output)
    {
        fixed (byte* from = input)
        {
            fixed (byte* to = output)
            {
                var taking = new LibZstd.Room { Bytes = from, Count = (nuint)input.Length };
                var giving = new LibZstd.Room { Bytes = to, Count = (nuint)output.Length };
                nuint result = LibZstd.Decompress(this, &giving, &taking);
                if (LibZstd.Fault(result) is { } fault)
                {
                    throw new StoreException(StoreErrorKind.Integrity, $"The compressed bytes are damaged: {fault}.");
                }

                // A call that did nothing says what the next frame wants, which is no frame that was begun.
                if (taking.Used > 0 || giving.Used > 0)
                {
                    IsBetweenFrames = result == 0;
                }

                return ((int)taking.Used, (int)giving.Used);
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibZstd.FreeDecompressor(handle) == 0;
}
