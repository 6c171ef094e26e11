using System.Diagnostics;
using System.Runtime.Versioning;

namespace Godwit.Tests.Cli;

/// <summary>A pipe where an option names a file. Nobody need be at its other end, and a run must not wait for that for ever.</summary>
[UnsupportedOSPlatform("windows")]
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
    [InlineData("--combined")]
    [InlineData("--missing")]
    public async Task A_list_of_a_check_that_nobody_reads_ends_at_a_stop(string option)
    {
        for (int i = 0; i < 3000; i++)
        {
            _folder.Put($"{i:0000}-{new string('x', 100)}", "");
        }

        Directory.CreateDirectory(_folder.Destination);
        string[] check = ["check", _folder.Source, _folder.Destination, option, Pipe];
        await StopAsync(check);

        // One that has opened it and never reads: what is written stands in the way once it is full.
        using var reader = Process.Start("timeout", ["30", "sh", "-c", "exec sleep 30 < \"$0\"", Pipe]);
        await StopAsync(check);
        reader.Kill();
    }

    private async Task StopAsync(string[] args)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Answer answer = await Task.Run(() => _folder.RunBareAsync(args, stop.Token)).WaitAsync(s_patience);
        Assert.Equal(130, answer.Code);
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
    [InlineData("config", "import", "rclone", "PIPE")]
    [InlineData("ls", "s3://bucket/", "--s3-customer-key", "PIPE")]
    [InlineData("config", "check", "--config", "secrets")]
    [InlineData("ls", "box:", "--config", "secrets")]
    public async Task A_pipe_with_a_secret_that_nobody_writes_to_ends_at_a_stop(params string[] words)
    {
        File.WriteAllText(
            _folder.In("secrets"), "endpoints:\n  box:\n    url: s3://bucket\n    options:\n      endpoint: http://127.0.0.1:9\n    credentials:\n"
            + $"      access-key: {{ env: HOME }}\n      secret-key: {{ file: {Pipe} }}\n");
        File.SetUnixFileMode(Pipe, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _folder.Wiring = new() { Environment = name => name == "HOME" ? _folder.Root : null };
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        string[] args = [.. words.Select(word => word switch { "PIPE" => Pipe, "secrets" => _folder.In("secrets"), _ => word })];
        Answer answer = await Task.Run(() => _folder.RunBareAsync(args, stop.Token)).WaitAsync(s_patience);
        Assert.True(answer.Code == 130, $"{answer.Code}: {answer.Error}");
    }

    [Theory]
    [InlineData("gsiftp://127.0.0.1:9/x", "--x509-proxy", "is a pipe, and it is read more than once")]
    [InlineData("s3://bucket/", "--s3-ca", "is a pipe")]
    [InlineData("sftp://127.0.0.1:9/x", "--sftp-key-file", "is a pipe")]
    [InlineData("sftp://127.0.0.1:9/x", "--sftp-known-hosts", "is a pipe")]
    public async Task What_is_read_more_than_once_is_no_pipe(string address, string option, string says)
    {
        Answer answer = await Task.Run(() => _folder.RunBareAsync(["ls", address, option, Pipe])).WaitAsync(s_patience);
        Assert.Equal(2, answer.Code);
        Assert.Contains($"\"{Pipe}\" {says}", answer.Error, StringComparison.Ordinal);
        Assert.Contains($"Name a file with {option}.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_from_a_pipe_is_read_once_for_two_buckets()
    {
        File.SetUnixFileMode(Pipe, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(_folder.In("content"), Convert.ToBase64String(new byte[32]));
        using var writer = Process.Start("timeout", ["30", "sh", "-c", "cat \"$0\" > \"$1\"", _folder.In("content"), Pipe]);
        string[] two = ["copy", "s3://bucket/a", "s3://other/b", "--s3-endpoint", "http://127.0.0.1:9", "--s3-customer-key", Pipe];
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        Answer answer = await Task.Run(() => _folder.RunAsync(two, stop.Token)).WaitAsync(s_patience);
        Assert.DoesNotContain("customer-key", answer.Error, StringComparison.Ordinal);
        await writer.WaitForExitAsync();
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
