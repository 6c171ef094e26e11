using System.Diagnostics.CodeAnalysis;

namespace Godwit.Server.Metrics;

/// <summary>Finds a series by the values of its labels, without making anything for a measurement.</summary>
internal sealed class LabelValues : IEqualityComparer<string[]>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, string[]>
{
    public bool Equals(string[]? x, string[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] string[] obj)
    {
        var hash = new HashCode();
        foreach (string value in obj)
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, string[] other)
    {
        if (alternate.Length != other.Length)
        {
            return false;
        }

        for (int label = 0; label < other.Length; label++)
        {
            if (!string.Equals(TextOf(alternate[label]), other[label], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = new HashCode();
        foreach (KeyValuePair<string, object?> tag in alternate)
        {
            hash.Add(TextOf(tag), StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    public string[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var values = new string[alternate.Length];
        for (int label = 0; label < values.Length; label++)
        {
            values[label] = TextOf(alternate[label]);
        }

        return values;
    }

    private static string TextOf(KeyValuePair<string, object?> tag) => tag.Value as string ?? "";
}
