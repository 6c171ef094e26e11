using System.Diagnostics;
using System.Globalization;
using Godwit.Cli;

namespace Godwit.Tests.Cli;

/// <summary>The completion scripts, read by the shells that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cop", "copy")]
    [InlineData("st", "stat store status")]
    [InlineData("store ", "check")]
    [InlineData("copy --comp", "--compare")]
    [InlineData("copy --compare ", "mtime size checksum exists ledger always")]
    [InlineData("copy --compare = ch", "checksum")]
    [InlineData("check --compare ", "mtime size checksum")]
    [InlineData("copy a b --verify r", "readback")]
    [InlineData("copy a b --s3-path-style ", "yes no")]
    [InlineData("sync a b --max-delete ", "")]
    [InlineData("sync --max-del", "--max-delete")]
    [InlineData("store check --s3-e", "--s3-endpoint --s3-encryption --s3-encryption-key")]
    [InlineData("completion ", "bash zsh fish")]
    [InlineData("copy ", "")]
    public async Task Bash_completes(string line, string expected)
    {
        string[] words = ["godwit", .. line.Split(' ')];
        string script = $$"""
            source "$1" || exit 1
            shift
            COMP_WORDS=("$@")
            COMP_CWORD={{words.Length - 1}}
            _godwit
            echo "${COMPREPLY[*]}"
            """;
        Assert.Equal(expected, (await RunAsync("bash", ["--norc", "--noprofile", "-uc", script, "bash", await ScriptAsync("bash"), .. words])).Trim());
    }

    [Fact]
    public async Task Bash_offers_the_files_of_the_machine_where_there_is_no_word_to_offer()
    {
        // With an empty answer readline completes files by itself, unless it is told not to.
        string script = File.ReadAllText(await ScriptAsync("bash"));
        Assert.Contains("complete -o default -F _godwit godwit", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("godwit cop", "copy")]
    [InlineData("godwit store ", "check")]
    [InlineData("godwit copy --compare ch", "checksum")]
    [InlineData("godwit copy --compare=ch", "--compare=checksum")]
    [InlineData("godwit check --compare l", "")]
    [InlineData("godwit store check --s3-path-style y", "yes")]
    public async Task Fish_completes(string line, string expected)
    {
        string output = await RunAsync(
            "fish", ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", await ScriptAsync("fish"), line]);
        Assert.Equal(expected, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('\t')[0])));
    }

    [Fact]
    public async Task Zsh_reads_the_script()
    {
        await RunAsync("zsh", ["-f", "-n", await ScriptAsync("zsh")]);
        string functions = await RunAsync("zsh", ["-f", "-c", "autoload -U compinit; compinit -D -u; source $1; print -l ${_comps[godwit]} ${(ok)functions[(I)_godwit*]}", "zsh", await ScriptAsync("zsh")]);
        Assert.Contains("_godwit_store_check", functions, StringComparison.Ordinal);
        Assert.StartsWith("_godwit\n", functions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_that_is_not_known_is_told_which_are()
    {
        (int code, _, string error) = await AskAsync("tcsh");
        Assert.Equal((2, "godwit: There is no completion for the shell \"tcsh\"; write bash, zsh or fish.\n"), (code, error));
    }

    private async Task<string> ScriptAsync(string shell)
    {
        (int code, string output, _) = await AskAsync(shell);
        Assert.Equal(0, code);
        await File.WriteAllTextAsync(_folder.In(shell), output);
        return _folder.In(shell);
    }

    private async Task<Answer> AskAsync(string shell)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)["completion", shell], _folder.Wiring, output, error, CancellationToken.None);
        return new Answer(code, output.ToString(), error.ToString());
    }

    private static async Task<string> RunAsync(string program, string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0 && error.Length == 0, $"{program} ended with {process.ExitCode}: {error}");
        return await output;
    }
}
