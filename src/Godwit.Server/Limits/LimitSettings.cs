namespace Godwit.Server.Limits;

/// <summary>What an endpoint or a link may take. What is null is as it was configured, or unlimited.</summary>
public sealed record LimitSettings
{
    /// <summary>Transfers at once, above zero.</summary>
    public int? Transfers { get; init; }

    /// <summary>Files at once over all transfers, above zero.</summary>
    public int? Files { get; init; }

    /// <summary>Bytes a second over all transfers, above zero.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Why nothing begins there; null where it may.</summary>
    public LimitPause? Pause { get; init; }
}

/// <summary>An operator has paused an endpoint or a link.</summary>
/// <param name="By">Who.</param>
/// <param name="Message">What he says to the owners of what waits; may be empty.</param>
/// <param name="Since">Since when.</param>
public sealed record LimitPause(string By, string Message, DateTimeOffset Since);
