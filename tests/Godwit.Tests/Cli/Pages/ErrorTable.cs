using System.Globalization;

namespace Godwit.Tests.Cli.Pages;

/// <summary>The table of <c>docs/errors.md</c>: what is written there is what the program has to write.</summary>
internal static class ErrorTable
{
    /// <summary>The rows by their situation.</summary>
    public static IReadOnlyDictionary<string, ErrorRow> Rows { get; } = File.ReadLines(Path.Combine(PageRun.Repository(), "docs", "errors.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2).Select(Read).ToDictionary(row => row.Situation);

    /// <summary>The situations with an SFTP server.</summary>
    public static IReadOnlyList<string> OverSftp { get; } =
    [
        "the key or the password is not accepted", "the server's host key is not known", "nothing listens at the port", "there is no ssh",
        "the account may not write there", "the account may not read a file", "the server's disk is full",
        "the server goes away in the middle, for good",
    ];

    private static ErrorRow Read(string line)
    {
        string[] cells = line.Trim('|', ' ').Split(" | ");
        return new ErrorRow(cells[0], cells[1].Trim('`'), cells[2], int.Parse(cells[3], CultureInfo.InvariantCulture));
    }
}

/// <summary>One row.</summary>
internal sealed record ErrorRow(string Situation, string Line, string Side, int Code)
{
    /// <summary>Holds what a command did against the row.</summary>
    public void Require(int code, string said)
    {
        Assert.True(Code == code, $"{Situation}: ended with {code}: {said}");
        Assert.True(said.Split('\n').Any(line => PageRun.Fits(Line, line)), $"{Situation}: no line is as the table says. There is:\n{said}");
        if (Line.Contains(" [", StringComparison.Ordinal))
        {
            Assert.Matches($@" \[[a-z-]+, {Side}", Line);
        }
    }
}
