namespace Godwit.Backends.Local;

/// <summary>Runs a call that completes at once as the contract wants it: failures and cancellation come through the task.</summary>
internal static class LocalCall
{
    public static ValueTask<T> Run<TState, T>(TState state, Func<TState, T> call, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(ct);
        }

        try
        {
            return ValueTask.FromResult(call(state));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<T>(e);
        }
    }

    public static ValueTask Run<TState>(TState state, Action<TState> call, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(ct);
        }

        try
        {
            call(state);
            return ValueTask.CompletedTask;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }
}
