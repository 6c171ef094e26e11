using System.Collections.Concurrent;
using Godwit.Transfers.Record.Access;

namespace Godwit.Server.Access;

/// <summary>Writes the audit trail: what is answered at the same time goes down in one transaction.</summary>
/// <param name="trail">Where.</param>
internal sealed class AuditLog(IAuditTrail trail) : IDisposable
{
    private readonly ConcurrentQueue<(AuditEntry Entry, TaskCompletionSource Written)> _waiting = new();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Writes an entry down; done when it is durable.</summary>
    /// <exception cref="Godwit.Transfers.Record.LedgerException">It was not.</exception>
    public async Task WriteAsync(AuditEntry entry)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((entry, written));
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!written.Task.IsCompleted)
            {
                await WriteWaitingAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }

        await written.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task WriteWaitingAsync()
    {
        var batch = new List<(AuditEntry Entry, TaskCompletionSource Written)>();
        while (_waiting.TryDequeue(out (AuditEntry, TaskCompletionSource) one))
        {
            batch.Add(one);
        }

        try
        {
            await trail.AppendAsync([.. batch.Select(one => one.Entry)], CancellationToken.None).ConfigureAwait(false);
            batch.ForEach(one => one.Written.SetResult());
        }
        catch (Exception e)
        {
            batch.ForEach(one => one.Written.SetException(e));
        }
    }
}
