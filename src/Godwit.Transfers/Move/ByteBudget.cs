using System.Buffers;

namespace Godwit.Transfers.Move;

/// <summary>Hands out buffers and never more bytes at once than the budget: memory is bounded whatever the files are like.</summary>
internal sealed class ByteBudget(long total)
{
    private readonly long _total = total;
    private readonly Lock _lock = new();
    private readonly Queue<(int Size, TaskCompletionSource Granted)> _waiting = new();
    private long _free = total;

    /// <summary>A buffer of at least that many bytes; given back by disposing it. Waits for its turn. One that is larger than the budget is
    /// granted when all of it is free. Whoever holds a buffer must not wait for another one, nor for somebody who does.</summary>
    public async ValueTask<Buffer> RentAsync(int size, CancellationToken ct)
    {
        int charged = (int)Math.Min(size, _total);
        TaskCompletionSource? wait = null;
        lock (_lock)
        {
            if (_waiting.Count == 0 && _free >= charged)
            {
                _free -= charged;
            }
            else
            {
                wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue((charged, wait));
            }
        }

        if (wait is not null)
        {
            using CancellationTokenRegistration registration = ct.Register(() => Leave(wait, ct));
            await wait.Task.ConfigureAwait(false);
        }

        try
        {
            return new Buffer(this, ArrayPool<byte>.Shared.Rent(Math.Max(size, 1)), charged);
        }
        catch
        {
            Return(charged);
            throw;
        }
    }

    private void Return(int charged)
    {
        lock (_lock)
        {
            _free += charged;
            Grant();
        }
    }

    /// <summary>Those behind one that gives up waiting must not wait for what it wanted.</summary>
    private void Leave(TaskCompletionSource wait, CancellationToken ct)
    {
        lock (_lock)
        {
            wait.TrySetCanceled(ct);
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.TryPeek(out (int Size, TaskCompletionSource Granted) next) && (next.Granted.Task.IsCanceled || _free >= next.Size))
        {
            _waiting.Dequeue();
            if (next.Granted.TrySetResult())
            {
                _free -= next.Size;
            }
        }
    }

    /// <summary>Bytes of the budget.</summary>
    internal sealed class Buffer(ByteBudget owner, byte[] array, int charged) : IDisposable
    {
        private byte[]? _array = array;

        /// <summary>The bytes; at least as many as were asked for.</summary>
        public byte[] Array => _array ?? throw new ObjectDisposedException(nameof(Buffer));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, null) is { } mine)
            {
                ArrayPool<byte>.Shared.Return(mine);
                owner.Return(charged);
            }
        }
    }
}
