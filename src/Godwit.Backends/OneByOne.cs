namespace Godwit.Backends;

/// <summary>Lets work of several callers happen one after the other, in the order in which they came.</summary>
internal sealed class OneByOne
{
    private Task _last = Task.CompletedTask;

    /// <summary>Waits for its turn, and works.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before = Interlocked.Exchange(ref _last, mine.Task);
        try
        {
            await before.WaitAsync(ct).ConfigureAwait(false);
            return await work().ConfigureAwait(false);
        }
        finally
        {
            // Whoever gave up waiting hands on the turn when he would have had it.
            _ = before.ContinueWith(
                _ => mine.SetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
