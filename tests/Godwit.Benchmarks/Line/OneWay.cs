using System.Diagnostics;

namespace Godwit.Benchmarks.Line;

/// <summary>One direction of a line: packets wait for their turn at its rate, some are lost, and what is left arrives later.</summary>
/// <param name="from">Where packets come from.</param>
/// <param name="to">Where they go.</param>
/// <param name="kind">What the line is like.</param>
/// <param name="seed">Which packets are lost.</param>
internal sealed class OneWay(TunDevice from, TunDevice to, LineKind kind, int seed)
{
    private const int PacketBytes = 2048;

    private readonly Random _random = new(seed);
    private readonly Queue<Packet> _under = new();
    private readonly Stack<byte[]> _free = new();
    private readonly object _gate = new();
    private long _freeAt;

    /// <summary>Begins to carry, on two threads that end with the program.</summary>
    public void Start()
    {
        new Thread(Take) { IsBackground = true, Name = "takes packets" }.Start();
        new Thread(Deliver) { IsBackground = true, Name = "delivers packets" }.Start();
    }

    private void Take()
    {
        while (true)
        {
            byte[] bytes = Block();
            int length = from.Read(bytes);
            if (length <= 0)
            {
                return;
            }

            Queue(bytes, length);
        }
    }

    private void Queue(byte[] bytes, int length)
    {
        long now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            long begins = Math.Max(now, _freeAt);
            bool isFull = begins - now > Ticks(kind.QueueSeconds);
            if (isFull || _random.NextDouble() < kind.Loss)
            {
                _free.Push(bytes);
                return;
            }

            _freeAt = begins + Ticks(length * 8 / kind.BitsPerSecond);
            _under.Enqueue(new Packet(bytes, length, _freeAt + Ticks(kind.DelaySeconds)));
            Monitor.Pulse(_gate);
        }
    }

    private void Deliver()
    {
        while (true)
        {
            Packet packet;
            lock (_gate)
            {
                while (_under.Count == 0)
                {
                    Monitor.Wait(_gate);
                }

                packet = _under.Dequeue();
            }

            while (packet.Due - Stopwatch.GetTimestamp() is var left and > 0)
            {
                lock (_gate)
                {
                    // A millisecond at least: what is due within it goes together, as behind any network card.
                    Monitor.Wait(_gate, TimeSpan.FromMilliseconds(Math.Max(1, left * 1000 / Stopwatch.Frequency)));
                }
            }

            if (!to.Write(packet.Bytes, packet.Length))
            {
                return;
            }

            lock (_gate)
            {
                _free.Push(packet.Bytes);
            }
        }
    }

    private byte[] Block()
    {
        lock (_gate)
        {
            return _free.TryPop(out byte[]? block) ? block : new byte[PacketBytes];
        }
    }

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);

    private sealed record Packet(byte[] Bytes, int Length, long Due);
}
