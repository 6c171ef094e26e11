namespace Godwit.Backends.DropBox;

/// <summary>How old payload is that may be taken for left.</summary>
internal static class SweepAge
{
    /// <summary>Younger payload is swept only where nobody puts in meanwhile.</summary>
    /// <value>One hour: what takes less from its first byte to its record costs no call more.</value>
    public static readonly TimeSpan Least = TimeSpan.FromHours(1);
}
