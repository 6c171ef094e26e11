using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Godwit.Storage;

/// <summary>
/// The MD5 of whole buffers, computed side by side for whoever asks at the same time: eight of them in the vectors of one core, at four times the
/// speed of one after the other. Object stores make MD5 the most expensive part of a transfer.
/// </summary>
public static class ConcurrentMd5
{
    private const int LeastBytes = 64 << 10;

    /// <summary>Blocks between two looks at who waits.</summary>
    private const int SliceBlocks = 1_024;

    /// <summary>As many side by side cost as much as two one after the other; fewer wait for company.</summary>
    private const int Enough = Md5Lanes.Count / 2;

    /// <summary>Bytes that one lane alone does in a millisecond: company is waited for no longer than being alone takes.</summary>
    private const int AloneInMillisecond = 512 << 10;

    private const int LongestWaitMilliseconds = 20;

    private static readonly int s_maxWorkers = Math.Max(1, Environment.ProcessorCount / 2);
    private static readonly Lock s_lock = new();
    private static readonly Queue<Job> s_waiting = [];
    private static readonly ITimer s_patience =
        TimeProvider.System.CreateTimer(_ => StartOverdue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private static int s_workers;

    /// <summary>Computes the MD5 of bytes, which must stay as they are until then. A small buffer is done at once, on the caller's thread.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "S3 computes MD5; it tells transmission errors, it guards nothing.")]
    public static Task<Checksum> HashAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < LeastBytes || !Vector256.IsHardwareAccelerated)
        {
            return Task.FromResult(new Checksum(ChecksumKind.Md5, MD5.HashData(bytes.Span)));
        }

        var job = new Job(bytes);
        lock (s_lock)
        {
            s_waiting.Enqueue(job);
            if (s_waiting.Count >= Enough)
            {
                StartWorker();
            }
            else if (s_waiting.Count == 1)
            {
                s_patience.Change(WaitFor(bytes.Length), Timeout.InfiniteTimeSpan);
            }
        }

        return job.Done.Task;
    }

    private static TimeSpan WaitFor(int bytes) =>
        TimeSpan.FromMilliseconds(Math.Clamp(bytes / AloneInMillisecond, 1, LongestWaitMilliseconds));

    private static void StartOverdue()
    {
        lock (s_lock)
        {
            StartWorker();
        }
    }

    /// <summary>Under the lock. One that runs already looks by itself who waits.</summary>
    private static void StartWorker()
    {
        if (s_waiting.Count > 0 && s_workers < s_maxWorkers)
        {
            s_workers++;
            ThreadPool.UnsafeQueueUserWorkItem(_ => new Worker().Run(), null);
        }
    }

    private sealed class Job(ReadOnlyMemory<byte> bytes)
    {
        public ReadOnlyMemory<byte> Left { get; set; } = bytes;

        public int Length { get; } = bytes.Length;

        public TaskCompletionSource<Checksum> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Works while anybody waits; who comes in between gets the next lane that is free.</summary>
    private sealed class Worker
    {
        private readonly Job?[] _jobs = new Job?[Md5Lanes.Count];
        private readonly ReadOnlyMemory<byte>[] _lanes = new ReadOnlyMemory<byte>[Md5Lanes.Count];
        private readonly Vector256<uint>[] _state = Md5Lanes.Start();

        public void Run()
        {
            while (Take() is { } any)
            {
                int blocks = SliceBlocks;
                for (int lane = 0; lane < _jobs.Length; lane++)
                {
                    _lanes[lane] = (_jobs[lane] ?? any).Left;
                    blocks = Math.Min(blocks, _lanes[lane].Length / Md5Lanes.BlockBytes);
                }

                Md5Lanes.Compress(_state, _lanes, blocks);
                for (int lane = 0; lane < _jobs.Length; lane++)
                {
                    Advance(lane, blocks * Md5Lanes.BlockBytes);
                }
            }
        }

        /// <summary>Gives free lanes to who waits.</summary>
        /// <returns>Some job under way; null when there is none, and the worker is no longer counted.</returns>
        private Job? Take()
        {
            lock (s_lock)
            {
                for (int lane = 0; lane < _jobs.Length && s_waiting.Count > 0; lane++)
                {
                    if (_jobs[lane] is null)
                    {
                        _jobs[lane] = s_waiting.Dequeue();
                        Begin(lane);
                    }
                }

                Job? any = Array.Find(_jobs, job => job is not null);
                s_workers -= any is null ? 1 : 0;
                return any;
            }
        }

        private void Begin(int lane)
        {
            Vector256<uint>[] start = Md5Lanes.Start();
            for (int word = 0; word < _state.Length; word++)
            {
                _state[word] = _state[word].WithElement(lane, start[word][lane]);
            }
        }

        private void Advance(int lane, int bytes)
        {
            if (_jobs[lane] is not { } job)
            {
                return;
            }

            job.Left = job.Left[bytes..];
            if (job.Left.Length < Md5Lanes.BlockBytes)
            {
                job.Done.SetResult(Finish(lane, job));
                _jobs[lane] = null;
            }
        }

        /// <summary>What is left, a bit, zeros, and the length in bits: RFC 1321, sections 3.1 and 3.2.</summary>
        private Checksum Finish(int lane, Job job)
        {
            int blocks = job.Left.Length < Md5Lanes.BlockBytes - 8 ? 1 : 2;
            byte[] last = new byte[blocks * Md5Lanes.BlockBytes];
            job.Left.CopyTo(last);
            last[job.Left.Length] = 0x80;
            BinaryPrimitives.WriteInt64LittleEndian(last.AsSpan(last.Length - 8), 8L * job.Length);
            Vector256<uint>[] state = [.. _state];
            Md5Lanes.Compress(state, [.. Enumerable.Repeat<ReadOnlyMemory<byte>>(last, Md5Lanes.Count)], blocks);
            byte[] sum = new byte[16];
            for (int word = 0; word < state.Length; word++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(sum.AsSpan(4 * word), state[word][lane]);
            }

            return new Checksum(ChecksumKind.Md5, sum);
        }
    }
}
