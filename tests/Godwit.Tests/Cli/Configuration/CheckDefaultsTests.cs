using System.Runtime.Versioning;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>What <c>check</c> takes of the settings that copies are told by.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CheckDefaultsTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public CheckDefaultsTests()
    {
        // The same length, another time: mtime tells them apart, size does not. And a link on one side.
        foreach ((string side, int year) in (IEnumerable<(string, int)>)[("src", 2001), ("dst", 2002)])
        {
            string file = _folder.Put($"{side}/a", "same");
            File.SetLastWriteTimeUtc(file, new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        File.CreateSymbolicLink(_folder.In("src/link"), "a");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("compare: size", "", "", 0)]
    [InlineData("compare: mtime", "", "", 1)]
    [InlineData("compare: checksum", "", "", 0)]
    [InlineData("compare: size", "GODWIT_COMPARE=mtime", "", 1)]
    [InlineData("compare: mtime", "GODWIT_COMPARE=size", "", 0)]
    [InlineData("compare: mtime", "GODWIT_COMPARE=mtime", "--compare size", 0)]
    [InlineData("compare: ledger", "", "", 1)]
    [InlineData("compare: always", "", "", 1)]
    [InlineData("compare: mtime", "GODWIT_COMPARE=exists", "", 1)]
    [InlineData("compare: size", "", "--compare ledger", 2)]
    [InlineData("compare: size", "GODWIT_COMPARE=sise", "", 2)]
    [InlineData("compare: ledger", "", "--download", 0)]
    [InlineData("compare: size\n  links: keep", "", "", 1)]
    [InlineData("compare: size\n  links: keep", "GODWIT_LINKS=skip", "", 0)]
    [InlineData("compare: size", "", "--links keep", 1)]
    public async Task Option_environment_defaults_in_this_order(string defaults, string variable, string options, int code)
    {
        _folder.Write($"defaults:\n  {defaults}\n");
        if (variable.Split('=') is [var name, var value])
        {
            _folder.Variables[name] = value;
        }

        Answer answer = await _folder.RunAsync(["check", _folder.In("src"), _folder.In("dst"), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.True(code == answer.Code, $"{answer.Code}: {answer.Error}{answer.Output}");
    }

    [Fact]
    public async Task Where_they_come_from_is_shown()
    {
        _folder.Write("defaults:\n  compare: size\n  links: keep\n");
        string shown = (await _folder.SucceedAsync("config", "show", "--origin")).Output;
        Assert.Matches(@"compare +size +# .*godwit\.yaml:2\n", shown);
        Assert.Matches(@"links +keep +# .*godwit\.yaml:3\n", shown);
    }
}
