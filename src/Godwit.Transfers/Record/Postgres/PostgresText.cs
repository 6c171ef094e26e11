using System.Globalization;
using System.Text;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>Writes a statement's parameters as PostgreSQL has them: <c>$1</c>, <c>$2</c> instead of <c>?</c>.</summary>
internal static class PostgresText
{
    /// <summary>The text for PostgreSQL. What stands between quotes stays.</summary>
    public static string Of(string sql)
    {
        var text = new StringBuilder(sql.Length + 32);
        int parameters = 0;
        bool isQuoted = false;
        foreach (char letter in sql)
        {
            isQuoted ^= letter == '\'';
            if (letter == '?' && !isQuoted)
            {
                text.Append(CultureInfo.InvariantCulture, $"${++parameters}");
            }
            else
            {
                text.Append(letter);
            }
        }

        return text.ToString();
    }
}
