using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Stores payloads so that what is acknowledged is there for certain.</summary>
/// <param name="inner">The store that the box is in.</param>
internal sealed class DropBoxPayload(IStore inner)
{
    private readonly ChecksumKind? _arrival = Cheapest(inner.ArrivalChecksum?.Kinds ?? []);

    /// <summary>Writes one payload. Where the store refuses nothing by a checksum, what it stored is read again.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: the store has other bytes.</exception>
    public ValueTask WriteAsync(StorePath path, ReadOnlyMemory<byte> bytes, CancellationToken ct) => WriteAsync(path, bytes, WriteMetadata.None, ct);

    /// <summary>The same, with what the object is to carry.</summary>
    public async ValueTask WriteAsync(StorePath path, ReadOnlyMemory<byte> bytes, WriteMetadata metadata, CancellationToken ct)
    {
        var options = new WriteOptions { Expected = Expected(bytes.Span), Metadata = metadata };
        await inner.WriteAsync(path, WriteSource.From(bytes), options, ct).ConfigureAwait(false);
        if (_arrival is null)
        {
            await RequireStoredAsync(path, bytes, ct).ConfigureAwait(false);
        }
    }

    /// <summary>What the store is to hold bytes against as they arrive; null where it holds them against nothing.</summary>
    public Checksum? Expected(ReadOnlySpan<byte> bytes) => _arrival is { } kind ? Of(kind, bytes) : null;

    private async ValueTask RequireStoredAsync(StorePath path, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        StoreBody body = await inner.OpenReadAsync(path, ct).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var room = new byte[64 * 1024];
            for (ReadOnlyMemory<byte> left = bytes; ;)
            {
                int read = await body.Content.ReadAsync(room, ct).ConfigureAwait(false);
                if (read == 0 && left.IsEmpty)
                {
                    return;
                }

                if (read == 0 || read > left.Length || !left.Span[..read].SequenceEqual(room.AsSpan(0, read)))
                {
                    throw new StoreException(StoreErrorKind.Integrity, $"\"{path}\" in the drop box {inner.Identity} is not what was written.");
                }

                left = left[read..];
            }
        }
    }

    private static ChecksumKind? Cheapest(IReadOnlyList<ChecksumKind> kinds) =>
        kinds.Count == 0 ? null
        : kinds.Contains(ChecksumKind.Crc64Nvme) ? ChecksumKind.Crc64Nvme
        : kinds.Contains(ChecksumKind.Crc32C) ? ChecksumKind.Crc32C
        : kinds[0];

    private static Checksum Of(ChecksumKind kind, ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(kind);
        running.Append(bytes);
        return running.Finish();
    }
}
