using System.Globalization;
using System.Text;
using Godwit.Storage;

namespace Godwit.Tests.HostileTrees;

/// <summary>All cases, and the page that lists them.</summary>
internal static class HostileTable
{
    public static (string Title, HostileTree[] Trees)[] Groups { get; } =
    [
        ("Names", NameTrees.All),
        ("Contents and kinds", ContentTrees.All),
        ("Symbolic links", LinkTrees.All),
        ("Changes while it runs", MomentTrees.All),
        ("Destinations", DestinationTrees.All),
    ];

    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder("""
            # Hostile trees

            What `godwit copy` does with trees that are hard to move. Every row is a test: the command is run on a real tree, and its events,
            its report, its exit code, every byte and every name at the destination, and a second run are held against this table.
            This page is written by that test; it is not edited.

            In every case: each file has exactly one outcome, the source and whatever lies outside of the two ends is left as it was,
            no partial file is left behind, and one bad file does not stop the others.

            Names are written as Godwit shows them: bytes that are not UTF-8 and control characters as `\xNN`.

            """);
        foreach ((string title, HostileTree[] trees) in Groups)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| what | options | outcome | exit code | the same command again |\n| --- | --- | --- | --- | --- |\n");
            foreach (HostileTree tree in trees)
            {
                string[] cells = [What(tree), Code(tree.Options), tree.Expected(), $"{tree.Code}", Second(tree)];
                page.Append("| ").AppendJoin(" | ", cells.Select(Cell)).Append(" |\n");
            }
        }

        return page.ToString();
    }

    private static string What(HostileTree tree)
    {
        string asUser = tree.AsUser == StoreSide.Unknown ? "" : " (as an ordinary user)";
        string ends = tree.Ends == ("src", "dst") ? "" : $" (`godwit copy {tree.Ends.From} {tree.Ends.To}`)";
        string shown = tree.Shown.Length == 0 ? "" : ": " + string.Join(", ", tree.Shown.Select(name => Code(Visible(name))));
        return tree.Name + asUser + ends + shown;
    }

    private static string Second(HostileTree tree) => tree switch
    {
        { Refused: not null } => "the same",
        { Again: Again.TheSame } => $"the same, exit {tree.Code}",
        { Again: Again.Finishes, Repair: { } repair } => $"once {repair.What}: the rest arrives, exit 0",
        { Again: Again.Finishes } => "the rest arrives, exit 0",
        _ => "nothing to do, exit 0",
    };

    private static string Visible(string name) => PathText.Escape(PathText.Unescape(name));

    private static string Code(string text) => text.Length == 0 ? ""
        : text.Contains('`', StringComparison.Ordinal) ? $"`` {text} ``" : $"`{text}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
