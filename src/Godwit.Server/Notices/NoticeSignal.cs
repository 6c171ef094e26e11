namespace Godwit.Server.Notices;

/// <summary>Wakes whoever waits for something to do.</summary>
internal sealed class NoticeSignal
{
    private TaskCompletionSource _raised = New();

    /// <summary>Completes at the next <see cref="Raise"/>. Taken before what is waited for is looked up.</summary>
    public Task Raised => Volatile.Read(ref _raised).Task;

    public void Raise() => Interlocked.Exchange(ref _raised, New()).TrySetResult();

    // Whoever raises must not carry on the work of those that wait.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
