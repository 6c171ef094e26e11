using System.Globalization;

namespace Godwit.Server.Schedules;

/// <summary>One field of a cron expression: which numbers it takes.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Lowest">Its lowest number.</param>
/// <param name="Highest">Its highest.</param>
internal sealed record CronField(string Name, int Lowest, int Highest)
{
    /// <summary>Names that stand for numbers, the first for the lowest; empty for none.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Reads a field: lists, ranges and steps of numbers or names, such as <c>*/15</c>, <c>8-18</c> or <c>MON,WED-FRI</c>.</summary>
    /// <returns>Its numbers, as bits.</returns>
    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public ulong Read(string text)
    {
        ulong taken = 0;
        foreach (string part in text.Split(','))
        {
            taken |= ReadPart(part);
        }

        return taken;
    }

    private ulong ReadPart(string part)
    {
        string[] stepped = part.Split('/');
        string[] ends = stepped[0].Split('-');
        int step = stepped.Length == 1 ? 1 : Number(stepped[1], part);
        if (stepped.Length > 2 || ends.Length > 2 || step < 1 || (stepped.Length == 2 && ends.Length == 1 && ends[0] != "*"))
        {
            throw Wrong(part);
        }

        (int from, int to) = ends[0] == "*" && ends.Length == 1 ? (Lowest, Highest) : (Value(ends[0], part), Value(ends[^1], part));
        if (from > to)
        {
            throw Wrong(part);
        }

        ulong taken = 0;
        for (int value = from; value <= to; value += step)
        {
            taken |= 1UL << value;
        }

        return taken;
    }

    private int Value(string text, string part)
    {
        int named = Names.ToList().FindIndex(name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        int value = named >= 0 ? Lowest + named : Number(text, part);
        return value >= Lowest && value <= Highest ? value : throw Wrong(part);
    }

    private int Number(string text, string part) =>
        text.Length is > 0 and <= 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Wrong(part);

    private FormatException Wrong(string part)
    {
        string names = Names.Count == 0 ? "" : $", or {Names[0]} to {Names[^1]}";
        return new FormatException($"\"{part}\" is no {Name}: write numbers from {Lowest} to {Highest}{names}, such as {Lowest}, {Lowest}-{Highest}, */2, or several with commas");
    }
}
