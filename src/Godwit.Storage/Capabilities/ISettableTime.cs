namespace Godwit.Storage;

/// <summary>Sets the modification time of what is there, without touching its bytes.</summary>
public interface ISettableTime
{
    /// <summary>Sets the time, rounded down to <see cref="StoreLimits.TimePrecision"/>. A link's own time, never its target's.</summary>
    ValueTask SetAsync(StorePath path, Timestamp modified, CancellationToken ct);
}
