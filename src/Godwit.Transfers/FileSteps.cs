using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Queue;

namespace Godwit.Transfers;

/// <summary>Takes a batch through one step after another; whatever fails, fails for one file.</summary>
internal sealed class FileSteps(int filesAtOnce, TransferRun run) : IDisposable
{
    private readonly SemaphoreSlim _files = new(filesAtOnce);

    public void Dispose() => _files.Dispose();

    /// <summary>Takes one step with each file that goes on. A worker keeps its place for many files: handing it over for each one would
    /// cost more than a small file does.</summary>
    public Task EachAsync(IReadOnlyList<FileInFlight> files, Func<FileInFlight, CancellationToken, Task> step, CancellationToken ct)
    {
        FileInFlight[] open = [.. files.Where(file => file.GoesOn)];
        int next = -1;
        int workers = Math.Min(open.Length, filesAtOnce);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));

        async Task WorkAsync()
        {
            await _files.WaitAsync(ct).ConfigureAwait(false);
            int turns = 0;
            try
            {
                for (; turns < run.Request.Turns.Count; turns++)
                {
                    await run.Request.Turns[turns].TakeAsync(ct).ConfigureAwait(false);
                }

                for (int i = Interlocked.Increment(ref next); i < open.Length; i = Interlocked.Increment(ref next))
                {
                    ct.ThrowIfCancellationRequested();
                    await StepAsync(open[i], step, ct).ConfigureAwait(false);
                }
            }
            finally
            {
                foreach (Turns turn in run.Request.Turns.Take(turns))
                {
                    turn.Return();
                }

                _files.Release();
            }
        }
    }

    private async Task StepAsync(FileInFlight file, Func<FileInFlight, CancellationToken, Task> step, CancellationToken ct)
    {
        try
        {
            await step(file, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            file.Failure = await run.SpecialAtAsync(e, file.Path.Parent, ct).ConfigureAwait(false) ?? FileFailure.From(e, StoreSide.Unknown);
            if (e is { Kind: StoreErrorKind.NotFound, Side: StoreSide.Destination, Path.IsRoot: false } && run.Request.Destination.Directories is not null)
            {
                // Somebody took the directory away on the way, and the next run makes it again. One that cannot be made is told of as the root.
                file.Failure = file.Failure with { MayPass = true };
            }

            run.StopIfHopeless(file.Failure);
        }
    }

    /// <summary>Takes one step with all files at once: they go on together, or fail together.</summary>
    public static async Task TogetherAsync(IReadOnlyList<FileInFlight> files, Func<ValueTask> step)
    {
        if (files.Count == 0)
        {
            return;
        }

        try
        {
            await step().ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            var failure = FileFailure.From(e, StoreSide.Destination);
            foreach (FileInFlight file in files)
            {
                file.Failure = failure;
            }
        }
    }
}
