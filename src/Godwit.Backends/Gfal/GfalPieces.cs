using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>One open file on a lane, fetched piece by piece.</summary>
internal sealed class GfalPieces(GfalTree tree, GfalLane lane, byte[] url, StorePath path)
{
    private Task<GfalReply>? _opening;
    private Task<GfalReply>? _seeking;
    private bool _isKept;

    public StorePath Path => path;

    /// <summary>Asks for the file to be opened; the answer is looked at with the first piece.</summary>
    /// <param name="start">Where the first piece begins.</param>
    /// <param name="fromStart">How it is opened when that is its start.</param>
    /// <param name="elsewhere">How otherwise.</param>
    /// <param name="isNeeded">Whether there is any piece.</param>
    public void Open(long start, int fromStart, int elsewhere, bool isNeeded)
    {
        bool isHeld = start > 0 && lane.Held is { } held && held.AsSpan().SequenceEqual(url);
        if (isNeeded && !isHeld)
        {
            lane.Held = null;
            _opening = lane.Send(new Frame(Verb.Open).Bytes(url).Int32(start == 0 ? fromStart : elsewhere));
        }

        _isKept = isNeeded && start > 0 && !tree.Server.IsXrootd;
        if (isNeeded && start > 0)
        {
            _seeking = lane.Send(new Frame(Verb.Seek).Int64(start));
        }
    }

    /// <summary>Asks for the next piece. Nobody else may use the room until the answer is there.</summary>
    public Task<GfalReply> Ask(Memory<byte> room) => lane.Send(new Frame(Verb.Read).Int32(room.Length), default, room);

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

    /// <summary>Closes the file, unless the next range of it may use it, and gives the lane back.</summary>
    /// <param name="isIdle">Whether all that was asked for is answered.</param>
    public void Close(bool isIdle)
    {
        if (!isIdle)
        {
            lane.Spoil();
        }

        lane.Held = isIdle && _isKept ? url : null;
        if (lane.Held is null && (_opening ?? _seeking) is not null)
        {
            _ = lane.Send(new Frame(Verb.Close, 0));
        }

        _ = lane.ReturnAsync();
    }

    private static async Task<GfalFault?> FaultAsync(Task<GfalReply>? asked) => asked is null ? null : (await asked.ConfigureAwait(false)).Fault;
}
