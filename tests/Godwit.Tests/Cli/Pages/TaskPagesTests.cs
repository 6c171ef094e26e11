namespace Godwit.Tests.Cli.Pages;

/// <summary>Every command on a page of a task is run, and does what the page says.</summary>
public sealed class TaskPagesTests
{
    // Run against a server, in the tests of servers.
    private static readonly string[] s_withServer = ["bucket", "sftp", "grid", "postgres"];

    /// <summary>The pages that need no server.</summary>
    public static TheoryData<string> Pages { get; } =
    [
        .. Directory.EnumerateFiles(PageRun.Tasks, "*.md").Select(file => Path.GetFileName(file))
            .Where(name => name != "README.md" && !s_withServer.Any(kind => name.StartsWith(kind, StringComparison.Ordinal))).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public Task A_page_does_what_it_says(string page) => PageRun.RequireAsync(File.ReadAllText(Path.Combine(PageRun.Tasks, page)));

    [Theory]
    [InlineData("```console\n$ echo one\ntwo\n```")]
    [InlineData("```console\n$ false\n```")]
    [InlineData("```console\n$ false\n$ echo $?\n0\n```")]
    [InlineData("```console\n$ exit 0\n$ echo x\n```")]
    public async Task A_page_that_says_something_else_is_noticed(string page) =>
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => PageRun.RequireAsync(page));

    [Fact]
    public Task A_page_may_leave_out_what_differs_each_time() =>
        PageRun.RequireAsync("```console\n$ printf 'a\\nb c\\nd\\n'\na\n...c\nd\n$ false\n$ echo $?\n1\n$ ls\nnight\n```");

    [Fact]
    public Task A_page_may_bring_files_along() =>
        PageRun.RequireAsync("```yaml a.yaml\nx: 1\n```\n```console\n$ cat a.yaml\nx: 1\n$ ls\na.yaml\nnight\n```");
}
