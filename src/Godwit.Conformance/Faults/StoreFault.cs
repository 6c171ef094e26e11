using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>What goes wrong with one call.</summary>
public enum StoreFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The call fails and has no effect.</summary>
    Error,

    /// <summary>The call takes effect, and then fails: its answer is lost.</summary>
    LostAnswer,

    /// <summary>The call takes its time first.</summary>
    Delay,

    /// <summary>The body that a read gave ends with an error somewhere.</summary>
    CutBody,

    /// <summary>The body that a read gave ends early and says nothing.</summary>
    TruncatedBody,

    /// <summary>One byte of the body that a read gave is another one.</summary>
    FlippedBody,

    /// <summary>The body that a read gave stands still somewhere until the reader gives up.</summary>
    StalledBody,

    /// <summary>One byte on the way into the store is another one.</summary>
    FlippedSource,
}

/// <summary>How often what goes wrong. Everything follows from the seed and from the calls alone.</summary>
public sealed record FaultOptions
{
    /// <summary>What the faults are drawn from.</summary>
    public required int Seed { get; init; }

    /// <summary>The share of calls, of bodies or of sources that each fault hits, from 0 to 1; those of calls together at most 1, and so
    /// those of bodies and of sources.</summary>
    public IReadOnlyDictionary<StoreFault, double> Rates { get; init; } = new Dictionary<StoreFault, double>();

    /// <summary>The longest delay.</summary>
    /// <value>100 ms: enough to change the order of what happens.</value>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A fault of a body is at one of its first so many bytes; a shorter body may escape it.</summary>
    /// <value>4 KiB: small test files are hit as well.</value>
    public int BodyWindow { get; init; } = 4096;

    /// <summary>The error of <see cref="StoreFault.Error"/>.</summary>
    public StoreErrorKind ErrorKind { get; init; } = StoreErrorKind.Unavailable;
}

/// <summary>A fault that hit a call, its body or its source.</summary>
/// <param name="Call">Which call.</param>
/// <param name="Time">The how manieth of this verb and path it is, from 1.</param>
/// <param name="Fault">What goes wrong.</param>
/// <param name="At">At which byte, for faults of bytes.</param>
/// <param name="Delay">How long a delay lasts.</param>
public readonly record struct PlannedFault(StoreCall Call, int Time, StoreFault Fault, int At, TimeSpan Delay);
