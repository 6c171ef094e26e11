using System.Buffers;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Makes a part's payload in one pass over its bytes: zstd frames, or the bytes themselves where compressing makes them hardly
/// smaller.</summary>
internal static class PackPart
{
    /// <summary>Content of a frame, and what shows whether compressing is worth it.</summary>
    private const int FrameBytes = 1 << 20;

    /// <summary>The share of its length above which a compressed start is not worth it.</summary>
    private const double WorthShare = 0.95;

    /// <summary>Takes exactly the part's bytes from a stream. What is packed is released when it was stored.</summary>
    /// <param name="content">The stream; what follows is left there.</param>
    /// <param name="length">Bytes of the part.</param>
    /// <param name="level">How hard zstd tries.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>The payload, and the CRC-64/NVME of the part's bytes.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: fewer bytes come.</exception>
    public static async ValueTask<PackedPart> PackAsync(Stream content, long length, int level, StorePath path, CancellationToken ct)
    {
        using var compressor = ZstdCompressor.Create(level);
        using var checksum = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        int most = (int)Math.Min(length, FrameBytes);
        byte[] room = ArrayPool<byte>.Shared.Rent(most);
        byte[] frame = ArrayPool<byte>.Shared.Rent(ZstdCompressor.MostBytes(most));
        try
        {
            var part = new PackedPart { IsPlain = length == 0 };
            for (long taken = 0; taken < length;)
            {
                ct.ThrowIfCancellationRequested();
                int wanted = (int)Math.Min(most, length - taken);
                int came = await content.ReadAtLeastAsync(room.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, ct).ConfigureAwait(false);
                if (came < wanted)
                {
                    throw new StoreException(StoreErrorKind.Integrity, $"{length} bytes were promised for \"{path}\" and {taken + came} came.")
                    {
                        Path = path,
                    };
                }

                checksum.Append(room.AsSpan(0, came));
                int packed = part.IsPlain ? 0 : compressor.Frame(room.AsSpan(0, came), frame);
                if (taken == 0)
                {
                    part.IsPlain = packed > came * WorthShare;
                    part.Reserve(part.IsPlain ? (int)length : Foreseen(packed, came, length));
                }

                part.Append(part.IsPlain ? room.AsSpan(0, came) : frame.AsSpan(0, packed));
                taken += came;
            }

            part.Checksum = checksum.Finish();
            return part;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>The stream gives nothing more.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it does.</exception>
    public static async ValueTask RequireEndAsync(Stream content, long length, StorePath path, CancellationToken ct)
    {
        int more = await content.ReadAsync(new byte[1], ct).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        if (more > 0)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"{length} bytes were promised for \"{path}\" and more came.") { Path = path };
        }
    }

    /// <summary>Bytes that a whole part becomes, when all of it packs nearly as well as its start.</summary>
    private static int Foreseen(int packed, int came, long length) => (int)Math.Min(length, (packed * (double)length / came * 1.1) + came);
}
