namespace Godwit.Storage;

/// <summary>
/// Computes the MD5 of all messages whose bytes are there at the moment, up to eight at a time. Who comes while others are under way joins
/// them; where there are more, another thread takes them.
/// </summary>
internal static class Md5Together
{
    // Of eight messages: half of the first cache of a core.
    private const int MostBlocks = 32;

    private static readonly Lock s_lock = new();
    private static readonly Queue<Job> s_waiting = new();
    private static int s_threads;
    private static int s_underWay;

    /// <summary>Takes whole blocks of one message.</summary>
    /// <param name="state">Its state; the new one when this ends.</param>
    /// <param name="blocks">Its next bytes, a multiple of <see cref="Md5Lanes.BlockBytes"/>; they must not change meanwhile.</param>
    public static Task AppendAsync(uint[] state, ReadOnlyMemory<byte> blocks)
    {
        if (blocks.IsEmpty)
        {
            return Task.CompletedTask;
        }

        var job = new Job(state, blocks);
        lock (s_lock)
        {
            s_waiting.Enqueue(job);
            if (++s_underWay > s_threads * Md5Lanes.Count)
            {
                s_threads++;
                ThreadPool.UnsafeQueueUserWorkItem(static _ => Work(), null);
            }
        }

        return job.Done.Task;
    }

    private static void Work()
    {
        var lanes = new Md5Lanes(MostBlocks);
        var jobs = new Job?[Md5Lanes.Count];
        while (Fill(jobs, lanes))
        {
            int blocks = MostBlocks;
            foreach (Job? job in jobs)
            {
                blocks = Math.Min(blocks, job?.Blocks ?? MostBlocks);
            }

            for (int lane = 0; lane < jobs.Length; lane++)
            {
                jobs[lane]?.Stage(lanes.Stage(lane), blocks);
            }

            lanes.Compress(blocks);
            Release(jobs, lanes);
        }
    }

    /// <summary>Gives free lanes to those who wait. False when there is nobody left; then this thread counts no more.</summary>
    private static bool Fill(Job?[] jobs, Md5Lanes lanes)
    {
        bool any = false;
        lock (s_lock)
        {
            for (int lane = 0; lane < jobs.Length; lane++)
            {
                if (jobs[lane] is null && s_waiting.TryDequeue(out Job? next))
                {
                    jobs[lane] = next;
                    lanes.SetState(lane, next.State);
                }

                any |= jobs[lane] is not null;
            }

            s_threads -= any ? 0 : 1;
        }

        return any;
    }

    private static void Release(Job?[] jobs, Md5Lanes lanes)
    {
        for (int lane = 0; lane < jobs.Length; lane++)
        {
            if (jobs[lane] is { Blocks: 0 } done)
            {
                jobs[lane] = null;
                lanes.GetState(lane, done.State);
                lock (s_lock)
                {
                    s_underWay--;
                }

                done.Done.SetResult();
            }
        }
    }

    private sealed class Job(uint[] state, ReadOnlyMemory<byte> left)
    {
        private ReadOnlyMemory<byte> _left = left;

        public uint[] State { get; } = state;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Blocks => _left.Length / Md5Lanes.BlockBytes;

        public void Stage(Span<byte> stage, int blocks)
        {
            int bytes = blocks * Md5Lanes.BlockBytes;
            _left.Span[..bytes].CopyTo(stage);
            _left = _left[bytes..];
        }
    }
}
