namespace Godwit.Transfers.Record.Sql;

/// <summary>Tells this process's readers of the journal that there may be more.</summary>
internal sealed class JournalSignal
{
    private TaskCompletionSource _changed = New();

    /// <summary>Completes at the next <see cref="Raise"/>.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public void Raise() => Interlocked.Exchange(ref _changed, New()).TrySetResult();

    // A writer must not carry on its readers' work.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
