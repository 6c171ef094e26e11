using System.Diagnostics;

namespace Godwit.Tests.Cli;

/// <summary>A pipe where an option names a file. Nobody need be at its other end, and a run must not wait for that for ever.</summary>
public sealed class PipesAsFilesTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly CommandLineFolder _folder = new();

    private string Pipe => _folder.In("pipe");

    public PipesAsFilesTests()
    {
        _folder.Put("a", "one");
        Process.Start("mkfifo", [Pipe]).WaitForExit();
    }

    public void Dispose()
    {
        // Whoever was left waiting for the other end goes on.
        new FileStream(Pipe, FileMode.Open, FileAccess.ReadWrite).Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("--report")]
    [InlineData("--failed")]
    [InlineData("--manifest")]
    [InlineData("--log-file")]
    [InlineData("--plan", "--dry-run")]
    public async Task A_pipe_is_no_file_to_write_to(params string[] options)
    {
        File.CreateSymbolicLink(_folder.In("link"), "pipe");
        foreach (string name in (string[])[Pipe, _folder.In("link")])
        {
            Answer answer = await _folder.CopyAsync([options[0], name, .. options.Skip(1)]).WaitAsync(s_patience);
            Assert.Equal(2, answer.Code);
            Assert.Contains($"{options[0]} \"{name}\" cannot be written: that is a pipe. Name a file", answer.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder.Destination));
        }
    }

    [Theory]
    [InlineData("--report")]
    [InlineData("--failed")]
    [InlineData("--manifest")]
    [InlineData("--log-file")]
    public async Task A_device_is_written_to_as_before(string option)
    {
        Assert.Equal(0, (await _folder.CopyAsync(option, "/dev/null")).Code);
    }

    [Theory]
    [InlineData("copy", "--report")]
    [InlineData("copy", "--log-file")]
    [InlineData("check", "--missing")]
    public void What_this_process_has_open_is_written_to(string verb, string option)
    {
        Directory.CreateDirectory(_folder.Destination);
        string program = Path.Combine(AppContext.BaseDirectory, "godwit.dll");
        using var shell = Process.Start(new ProcessStartInfo(
            "timeout",
            [
                "30", "sh", "-c", "\"$0\" \"$@\" /dev/fd/4 4>&1 >/dev/null 2>&1 | cat", Environment.ProcessPath!, program, verb,
                _folder.Source, _folder.Destination, .. verb == "copy" ? ["--state", _folder.In("state")] : Array.Empty<string>(), option,
            ])
        {
            RedirectStandardOutput = true,
        })!;
        string read = shell.StandardOutput.ReadToEnd();
        Assert.Contains(option switch { "--report" => "\"outcome\"", "--log-file" => "file.delivered", _ => "a\n" }, read, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--files-from")]
    [InlineData("--bandwidth-file")]
    [InlineData("--config")]
    [InlineData("--plan")]
    public async Task A_pipe_that_nobody_writes_to_ends_at_a_stop(string option)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Answer answer = await Task.Run(() => _folder.RunAsync(["copy", _folder.Source, _folder.Destination, option, Pipe], stop.Token)).WaitAsync(s_patience);
        Assert.Equal(130, answer.Code);
    }

    [Theory]
    [InlineData("--files-from", "a\n")]
    [InlineData("--bandwidth-file", "10M\n")]
    [InlineData("--config", "defaults:\n  verify: readback\n")]
    public async Task What_is_read_may_come_from_a_pipe(string option, string content)
    {
        File.WriteAllText(_folder.In("content"), content);
        Answer answer = await FromPipeAsync(option);
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Equal("one", File.ReadAllText(Path.Combine(_folder.Destination, "a")));
    }

    [Fact]
    public async Task A_plan_may_come_from_a_pipe()
    {
        Assert.Equal(0, (await _folder.CopyAsync("--dry-run", "--plan", _folder.In("content"))).Code);
        Answer answer = await FromPipeAsync("--plan");
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Equal("one", File.ReadAllText(Path.Combine(_folder.Destination, "a")));
    }

    private async Task<Answer> FromPipeAsync(string option)
    {
        using var writer = Process.Start("timeout", ["30", "sh", "-c", "cat \"$0\" > \"$1\"", _folder.In("content"), Pipe]);
        Answer answer = await Task.Run(() => _folder.CopyAsync(option, Pipe)).WaitAsync(s_patience);
        await writer.WaitForExitAsync();
        return answer;
    }
}
