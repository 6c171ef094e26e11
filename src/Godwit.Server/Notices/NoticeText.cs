using System.Text;
using Godwit.Transfers.Record;

namespace Godwit.Server.Notices;

/// <summary>Words of a notice for people.</summary>
internal static class NoticeText
{
    /// <summary>A name or a sentence as one line that can be printed: what would end a line or turn its direction becomes a question mark.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="longest">How many characters at most.</param>
    public static string Line(string text, int longest = 1000)
    {
        var line = new StringBuilder(Math.Min(text.Length, longest));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > longest - 3)
            {
                line.Append("...");
                break;
            }

            line.Append(IsPlain(rune) ? rune.ToString() : "?");
        }

        return line.ToString();
    }

    /// <summary>How far it came, in a few words; empty where nothing is known.</summary>
    public static string Counts(TransferTotals? totals) => totals is null ? "" : FormattableString.Invariant(
        $"{totals.Delivered} of {totals.Planned} files delivered ({totals.DeliveredBytes} of {totals.PlannedBytes} bytes)")
        + Counted(totals.Failed, "failed") + Counted(totals.Unchanged, "unchanged") + Counted(totals.NotAttempted, "not attempted");

    private static string Counted(long count, string word) => count > 0 ? FormattableString.Invariant($", {count} {word}") : "";

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.Surrogate);
}
