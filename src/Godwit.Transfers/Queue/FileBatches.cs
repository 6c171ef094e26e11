using Godwit.Transfers.Move;

namespace Godwit.Transfers.Queue;

/// <summary>
/// Groups files so that what is paid for once (a transaction, a sync to disk) is paid for many: small files by the hundred, a large file
/// alone. A few batches are under way at once, so that one moves bytes while another waits for the disk.
/// </summary>
/// <param name="process">Takes a batch to its end.</param>
/// <param name="filesAtOnce">Files under way at once. With one, files begin in the order in which they were added: a second batch would
/// compete for the turn of the first.</param>
/// <param name="largeFiles">Large files under way at once.</param>
internal sealed class FileBatches(Func<IReadOnlyList<FileInFlight>, CancellationToken, Task> process, int filesAtOnce, int largeFiles) : IDisposable
{
    /// <summary>Files of a batch: enough that a transaction and a sync cost little for each. A store may hold a file open for each
    /// until it is published; with <see cref="SmallBatches"/> that stays below the 1,024 that some systems allow.</summary>
    private const int Files = 256;
    private const long Bytes = 256L << 20;
    private const long LargeFile = 64L << 20;
    private const int SmallBatches = 3;

    private readonly int _smallBatches = Math.Min(SmallBatches, filesAtOnce);
    private readonly SemaphoreSlim _small = new(Math.Min(SmallBatches, filesAtOnce));
    private readonly SemaphoreSlim _large = new(largeFiles);
    private readonly HashSet<Task> _running = [];
    private readonly Lock _lock = new();
    private List<FileInFlight> _next = [];
    private long _nextBytes;

    /// <summary>Takes a file; waits while enough is under way.</summary>
    public async ValueTask AddAsync(FileInFlight file, CancellationToken ct)
    {
        long length = file.Item.Source.Length;
        if (length >= LargeFile)
        {
            await BeginAsync([file], _large, ct).ConfigureAwait(false);
            return;
        }

        _next.Add(file);
        _nextBytes += length;
        if (_next.Count >= Files || _nextBytes >= Bytes)
        {
            await FlushAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Begins what waits for company, if nothing else is under way: a slow listing must not hold files back.</summary>
    public ValueTask FlushIfIdleAsync(CancellationToken ct) => _small.CurrentCount == _smallBatches ? FlushAsync(ct) : ValueTask.CompletedTask;

    /// <summary>Begins the last batch and waits for all.</summary>
    public async Task CompleteAsync(CancellationToken ct)
    {
        try
        {
            await FlushAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(Running()).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _small.Dispose();
        _large.Dispose();
    }

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        if (_next.Count == 0)
        {
            return;
        }

        List<FileInFlight> batch = _next;
        (_next, _nextBytes) = ([], 0);
        await BeginAsync(batch, _small, ct).ConfigureAwait(false);
    }

    private async Task BeginAsync(IReadOnlyList<FileInFlight> batch, SemaphoreSlim lane, CancellationToken ct)
    {
        await lane.WaitAsync(ct).ConfigureAwait(false);
        var running = Task.Run(() => process(batch, ct), CancellationToken.None);
        lock (_lock)
        {
            _running.RemoveWhere(task => task.IsCompletedSuccessfully);
            _running.Add(running);
        }

        _ = running.ContinueWith(_ => lane.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private Task[] Running()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }
}
