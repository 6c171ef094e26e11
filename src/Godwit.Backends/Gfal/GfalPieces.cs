using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>One open file on a lane, fetched piece by piece.</summary>
internal sealed class GfalPieces(GfalTree tree, GfalLane lane, byte[] url, StorePath path)
{
    private Task<GfalReply>? _opening;
    private Task<GfalReply>? _seeking;

    public StorePath Path => path;

    /// <summary>Whether a transfer of the whole is under way, which is not to be broken off.</summary>
    public bool IsOneTransfer { get; private set; }

    /// <summary>Asks for the file to be opened; the answer is looked at with the first piece.</summary>
    /// <param name="flags">How.</param>
    /// <param name="start">Where the first piece begins.</param>
    /// <param name="isOneTransfer">Whether all pieces are one transfer, which must come to its end.</param>
    public void Open(int flags, long start, bool isOneTransfer)
    {
        IsOneTransfer = isOneTransfer;
        _opening = lane.Send(new Frame(Verb.Open).Bytes(url).Int32(flags));
        _seeking = start > 0 ? lane.Send(new Frame(Verb.Seek).Int64(start)) : null;
    }

    /// <summary>Room for pieces.</summary>
    public Memory<byte>[] Rooms(int count, int bytes) => lane.Rooms(count, bytes);

    /// <summary>Asks for the next piece. Nobody else may use the room until the answer is there.</summary>
    public Task<GfalReply> Ask(Memory<byte> room) => lane.Read(room);

    /// <summary>Asks what the file is now.</summary>
    public Task<GfalReply> AskLook() => lane.Send(new Frame(Verb.Look).Bytes(url));

    /// <summary>The bytes of a piece, or the first thing that went wrong.</summary>
    public async Task<int> CountAsync(Task<GfalReply> piece)
    {
        GfalFault? fault = await FaultAsync(_opening).ConfigureAwait(false) ?? await FaultAsync(_seeking).ConfigureAwait(false)
            ?? await FaultAsync(piece).ConfigureAwait(false);
        if (fault is null)
        {
            return (await piece.ConfigureAwait(false)).Count;
        }

        tree.SpoilAfter(fault, lane);
        throw tree.Error(fault, "read", path);
    }

    public async Task<Facts?> FactsAsync(Task<GfalReply> look) => tree.FactsOf(await look.ConfigureAwait(false), path);

    /// <summary>Closes the file and gives the lane back.</summary>
    /// <param name="isIdle">Whether all that was asked for is answered.</param>
    /// <param name="isAtEnd">Whether the last byte was asked for.</param>
    public void Close(bool isIdle, bool isAtEnd)
    {
        if (IsOneTransfer && !(isIdle && isAtEnd))
        {
            lane.Abandon();
        }
        else if (!isIdle)
        {
            lane.Spoil();
        }
        else if (_opening is not null)
        {
            _ = lane.Send(new Frame(Verb.Close, 0));
        }

        _ = lane.ReturnAsync();
    }

    private static async Task<GfalFault?> FaultAsync(Task<GfalReply>? asked) => asked is null ? null : (await asked.ConfigureAwait(false)).Fault;
}
