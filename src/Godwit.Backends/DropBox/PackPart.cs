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

    /// <summary>Takes exactly the part's bytes from a stream.</summary>
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
            var payload = new MemoryStream();
            bool isPlain = length == 0;
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
                int packed = isPlain ? 0 : compressor.Frame(room.AsSpan(0, came), frame);
                if (taken == 0)
                {
                    isPlain = packed > came * WorthShare;
                    payload.Capacity = isPlain ? (int)length : packed;
                }

                payload.Write(isPlain ? room.AsSpan(0, came) : frame.AsSpan(0, packed));
                taken += came;
            }

            return new PackedPart(payload.GetBuffer().AsMemory(0, (int)payload.Length), isPlain, checksum.Finish());
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
}

/// <summary>What a part's bytes became.</summary>
/// <param name="Payload">What is stored.</param>
/// <param name="IsPlain">Whether it is the bytes themselves.</param>
/// <param name="Checksum">The CRC-64/NVME of the part's bytes.</param>
internal sealed record PackedPart(ReadOnlyMemory<byte> Payload, bool IsPlain, Checksum Checksum);
