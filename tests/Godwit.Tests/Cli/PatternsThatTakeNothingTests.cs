namespace Godwit.Tests.Cli;

/// <summary>A cron job with a mistyped pattern sends nothing every night: that is said, and a quiet night is not.</summary>
public sealed class PatternsThatTakeNothingTests : IDisposable
{
    private const string Begin = "godwit: no file passed --include, --exclude and --filter: they left out ";

    private readonly CommandLineFolder _folder = new();

    public PatternsThatTakeNothingTests()
    {
        _folder.Put("a.fits", "one");
        _folder.Put("d/b.fits", "two");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--include", "*.fitz", "all 2 files of ")]
    [InlineData("--include", "/night/**", "1 file and whole directories of ")]
    [InlineData("--exclude", "*", "1 file and whole directories of ")]
    [InlineData("--filter", "- *.fits", "all 2 files of ")]
    public async Task A_quiet_run_says_that_its_patterns_took_nothing(string option, string pattern, string what)
    {
        Answer answer = await _folder.CopyAsync("--quiet", option, pattern);
        Assert.Equal((0, ""), (answer.Code, answer.Output));
        Assert.StartsWith(Begin + what, answer.Error, StringComparison.Ordinal);
        Assert.Single(answer.Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith(Begin + what, (await _folder.CopyAsync(option, pattern)).Error, StringComparison.Ordinal);
        Answer nothing = await _folder.CopyAsync("--quiet", option, pattern, "--error-on-no-transfer");
        Assert.Equal(9, nothing.Code);
        Assert.Contains(Begin + what, nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_of_directories_alone_that_are_not_looked_into_is_said_too()
    {
        File.Delete(_folder.In("src/a.fits"));
        Answer directories = await _folder.CopyAsync("--quiet", "--include", "/night/**");
        Assert.StartsWith(Begin + "every directory of ", directories.Error, StringComparison.Ordinal);
        Answer one = await _folder.RunAsync(["copy", _folder.In("src/d/b.fits"), _folder.Destination + "/", "--quiet", "--include", "*.fitz"]);
        Assert.StartsWith(Begin + "the only file of ", one.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quiet_night_stays_silent()
    {
        await IsSilentAsync("--include", "*.fits");
        await IsSilentAsync("--include", "*.fits");
        await IsSilentAsync("--min-age", "1h");
        await IsSilentAsync("--include", "*.fits", "--min-age", "1h");
        await IsSilentAsync("--include", "d/**", "--max-size", "1");
        await IsSilentAsync("--include", "*.fits", "--stable-for", "1h");
        File.Delete(_folder.In("src/a.fits"));
        Directory.Delete(_folder.In("src/d"), recursive: true);
        await IsSilentAsync("--include", "*.fitz");
    }

    [Fact]
    public async Task A_move_whose_files_are_gone_stays_silent_and_one_that_never_moved_any_does_not()
    {
        _folder.Put("stays.txt", "x");
        string[] move = ["move", _folder.Source, _folder.Destination, "--quiet", "--include"];
        Assert.StartsWith(Begin, (await _folder.RunAsync([.. move, "*.fitz"])).Error, StringComparison.Ordinal);
        for (int night = 0; night < 2; night++)
        {
            Answer answer = await _folder.RunAsync([.. move, "*.fits"]);
            Assert.Equal((0, "", ""), (answer.Code, answer.Output, answer.Error));
        }
    }

    private async Task IsSilentAsync(params string[] options)
    {
        Answer answer = await _folder.CopyAsync(["--quiet", .. options]);
        Assert.Equal((0, "", ""), (answer.Code, answer.Output, answer.Error));
    }
}
