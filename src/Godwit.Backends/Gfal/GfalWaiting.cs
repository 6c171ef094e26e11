using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>What a lane waits for, in order.</summary>
internal sealed class GfalWaiting
{
    private readonly Queue<GfalAwaited> _first = new();
    private Func<StoreException>? _lost;

    public void Enqueue(GfalAwaited request)
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

    public bool TryPeek(out GfalAwaited request)
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
            while (_first.TryDequeue(out GfalAwaited request))
            {
                request.Answer.TrySetException(lost());
            }
        }
    }
}

/// <summary>A request that is not answered yet.</summary>
/// <param name="Answer">Gets the answer.</param>
/// <param name="Room">Where its content goes.</param>
/// <param name="Progress">Hears of bytes meanwhile; null where nobody does.</param>
internal readonly record struct GfalAwaited(TaskCompletionSource<GfalReply> Answer, Memory<byte> Room, IProgress<long>? Progress);
