using System.Diagnostics;

namespace Godwit.Tests.Cli;

/// <summary>Where nobody hears what a run says, it does its work all the same, and its exit code tells what became of it.</summary>
public sealed class ClosedOutputTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public ClosedOutputTests() => _folder.Put("a", "one");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("2>/dev/full", 0)]
    [InlineData("2>&-", 0)]
    [InlineData(">/dev/full", 1)]
    [InlineData(">&-", 1)]
    [InlineData(">&- 2>&- <&-", 1)]
    [InlineData("--json >&-", 1)]
    [InlineData("--json >/dev/full 2>/dev/full", 1)]
    public async Task A_copy_arrives_whole_and_its_words_go_nowhere_else(string redirected, int code)
    {
        Assert.Equal(code, await RunAsync($"copy \"$1\" \"$2\" --state \"$3\" {redirected}"));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(_folder.Destination, "a")));
        Answer history = await _folder.RunBareAsync(["history", "--state", _folder.In("state")]);
        Assert.Contains("1/1 files", history.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("copy \"$1/no\" \"$2\" --state \"$3\" 2>&-", 4)]
    [InlineData("copy \"$1\" \"$2\" --no-such-option 2>/dev/full", 2)]
    [InlineData("--help >&-", 1)]
    [InlineData("ls \"$1\" >/dev/full", 1)]
    [InlineData("copy \"$1\" \"$2\" --state \"$3\" --files-from - <&-", 2)]
    [InlineData("check --manifest - \"$1\" <&-", 2)]
    [InlineData("check --manifest /dev/stdin \"$1\" <&-", 2)]
    [InlineData("copy \"$1\" \"$2\" --state \"$3\" --files-from /dev/stdin <&-", 2)]
    [InlineData("copy \"$1\" \"$2\" --state \"$3\" --bandwidth-file /dev/stdin <&-", 2)]
    public async Task A_failure_has_its_own_code(string words, int code) => Assert.Equal(code, await RunAsync(words));

    private async Task<int> RunAsync(string words)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "godwit.dll");
        using var shell = Process.Start("sh", ["-c", $"dotnet \"$0\" {words}", program, _folder.Source, _folder.Destination, _folder.In("state")]);
        await shell.WaitForExitAsync();
        return shell.ExitCode;
    }
}
