using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

/// <summary>A stream whose reads end when the test says so.</summary>
internal sealed class GatedStream() : ThroughStream(Null)
{
    private readonly SemaphoreSlim _asked = new(0);
    private TaskCompletionSource<int> _answer = new();

    /// <summary>Ends when the next read has begun.</summary>
    public Task Asked => _asked.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Ends the read that is under way with so many bytes.</summary>
    public void Give(int count) => _answer.SetResult(count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration =
            cancellationToken.Register(() => _answer.TrySetCanceled(cancellationToken));
        _asked.Release();
        return await _answer.Task;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _asked.Dispose();
    }
}
