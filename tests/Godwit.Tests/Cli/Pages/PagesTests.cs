using System.Runtime.CompilerServices;
using Godwit.Cli;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Tests.Cli.Pages;

/// <summary>Pages that scripts are written from say what the program does.</summary>
public sealed class PagesTests
{
    [Fact]
    public void The_page_of_events_is_what_the_program_writes()
    {
        string file = PageFile("events.md");
        string page = EventTable.Page();
        if (Environment.GetEnvironmentVariable("GODWIT_ACCEPT_PAGES") == "1")
        {
            File.WriteAllText(file, page);
        }

        string there = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(page == there, $"{file} differs from what is written. To accept what is written now, run this test with GODWIT_ACCEPT_PAGES=1.");
    }

    [Fact]
    public void Every_kind_of_event_is_on_the_page()
    {
        IEnumerable<Type> kinds = typeof(TransferEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TransferEvent)));
        Assert.Equal(
            kinds.Select(kind => kind.Name).Order(StringComparer.Ordinal),
            EventTable.Samples.Select(sample => sample.GetType().Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_word_of_a_failure_has_a_row()
    {
        string page = File.ReadAllText(PageFile("exit-codes.md"));
        string[] words = [
            .. Enum.GetValues<StoreErrorKind>().Select(FileFailure.KindWord), "source-changed", "name-not-representable", "too-large"];
        Assert.All(words, word => Assert.Contains($"\n| `{word}` | ", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_exit_code_has_a_row()
    {
        string page = File.ReadAllText(PageFile("exit-codes.md"));
        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Contains($"\n| {(int)code} | ", page, StringComparison.Ordinal));
    }

    private static string PageFile(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", name));
}
