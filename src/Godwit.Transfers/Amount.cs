namespace Godwit.Transfers;

/// <summary>A count with its noun, for people.</summary>
public static class Amount
{
    /// <summary>"1 file", "2 files", "0 files".</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">One of them; its plural ends in s, or in ies after y.</param>
    public static string Of(long count, string noun)
    {
        ArgumentException.ThrowIfNullOrEmpty(noun);
        return count == 1 ? $"1 {noun}"
            : noun[^1] == 'y' ? $"{count} {noun[..^1]}ies"
            : $"{count} {noun}s";
    }
}
