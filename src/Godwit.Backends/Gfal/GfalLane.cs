using System.Globalization;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>One lane of a worker, for one caller at a time. Given back it is used again; where something is still under way on it, or its session
/// may be broken, it is ended.</summary>
internal sealed class GfalLane(GfalWorkers owner, GfalProcess process, int number)
{
    /// <summary>Smaller pieces go through the pipes with the requests.</summary>
    private const int LeastShared = 128 << 10;

    private Task _last = Task.CompletedTask;
    private Memory<byte>? _slot;
    private bool _isSpoiled;
    private bool _changes;
    private bool _isBetweenServers;
    private bool _isAbandoned;

    /// <summary>Whose it is.</summary>
    public GfalProcess Process => process;

    /// <summary>Whether another caller may use it.</summary>
    public bool IsGood => !_isSpoiled && !process.IsLost;

    /// <summary>Room for pieces, in memory that the worker has too where that is worth it. It is the caller's until he gives the lane back.</summary>
    /// <param name="count">How many pieces.</param>
    /// <param name="bytes">Bytes of each, at most <see cref="GfalRooms.PieceBytes"/>.</param>
    public Memory<byte>[] Rooms(int count, int bytes)
    {
        bool isShared = bytes >= LeastShared && (long)count * bytes <= GfalRooms.SlotBytes;
        return isShared && (_slot ??= process.Rooms?.Rent()) is { } slot
            ? [.. Enumerable.Range(0, count).Select(turn => slot.Slice(turn * bytes, bytes))]
            : [.. Enumerable.Range(0, count).Select(_ => new Memory<byte>(new byte[bytes]))];
    }

    /// <summary>Has a piece written, without waiting. It is not to be changed until the answer is there.</summary>
    public Task<GfalReply> Write(ReadOnlyMemory<byte> piece) => process.Rooms?.OffsetOf(piece) is { } at
        ? Send(new Frame(Verb.WriteShared).Int32(at).Int32(piece.Length))
        : Send(new Frame(Verb.Write, 0), piece);

    /// <summary>Has a piece read, without waiting. Nobody else may use the room until the answer is there.</summary>
    public Task<GfalReply> Read(Memory<byte> room) => process.Rooms?.OffsetOf(room) is { } at
        ? CountedAsync(Send(new Frame(Verb.ReadShared).Int32(at).Int32(room.Length)))
        : Send(new Frame(Verb.Read).Int32(room.Length), default, room);

    private static async Task<GfalReply> CountedAsync(Task<GfalReply> asked)
    {
        GfalReply answer = await asked.ConfigureAwait(false);
        return answer.Fault is null ? answer with { Count = answer.Fields.Int32() } : answer;
    }

    /// <summary>Asks, and waits for the answer.</summary>
    /// <exception cref="StoreException">The worker is lost.</exception>
    /// <exception cref="OperationCanceledException">Given up. The lane goes on with it until it notices, and is not used again.</exception>
    public async Task<GfalReply> AskAsync(Frame request, CancellationToken ct, IProgress<long>? progress = null)
    {
        Task<GfalReply> answer = Send(request, progress: progress);
        try
        {
            return await answer.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Spoil();
            throw;
        }
    }

    /// <summary>Asks without waiting; answers come in the order of the requests.</summary>
    public Task<GfalReply> Send(
        Frame request, ReadOnlyMemory<byte> content = default, Memory<byte> room = default, IProgress<long>? progress = null)
    {
        _isBetweenServers = request.IsBetweenServers;
        _changes = request.ChangesSomething || (_changes && !_last.IsCompleted);
        Task<GfalReply> answer = process.SendAsync(number, request, content, room, progress);
        _last = answer;
        return answer;
    }

    /// <summary>Leaves it to nobody else: its session may be broken.</summary>
    public void Spoil() => _isSpoiled = true;

    /// <summary>Leaves it as it is, with a transfer under way: the process gets no new calls, and ends with the last of the others' lanes.</summary>
    public void Abandon() => (_isSpoiled, _isAbandoned) = (true, true);

    /// <summary>Gives it back.</summary>
    /// <returns>Done at once, or, where something was given up, when nothing of it can happen any more.</returns>
    public Task ReturnAsync() => owner.ReturnAsync(this);

    /// <summary>Ends it, once what is under way on it has ended. Where that takes too long, the process ends: at once where something could still be
    /// changed, else with the last of the others' lanes.</summary>
    public async Task EndAsync(TimeSpan patience, TimeProvider time)
    {
        if (_isAbandoned)
        {
            owner.Retire(process);
            return;
        }

        try
        {
            await EndAsync().WaitAsync(patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (_changes)
            {
                process.Kill(Hung(patience));
            }

            owner.Retire(process);
        }
        catch (StoreException)
        {
            // Lost.
        }
    }

    private async Task EndAsync()
    {
        if (!_last.IsCompleted)
        {
            if (owner.Options.Server.IsXrootd || _isBetweenServers)
            {
                // Else, on GridFTP, that ends the process as often as not; a piece is short there, and can be waited for.
                await process.CancelAsync(number).ConfigureAwait(false);
            }

            await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // What it holds open is closed before anybody opens it again: XRootD lets no second one write.
        await process.SendAsync(number, new Frame(Verb.Close, 0)).ConfigureAwait(false);
        await process.EndLaneAsync(number).ConfigureAwait(false);
        if (_slot is { } slot)
        {
            process.Rooms!.Return(slot);
        }
    }

    private static string Hung(TimeSpan patience) =>
        string.Create(CultureInfo.InvariantCulture, $"a call that was given up had not ended after {patience.TotalSeconds:0.#} seconds");
}
