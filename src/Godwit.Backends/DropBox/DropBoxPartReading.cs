using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Reads one part from its first byte, and holds its length and its checksum against the record.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="part">The part.</param>
/// <param name="content">Its bytes as they come out of the payload; disposed with this.</param>
internal sealed class DropBoxPartReading(StorePath path, DropBoxPart part, Stream content) : IAsyncDisposable
{
    private readonly RunningChecksum _checksum = RunningChecksum.Start(ChecksumKind.Crc64Nvme);

    /// <summary>Bytes of the part that were read.</summary>
    public long Position { get; private set; }

    /// <summary>The part.</summary>
    public DropBoxPart Part => part;

    /// <summary>Opens a payload.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: it is gone; <see cref="StoreErrorKind.Integrity"/>: it has
    /// another length.</exception>
    public static async ValueTask<DropBoxPartReading> OpenAsync(IStore inner, DropBoxRecord record, DropBoxPart part, CancellationToken ct)
    {
        StoreBody body = await inner.OpenReadAsync(DropBoxLayout.Data(record.Id, part.Number), ct).ConfigureAwait(false);
        try
        {
            return body.Entry.Length == part.StoredLength
                ? new DropBoxPartReading(record.Path, part, part.IsPlain ? body.Content : new ZstdContent(body.Content))
                : throw Wrong(record.Path, part, $"is stored in {body.Entry.Length} bytes instead of {part.StoredLength}");
        }
        catch
        {
            await body.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads further bytes of the part, at least one.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> room, CancellationToken ct)
    {
        int wanted = (int)Math.Min(room.Length, part.Length - Position);
        int read = await content.ReadAsync(room[..wanted], ct).ConfigureAwait(false);
        if (read == 0)
        {
            throw Wrong(path, part, $"has {Position} bytes instead of {part.Length}");
        }

        _checksum.Append(room.Span[..read]);
        Position += read;
        return read;
    }

    /// <summary>Reads on to a place in the part.</summary>
    public async ValueTask SkipToAsync(long position, CancellationToken ct)
    {
        var room = new byte[Math.Min(position - Position, 256 * 1024)];
        while (Position < position)
        {
            await ReadAsync(room.AsMemory(0, (int)Math.Min(room.Length, position - Position)), ct).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the part to its end: it is the one that was put in, or this fails.</summary>
    public async ValueTask RequireWholeAsync(CancellationToken ct)
    {
        await SkipToAsync(part.Length, ct).ConfigureAwait(false);
        if (await content.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw Wrong(path, part, $"has more than {part.Length} bytes");
        }

        if (_checksum.Finish() is var sum && sum != part.Checksum)
        {
            throw Wrong(path, part, $"has {sum} instead of {part.Checksum}");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _checksum.Dispose();
        return content.DisposeAsync();
    }

    private static StoreException Wrong(StorePath path, DropBoxPart part, string why) =>
        new(StoreErrorKind.Integrity, $"Part {part.Number} of \"{path}\" in the drop box {why}.") { Path = path };
}
