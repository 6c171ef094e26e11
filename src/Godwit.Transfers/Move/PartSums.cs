using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Transfers.Move;

/// <summary>The checksum over the parts that an object was written by, computed of several at once while the file is moved by parts that hold
/// whole ones of those.</summary>
/// <param name="length">The file's bytes.</param>
/// <param name="partSize">Bytes of the object's parts.</param>
internal sealed class PartSums(long length, long partSize)
{
    private const int SumBytes = 16;

    private readonly byte[] _sums = new byte[SumBytes * ((length + partSize - 1) / partSize)];

    /// <summary>The size near a usual one, that holds whole parts of an object; null where its parts are too large for that.</summary>
    public static long? AlignedTo(long partSize, long usual, long most) => partSize <= most ? partSize * Math.Max(1, usual / partSize) : null;

    /// <summary>Takes some whole parts.</summary>
    public async Task AddAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        var sums = new List<Task<Checksum>>();
        for (int at = 0; at < bytes.Length; at += (int)partSize)
        {
            sums.Add(ConcurrentMd5.HashAsync(bytes.Slice(at, (int)Math.Min(partSize, bytes.Length - at))));
        }

        Checksum[] found = await Task.WhenAll(sums).ConfigureAwait(false);
        for (int i = 0; i < found.Length; i++)
        {
            found[i].Value.CopyTo(_sums.AsSpan((int)((offset / partSize) + i) * SumBytes));
        }
    }

    /// <summary>The checksum, after the last part.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "S3 computes MD5; it tells transmission errors, it guards nothing.")]
    public PartedChecksum Finish() => new(new Checksum(ChecksumKind.Md5, MD5.HashData(_sums)), partSize);
}
