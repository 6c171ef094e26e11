using System.Buffers;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Writes the bytes of one part where they belong, many requests under way. When it returns, none is: a write that a server carries
/// out late could hit what was written since.</summary>
internal sealed class SftpPartWriter(SftpOpenUpload open, StorePath path)
{
    /// <summary>Bytes under way: what a fast line across a continent holds, and more than one ssh connection takes.</summary>
    private const int UnderWayBytes = 4 << 20;

    private readonly Queue<Task> _answers = new();
    private readonly int _block = open.Session.WriteBytes;

    /// <summary>Writes exactly the promised bytes.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: fewer or more came.</exception>
    public async Task WriteAsync(long offset, WriteSource source, CancellationToken ct)
    {
        try
        {
            await (source.InMemory is { } bytes
                ? WriteMemoryAsync(offset, bytes, source.Length, ct)
                : WriteStreamAsync(offset, source, ct)).ConfigureAwait(false);
            while (_answers.TryDequeue(out Task? answer))
            {
                await answer.WaitAsync(ct).ConfigureAwait(false);
            }
        }
        finally
        {
            await open.Session.SettleAsync(_answers).ConfigureAwait(false);
        }
    }

    private async Task WriteMemoryAsync(long offset, ReadOnlyMemory<byte> bytes, long promised, CancellationToken ct)
    {
        if (bytes.Length != promised)
        {
            throw WrongLength(bytes.Length, promised);
        }

        for (int done = 0; done < bytes.Length; done += _block)
        {
            await RoomAsync(ct).ConfigureAwait(false);
            _answers.Enqueue(SendAsync(offset + done, bytes.Slice(done, Math.Min(_block, bytes.Length - done)), rented: null));
        }
    }

    private async Task WriteStreamAsync(long offset, WriteSource source, CancellationToken ct)
    {
        Stream stream = await source.OpenAsync(ct).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            for (long done = 0; done < source.Length;)
            {
                await RoomAsync(ct).ConfigureAwait(false);
                done += await WriteBlockAsync(stream, offset, done, source.Length, ct).ConfigureAwait(false);
            }

            if (await stream.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
            {
                throw WrongLength(source.Length + 1, source.Length);
            }

            // Not every source looks at its token, and a small one is read in one go.
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task<int> WriteBlockAsync(Stream stream, long offset, long done, long promised, CancellationToken ct)
    {
        int wanted = (int)Math.Min(_block, promised - done);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
        int came = await stream.ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, false, ct).ConfigureAwait(false);
        if (came < wanted)
        {
            throw WrongLength(done + came, promised);
        }

        _answers.Enqueue(SendAsync(offset + done, buffer.AsMemory(0, wanted), buffer));
        return wanted;
    }

    /// <summary>Waits until one more request may be under way.</summary>
    private async Task RoomAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        while (_answers.Count >= Math.Max(1, UnderWayBytes / _block))
        {
            await _answers.Dequeue().WaitAsync(ct).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(long offset, ReadOnlyMemory<byte> bytes, byte[]? rented)
    {
        PacketBuilder request = new PacketBuilder(PacketType.Write).String(open.Handle).UInt64((ulong)offset).UInt32((uint)bytes.Length);
        Reply reply = await open.Session.SendAsync(request, bytes).ConfigureAwait(false);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        if (reply.Status != StatusCode.Ok)
        {
            throw await SftpSpace.ExplainAsync(open.Session, open.Handle, reply, bytes.Length, path).ConfigureAwait(false);
        }
    }

    private StoreException WrongLength(long came, long promised) => SftpErrors.Of(
        StoreErrorKind.Integrity, path, came > promised ? $"got more than the {promised} bytes promised" : $"got {came} of {promised} bytes promised");
}
