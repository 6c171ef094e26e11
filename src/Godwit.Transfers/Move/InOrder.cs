namespace Godwit.Transfers.Move;

/// <summary>Lets numbered tasks that run side by side pass one point in the order of their numbers.</summary>
internal sealed class InOrder(int first)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource> _waiting = [];
    private int _turn = first;

    /// <summary>Waits until every number before this one has passed.</summary>
    public async ValueTask WaitTurnAsync(int number, CancellationToken ct)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (number <= _turn)
            {
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[number] = turn;
        }

        using CancellationTokenRegistration registration = ct.Register(() => turn.TrySetCanceled(ct));
        await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Says that this number has passed.</summary>
    public void Passed(int number)
    {
        TaskCompletionSource? next;
        lock (_lock)
        {
            _turn = number + 1;
            _waiting.Remove(_turn, out next);
        }

        next?.TrySetResult();
    }
}
