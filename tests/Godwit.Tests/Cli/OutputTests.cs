using System.Diagnostics;
using System.Text;
using Godwit.Cli;

namespace Godwit.Tests.Cli;

/// <summary>What becomes of a run whose standard output cannot be written.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reader_that_goes_away_costs_neither_the_transfer_nor_its_exit_code()
    {
        for (int i = 0; i < 300; i++)
        {
            _folder.Put($"file {i} with a name that fills the pipe's buffer sooner", "content");
        }

        Answer answer = await PipedAsync("head -n 1");
        Assert.Equal((0, 1), (answer.Code, answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal(CommandLineFolder.Tree(_folder.Source), CommandLineFolder.Tree(_folder.Destination));
        Directory.Delete(_folder.Destination, true);
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "file 7 with a name that fills the pipe's buffer sooner/in the way"));
        Assert.Equal(6, (await PipedAsync("head -n 1")).Code);
    }

    [Fact]
    public async Task Events_that_nobody_reads_any_more_are_no_trouble()
    {
        _folder.Put("a", "1");
        (int code, string said) = await RunAsync(new IOException("Broken pipe", 32), "copy", "--json");
        Assert.Equal(0, code);
        Assert.DoesNotContain("could be written", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_cannot_be_written_are_told_and_the_transfer_goes_on()
    {
        _folder.Put("a", "1");
        (int code, string said) = await RunAsync(new IOException("No space left on device", 28), "copy", "--json");
        Assert.Equal(1, code);
        Assert.Contains("Not all events could be written: No space left on device", said, StringComparison.Ordinal);
        Assert.Equal("1", File.ReadAllText(Path.Combine(_folder.Destination, "a")));
    }

    private async Task<(int Code, string Said)> RunAsync(IOException fault, string verb, string option)
    {
        using var output = new FailingWriter(fault);
        using var error = new StringWriter();
        string[] args = [verb, _folder.Source, _folder.Destination, option, "--state", _folder.In("state")];
        return (await GodwitCommandLine.RunAsync(args, _folder.Wiring, output, error, default), error.ToString());
    }

    private async Task<Answer> PipedAsync(string reader)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "godwit-drill.dll");
        string script = $"dotnet \"$1\" copy --json \"$2\" \"$3\" --state \"$4\" | {reader}; exit ${{PIPESTATUS[0]}}";
        string[] args = ["-c", script, "bash", program, _folder.Source, _folder.Destination, _folder.In("state")];
        using Process process = Process.Start(new ProcessStartInfo("bash", args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Answer(process.ExitCode, output, await error);
    }

    private sealed class FailingWriter(IOException fault) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw fault;

        public override void WriteLine(string? value) => throw fault;
    }
}
