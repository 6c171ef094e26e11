namespace Godwit.ServerTests.Sftp;

/// <summary>A clock that goes faster than the world, for what waits minutes for a real server.</summary>
/// <param name="factor">How much faster.</param>
internal sealed class HurriedTime(int factor) : TimeProvider
{
    private readonly DateTimeOffset _began = System.GetUtcNow();
    private readonly long _start = System.GetTimestamp();

    /// <summary>Its time since it was made.</summary>
    public TimeSpan Elapsed => System.GetElapsedTime(_start) * factor;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => _began + Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Hurried(dueTime), Hurried(period));

    private TimeSpan Hurried(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span / factor;
}
