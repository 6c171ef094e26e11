using System.Globalization;

namespace Godwit.Cli.Options;

/// <summary>Sizes as people write and read them. K, M, G, T and P are powers of 1,024, with or without <c>iB</c>.</summary>
internal static class SizeText
{
    private const string Units = "KMGTPE";

    /// <summary>Bytes of <c>1048576</c>, <c>50MiB</c>, <c>10G</c>, <c>1.5T</c>.</summary>
    /// <exception cref="FormatException">It is not a size; the message says what is.</exception>
    public static long Parse(string text)
    {
        int digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        string unit = text[digits..].Trim().ToUpperInvariant();
        if (unit.Length == 2 && unit[1] == 'B' && Units.Contains(unit[0], StringComparison.Ordinal))
        {
            throw new FormatException($"{text[digits..]} may mean 1000 or 1024; write {unit[0]}iB (1024)");
        }

        int power = unit switch
        {
            "" or "B" => 0,
            [_] or [_, 'I', 'B'] => Units.IndexOf(unit[0], StringComparison.Ordinal) + 1,
            _ => -1,
        };
        bool known = power > 0 || unit is "" or "B";
        if (!known || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            throw new FormatException("write a size such as 1048576, 50MiB or 10G");
        }

        decimal bytes = number * (1L << (10 * power));
        return bytes <= long.MaxValue && bytes == Math.Floor(bytes)
            ? (long)bytes
            : throw new FormatException("it is not a whole number of bytes below 8EiB");
    }

    /// <summary>Bytes for people: <c>1.4 GiB</c>.</summary>
    public static string Show(double bytes)
    {
        if (bytes < 1024)
        {
            return $"{bytes:0} B";
        }

        int power = 0;
        for (; bytes >= 1023.95 && power < Units.Length; power++)
        {
            bytes /= 1024;
        }

        return $"{bytes.ToString(bytes < 10 ? "0.00" : bytes < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[power - 1]}iB";
    }
}
