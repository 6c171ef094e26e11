namespace Godwit.Storage;

/// <summary>A body whose every read may take so long and no longer.</summary>
internal sealed class IdleTimedBody(StoreCall call, TimeSpan limit, TimeProvider time, Stream inner) : ThroughStream(inner)
{
    private CancellationTokenSource _timer = new(Timeout.InfiniteTimeSpan, time);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_timer.IsCancellationRequested)
        {
            _timer.Dispose();
            _timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        }

        CancellationTokenSource timer = _timer;
        timer.CancelAfter(limit);
        try
        {
            using (cancellationToken.UnsafeRegister(static timer => ((CancellationTokenSource)timer!).Cancel(), timer))
            {
                return await Inner.ReadAsync(buffer, timer.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }
        catch (Exception error) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested
            && error is not StoreException)
        {
            throw new StoreException(
                StoreErrorKind.TimedOut, $"The body of \"{call.Path}\" stood still for longer than {limit}.", error);
        }
        finally
        {
            timer.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _timer.Dispose();
    }
}
