using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Writes the bytes of a source into a file. While one piece is written, the next waits at the worker, and the one after it is read.</summary>
internal sealed class GfalWriter(GfalTree tree)
{
    /// <summary>For writing only, without cutting off what is there (XRootD; GridFTP's servers cut it off in any case).</summary>
    public const int Into = 1;

    /// <summary>For writing only, made or emptied.</summary>
    public const int Anew = 1 | 0x40 | 0x200;

    /// <summary>For writing only, made; refused where there is one (XRootD alone keeps to it).</summary>
    public const int OnlyNew = 1 | 0x40 | 0x80;

    private const int Piece = GfalRooms.PieceBytes;

    /// <summary>One is written, one waits for its turn, one is read.</summary>
    private const int Pieces = 3;

    /// <summary>Writes.</summary>
    /// <param name="target">The file.</param>
    /// <param name="path">The name for errors.</param>
    /// <param name="flags">How it is opened.</param>
    /// <param name="offset">Where the bytes belong.</param>
    /// <param name="source">The bytes; null writes none.</param>
    /// <param name="ct">Cancels the call; afterwards nothing more is written.</param>
    public async Task WriteAsync(StorePath target, StorePath path, int flags, long offset, WriteSource? source, CancellationToken ct)
    {
        GfalLane lane = await tree.Workers.RentAsync(ct).ConfigureAwait(false);
        try
        {
            Task<GfalReply> opened = lane.Send(new Frame(Verb.Open) { IsForWriting = true }.Bytes(tree.Url(target)).Int32(flags));
            Task<GfalReply> placed = offset > 0 ? lane.Send(new Frame(Verb.Seek).Int64(offset)) : opened;
            Task<GfalReply> written = placed;
            if (source?.InMemory is { Length: > 0 and <= Piece } small)
            {
                // All at once; what failed to open takes nothing.
                written = lane.Write(small);
            }
            else if (source is { Length: > 0 })
            {
                await RequireAsync(lane, placed, opened, path, ct).ConfigureAwait(false);
                await WriteAsync(lane, path, source, ct).ConfigureAwait(false);
            }

            Task<GfalReply> closed = lane.Send(new Frame(Verb.Close, 0));
            await RequireAsync(lane, placed, opened, path, ct).ConfigureAwait(false);
            await RequireAsync(lane, closed, written, path, ct).ConfigureAwait(false);
        }
        catch
        {
            // An open file must not be found by the next caller, and what was given up must not be written later.
            lane.Spoil();
            throw;
        }
        finally
        {
            await lane.ReturnAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(GfalLane lane, StorePath path, WriteSource source, CancellationToken ct)
    {
        if (source.InMemory is { } memory)
        {
            await WritePiecesAsync(lane, path, memory, ct).ConfigureAwait(false);
            return;
        }

        Stream content = await source.OpenAsync(ct).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            await WriteAsync(lane, path, source, content, ct).ConfigureAwait(false);
        }
    }

    private async Task WritePiecesAsync(GfalLane lane, StorePath path, ReadOnlyMemory<byte> memory, CancellationToken ct)
    {
        Memory<byte>[] rooms = lane.Rooms(Pieces, Piece);
        Task<GfalReply>? before = null;
        for (int at = 0, turn = 0; at < memory.Length; at += Piece, turn = (turn + 1) % Pieces)
        {
            ReadOnlyMemory<byte> bytes = memory.Slice(at, Math.Min(Piece, memory.Length - at));
            bytes.CopyTo(rooms[turn]);
            Task<GfalReply> written = lane.Write(rooms[turn][..bytes.Length]);
            if (before is not null)
            {
                await RequireAsync(lane, before, before, path, ct).ConfigureAwait(false);
            }

            before = written;
        }

        await RequireAsync(lane, before!, before!, path, ct).ConfigureAwait(false);
    }

    private async Task WriteAsync(GfalLane lane, StorePath path, WriteSource source, Stream content, CancellationToken ct)
    {
        int room = (int)Math.Min(Piece, source.Length);
        Memory<byte>[] rooms = lane.Rooms(Pieces, room);
        Task<GfalReply>? before = null;
        long written = 0;
        for (int turn = 0; written < source.Length; turn = (turn + 1) % Pieces)
        {
            Memory<byte> piece = rooms[turn][..(int)Math.Min(room, source.Length - written)];
            int count = await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            if (count == 0)
            {
                throw GfalErrors.Of(StoreErrorKind.Integrity, path, $"was promised {source.Length} bytes, and {written} came");
            }

            Task<GfalReply> next = lane.Write(piece[..count]);
            if (before is not null)
            {
                await RequireAsync(lane, before, before, path, ct).ConfigureAwait(false);
            }

            (before, written) = (next, written + count);
        }

        await RequireAsync(lane, before!, before!, path, ct).ConfigureAwait(false);
        await RequireEndAsync(content, source.Length, path, ct).ConfigureAwait(false);
    }

    private static async Task RequireEndAsync(Stream content, long length, StorePath path, CancellationToken ct)
    {
        if (await content.ReadAsync(new byte[1], ct).ConfigureAwait(false) > 0)
        {
            throw GfalErrors.Of(StoreErrorKind.Integrity, path, $"was promised {length} bytes, and more came");
        }
    }

    /// <summary>Waits for an answer, and tells of the one before it first.</summary>
    private async Task RequireAsync(GfalLane lane, Task<GfalReply> answer, Task<GfalReply> before, StorePath path, CancellationToken ct)
    {
        GfalReply last = await answer.WaitAsync(ct).ConfigureAwait(false);
        if (((await before.ConfigureAwait(false)).Fault ?? last.Fault) is { } fault)
        {
            tree.SpoilAfter(fault, lane);
            throw tree.Error(fault, "written", path);
        }
    }
}
