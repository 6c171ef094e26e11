using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>What a lane waits for, in order.</summary>
internal sealed class GfalWaiting
{
    private readonly Queue<(TaskCompletionSource<GfalReply> Answer, Memory<byte> Room)> _first = new();
    private Func<StoreException>? _lost;

    public void Enqueue((TaskCompletionSource<GfalReply> Answer, Memory<byte> Room) request)
    {
        lock (_first)
        {
            if (_lost is { } lost)
            {
                request.Answer.TrySetException(lost());
                return;
            }

            _first.Enqueue(request);
        }
    }

    public bool TryPeek(out (TaskCompletionSource<GfalReply> Answer, Memory<byte> Room) request)
    {
        lock (_first)
        {
            return _first.TryPeek(out request);
        }
    }

    public void Dequeue()
    {
        lock (_first)
        {
            _first.Dequeue();
        }
    }

    public void Fail(Func<StoreException> lost)
    {
        lock (_first)
        {
            _lost = lost;
            while (_first.TryDequeue(out var request))
            {
                request.Answer.TrySetException(lost());
            }
        }
    }
}
