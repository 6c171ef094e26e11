namespace Godwit.Cli.Configuration;

/// <summary>The known word that a mistyped one looks most like.</summary>
internal static class NearestWord
{
    /// <summary>The nearest of the known words, by how many letters have to change; the first of several. There must be one.</summary>
    public static string To(string word, IReadOnlyCollection<string> known) =>
        known.MinBy(candidate => Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant()))!;

    /// <summary>How many letters have to be added, taken away, changed, or swapped with the next.</summary>
    internal static int Distance(string from, string to)
    {
        // Longer than any key: only the beginning can say what was meant.
        from = from.Length > 64 ? from[..64] : from;
        var rows = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Step(rows, from, to, i, j);
            }
        }

        return rows[from.Length, to.Length];
    }

    private static int Step(int[,] rows, string from, string to, int i, int j)
    {
        int changed = rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
        int best = Math.Min(changed, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
        bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
        return swapped ? Math.Min(best, rows[i - 2, j - 2] + 1) : best;
    }
}
