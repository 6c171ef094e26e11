using System.Runtime.InteropServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.Zstd;

/// <summary>The calls of libzstd (1.4 or newer, <c>zstd.h</c>), as far as they are used.</summary>
internal static unsafe partial class LibZstd
{
    /// <summary>The file that the calls are in.</summary>
    public const string Library = "libzstd.so.1";

    /// <summary><c>ZSTD_c_compressionLevel</c>.</summary>
    internal const int LevelParameter = 100;

    /// <summary><c>ZSTD_c_checksumFlag</c>: a frame ends in a checksum of its content.</summary>
    internal const int ChecksumParameter = 201;

    /// <summary><c>ZSTD_c_nbWorkers</c>: threads that compress one frame. A library without threads refuses it.</summary>
    internal const int WorkersParameter = 400;

    /// <summary><c>ZSTD_e_continue</c> and <c>ZSTD_e_end</c>: more is to come, or the frame ends.</summary>
    internal const int Continue = 0;

    /// <inheritdoc cref="Continue"/>
    internal const int End = 2;

    /// <summary>A handle that the library made.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: this machine has no libzstd, or one that is too old;
    /// <see cref="StoreErrorKind.QuotaExceeded"/>: no memory.</exception>
    internal static T Made<T>(Func<T> make)
        where T : SafeHandle
    {
        try
        {
            T handle = make();
            return !handle.IsInvalid ? handle : throw new StoreException(StoreErrorKind.QuotaExceeded, "libzstd got no memory to work in.");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new StoreException(
                StoreErrorKind.Unsupported, $"A drop box needs {Library}, which this machine does not have: install the package libzstd1.", e);
        }
    }

    /// <summary>The library's own words for what went wrong; null where nothing did.</summary>
    internal static string? Fault(nuint result) => IsError(result) == 0 ? null : Marshal.PtrToStringUTF8((nint)ErrorName(result));

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    internal static partial ZstdCompressor CreateCompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    internal static partial nuint FreeCompressor(nint compressor);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    internal static partial nuint SetParameter(ZstdCompressor compressor, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    internal static partial nuint CompressBound(nuint count);

    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    internal static partial nuint Compress(ZstdCompressor compressor, byte* to, nuint room, byte* from, nuint count);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setPledgedSrcSize")]
    internal static partial nuint SetLength(ZstdCompressor compressor, ulong length);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    internal static partial nuint CompressStream(ZstdCompressor compressor, Room* output, Room* input, int directive);

    [LibraryImport(Library, EntryPoint = "ZSTD_getFrameContentSize")]
    internal static partial ulong FrameLength(byte* from, nuint count);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    internal static partial ZstdDecompressor CreateDecompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    internal static partial nuint FreeDecompressor(nint decompressor);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    internal static partial nuint Decompress(ZstdDecompressor decompressor, Room* output, Room* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial byte* ErrorName(nuint result);

    /// <summary><c>ZSTD_inBuffer</c> and <c>ZSTD_outBuffer</c>, which are alike.</summary>
    internal struct Room
    {
        public byte* Bytes;
        public nuint Count;
        public nuint Used;
    }
}
