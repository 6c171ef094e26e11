using System.Runtime.CompilerServices;
using Godwit.Cli;
using Godwit.Cli.Completion;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Tests.Cli.Pages;

/// <summary>Pages that scripts are written from say what the program does.</summary>
public sealed class PagesTests
{
    [Fact]
    public void The_page_of_events_is_what_the_program_writes() => RequirePage("events.md", EventTable.Page());

    [Fact]
    public void The_page_of_states_is_what_the_program_goes_by() => RequirePage("states.md", StatesPage.Page());

    [Fact]
    public void The_page_of_metrics_is_what_the_service_measures() => RequirePage("metrics.md", MetricsPage.Page());

    [Fact]
    public void The_page_of_commands_is_what_the_program_defines() => RequirePage("reference.md", ReferencePage.Of(GodwitCommandLine.Definitions()));

    [Fact]
    public void The_man_page_is_what_the_program_defines() => RequirePage("godwit.1", ManPage.Of(GodwitCommandLine.Definitions()));

    [Fact]
    public void Every_option_and_argument_says_what_it_does() =>
        Assert.All(KnownCommand.All(GodwitCommandLine.Definitions()), command =>
        {
            Assert.False(string.IsNullOrEmpty(command.Command.Description), command.Place);
            Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description), $"{command.Place} {option.Name}"));
            Assert.All(command.Command.Arguments, argument => Assert.False(string.IsNullOrEmpty(argument.Description), $"{command.Place} {argument.Name}"));
            Assert.All(
                command.Options.Where(option => option.Arity.MaximumNumberOfValues > 0),
                option => Assert.False(string.IsNullOrEmpty(option.HelpName), $"{command.Place} {option.Name}"));
        });

    [Fact]
    public async Task Help_tells_what_the_options_do_not()
    {
        using var output = new StringWriter();
        await GodwitCommandLine.RunAsync((IReadOnlyList<string>)["sync", "--help"], new Wiring { Environment = _ => null }, output, TextWriter.Null, default);
        string help = output.ToString();
        string[] titles = ["Addresses (SRC, DST, URL):\n", "Patterns (", "Exit codes:\n  0    everything arrived", "Examples:\n  godwit sync /data/current "];
        Assert.All(titles, title => Assert.Contains("\n" + title, help, StringComparison.Ordinal));
        Assert.Equal(titles.Select(title => help.IndexOf(title, StringComparison.Ordinal)).Order(), titles.Select(title => help.IndexOf(title, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_example_is_a_command_line_that_can_be_read()
    {
        foreach ((string example, _) in HelpSection.All(GodwitCommandLine.Definitions())[^1].Lines)
        {
            System.CommandLine.ParseResult parsed = GodwitCommandLine.Definitions().Parse([.. example.Split(' ').Skip(1).Select(word => word.Trim('\''))]);
            Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join("; ", parsed.Errors)}");
        }
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
            .. Enum.GetValues<StoreErrorKind>().Select(FileFailure.KindWord), "source-changed", "name-not-representable", "too-large", "in-the-way"];
        Assert.All(words, word => Assert.Contains($"\n| `{word}` | ", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_exit_code_has_a_row()
    {
        string page = File.ReadAllText(PageFile("exit-codes.md"));
        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Contains(
            $"\n| {(int)code} | {HelpSection.MeaningOf(code)} | ", page.Replace("`", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    private static void RequirePage(string name, string page)
    {
        string file = PageFile(name);
        if (Environment.GetEnvironmentVariable("GODWIT_ACCEPT_PAGES") == "1")
        {
            File.WriteAllText(file, page);
        }

        string there = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(page == there, $"{file} differs from what the program says. To accept that, run this test with GODWIT_ACCEPT_PAGES=1.");
    }

    private static string PageFile(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", name));
}
