using System.Buffers;

namespace Godwit.Server.Metrics;

/// <summary>What a transfer speaks, as a label has it.</summary>
internal static class Protocol
{
    /// <summary>As long as nobody knows.</summary>
    public const string Unknown = "unknown";

    private const string File = "file";
    private const int Longest = 16;

    private static readonly SearchValues<char> s_letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-");

    /// <summary>The protocol of the end that is no directory of this machine; of the destination where neither is.</summary>
    /// <param name="source">The source as people read it.</param>
    /// <param name="destination">The destination likewise.</param>
    public static string Of(string source, string destination) => Scheme(destination) is var scheme && scheme != File ? scheme : Scheme(source);

    private static string Scheme(string place)
    {
        int end = place.IndexOf("://", StringComparison.Ordinal);
        return end is > 0 and <= Longest && place.AsSpan(0, end).IndexOfAnyExcept(s_letters) < 0 ? place[..end] : File;
    }
}
