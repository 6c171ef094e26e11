using System.Buffers.Binary;
using Godwit.Storage;

namespace Godwit.Backends.Sftp.Wire;

/// <summary>
/// Requests and answers over a pair of byte streams, many under way at once, answered in any order. Two threads of its own write and read:
/// a pipe blocks, and a slow server must not take threads away that others need.
/// </summary>
/// <param name="toServer">Where requests go.</param>
/// <param name="fromServer">Where answers come from.</param>
/// <param name="failure">The error that a request gets when the connection is lost; asked once for each.</param>
/// <param name="end">Ends the other side, where it sends what is no answer.</param>
internal sealed class SftpChannel(Stream toServer, Stream fromServer, Func<Exception?, StoreException> failure, Action end)
{
    /// <summary>The longest answer that is read. Servers send at most 256 KiB; what is longer is no answer but text.</summary>
    private const int MaxPacket = 4 << 20;

    private const int GatheredBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Pending> _pending = [];
    private readonly SftpSender _sender = new(toServer);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _number;
    private Exception? _cause;
    private bool _isLost;

    /// <summary>Requests that are not answered yet.</summary>
    public int UnderWay
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Whether no request can be made any more.</summary>
    public bool IsLost => Volatile.Read(ref _isLost);

    /// <summary>Done once the server's side has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Says which version is spoken, and hears what the server can do.</summary>
    /// <returns>The answer's fields: the version, then pairs of extensions.</returns>
    public byte[] Greet()
    {
        try
        {
            toServer.Write([0, 0, 0, 5, (byte)PacketType.Init, 0, 0, 0, 3]);
            toServer.Flush();
        }
        catch (IOException)
        {
            // It has ended already; what it said before says why.
        }

        var head = new byte[5];
        fromServer.ReadExactly(head);
        int length = BinaryPrimitives.ReadInt32BigEndian(head) - 1;
        if (head[4] != (byte)PacketType.Version || length is < 4 or > MaxPacket)
        {
            var beginning = new byte[200];
            int more = fromServer.ReadAtLeast(beginning, 1, throwOnEndOfStream: false);
            throw new InvalidDataException(PathText.Escape([.. head, .. beginning.AsSpan(0, more)]));
        }

        var body = new byte[length];
        fromServer.ReadExactly(body);
        return body;
    }

    /// <summary>Begins to write requests and to read answers.</summary>
    public void Start(string name)
    {
        new Thread(_sender.WriteAll) { IsBackground = true, Name = $"sftp to {name}" }.Start();
        new Thread(ReadAll) { IsBackground = true, Name = $"sftp from {name}" }.Start();
    }

    /// <summary>Sends a request. The order of requests is kept.</summary>
    /// <param name="request">Its head.</param>
    /// <param name="content">Bytes that follow; they must stay as they are until the answer is there.</param>
    /// <param name="destination">Where content of the answer goes; it must not be used otherwise until the answer is there.</param>
    /// <returns>The answer. It fails when the connection is lost, and is never cancelled: whoever no longer wants it leaves it alone.</returns>
    public Task<Reply> SendAsync(PacketBuilder request, ReadOnlyMemory<byte> content = default, Memory<byte> destination = default)
    {
        var pending = new Pending(destination);
        bool isLost;
        lock (_gate)
        {
            isLost = _isLost;
            if (!isLost)
            {
                uint number = ++_number;
                _pending.Add(number, pending);
                _sender.Add(request.Finish(number, content.Length), content, pending);
            }
        }

        return isLost ? Task.FromException<Reply>(failure(_cause)) : pending.Answer.Task;
    }

    /// <summary>Fails all that is under way and takes no more. What was not sent yet is not sent any more: its memory is the caller's again.</summary>
    public void Lose(Exception? cause)
    {
        Pending[] left;
        lock (_gate)
        {
            _cause ??= cause;
            _isLost = true;
            left = [.. _pending.Values];
            _pending.Clear();
        }

        _sender.Stop();
        foreach (Pending one in left)
        {
            one.Answer.TrySetException(failure(cause));
        }
    }

    private void ReadAll()
    {
        Exception? cause = null;
        try
        {
            using var buffered = new BufferedStream(fromServer, GatheredBytes);
            var head = new byte[9];
            while (buffered.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
            {
                ReadOne(buffered, head);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidDataException)
        {
            cause = e;
        }

        _ended.TrySetResult();
        Lose(cause);
    }

    private void ReadOne(BufferedStream from, byte[] head)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(head) - 5;
        var type = (PacketType)head[4];
        uint number = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(PacketBuilder.NumberAt));
        Pending? pending;
        lock (_gate)
        {
            _pending.Remove(number, out pending);
        }

        try
        {
            if (length is < 0 or > MaxPacket || pending is not { IsSent: true })
            {
                throw new InvalidDataException("the server sent what is no answer to any request");
            }

            pending.Answer.TrySetResult(type == PacketType.Data ? Data(from, length, pending.Destination) : Plain(from, type, length));
        }
        catch (Exception e)
        {
            // Before anybody hears of it: whoever does has his memory back.
            end();
            Lose(e);
            pending?.Answer.TrySetException(failure(e));
            throw;
        }
    }

    private static Reply Plain(Stream from, PacketType type, int length)
    {
        var body = new byte[length];
        from.ReadExactly(body);
        return new Reply(type, body);
    }

    private static Reply Data(Stream from, int length, Memory<byte> destination)
    {
        Span<byte> count = stackalloc byte[sizeof(uint)];
        from.ReadExactly(count);
        uint bytes = BinaryPrimitives.ReadUInt32BigEndian(count);
        if (bytes != length - sizeof(uint) || bytes > destination.Length)
        {
            throw new InvalidDataException($"the server sent {bytes} bytes where {destination.Length} were asked for");
        }

        from.ReadExactly(destination.Span[..(int)bytes]);
        return new Reply(PacketType.Data, ReadOnlyMemory<byte>.Empty, (int)bytes);
    }
}
