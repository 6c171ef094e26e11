namespace Godwit.Backends.Sftp.Wire;

/// <summary>Writes requests to the server, in order. It copies each first: what a request is made of is not looked at any more once it is
/// sent or this has stopped, although a write to a slow server may still go on.</summary>
internal sealed class SftpSender(Stream toServer)
{
    private const int GatheredBytes = 64 * 1024;

    private readonly Lock _copying = new();
    private readonly Queue<Outgoing> _outgoing = new();
    private volatile bool _isStopped;

    /// <summary>Takes a request.</summary>
    /// <param name="head">Its head.</param>
    /// <param name="content">Bytes that follow.</param>
    /// <param name="pending">Told when it is sent.</param>
    public void Add(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> content, Pending pending)
    {
        lock (_outgoing)
        {
            _outgoing.Enqueue(new Outgoing(head, content, pending));
            Monitor.Pulse(_outgoing);
        }
    }

    /// <summary>What was taken and is not sent yet never will be. Afterwards all memory is its owners' again.</summary>
    public void Stop()
    {
        lock (_copying)
        {
            _isStopped = true;
        }

        lock (_outgoing)
        {
            Monitor.Pulse(_outgoing);
        }
    }

    /// <summary>Writes until it is stopped.</summary>
    public void WriteAll()
    {
        try
        {
            var gathered = new byte[GatheredBytes];
            while (Take(isPatient: true) is { } first)
            {
                int filled = Gather(ref gathered, 0, first);
                while (filled < GatheredBytes / 2 && Take(isPatient: false) is { } next)
                {
                    filled = Gather(ref gathered, filled, next);
                }

                toServer.Write(gathered, 0, filled);
                toServer.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader sees the end of the connection too, and knows more of it.
        }
    }

    /// <summary>The next request; null when there is none, and for one who waits when it is stopped. Nobody spins: a server is slower than
    /// that pays for, and the processor is wanted by ssh.</summary>
    private Outgoing? Take(bool isPatient)
    {
        lock (_outgoing)
        {
            while (isPatient && _outgoing.Count == 0 && !_isStopped)
            {
                Monitor.Wait(_outgoing);
            }

            return _outgoing.TryDequeue(out Outgoing next) ? next : null;
        }
    }

    /// <summary>Small requests travel together.</summary>
    private int Gather(ref byte[] gathered, int filled, in Outgoing request)
    {
        int length = request.Head.Length + request.Content.Length;
        if (filled > 0 && filled + length > gathered.Length)
        {
            toServer.Write(gathered, 0, filled);
            filled = 0;
        }

        if (length > gathered.Length)
        {
            gathered = new byte[length];
        }

        lock (_copying)
        {
            if (_isStopped)
            {
                return filled;
            }

            request.Head.Span.CopyTo(gathered.AsSpan(filled));
            request.Content.Span.CopyTo(gathered.AsSpan(filled + request.Head.Length));
            request.Pending.IsSent = true;
            return filled + length;
        }
    }

    private readonly record struct Outgoing(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Content, Pending Pending);
}

/// <summary>A request without its answer.</summary>
/// <param name="destination">Where content of the answer goes.</param>
internal sealed class Pending(Memory<byte> destination)
{
    private bool _isSent;

    public TaskCompletionSource<Reply> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Memory<byte> Destination { get; } = destination;

    /// <summary>Whether an answer may come.</summary>
    public bool IsSent
    {
        get => Volatile.Read(ref _isSent);
        set => Volatile.Write(ref _isSent, value);
    }
}
