namespace Godwit.Tests.Cli.Commands;

/// <summary><c>--files-from</c> of <c>baseline</c> and <c>resend</c>.</summary>
public sealed class BaselineListTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_list_says_which_files_are_meant()
    {
        foreach (string name in (string[])["a", "d/b", "d/c", "e/f"])
        {
            _folder.Put(name, "x");
        }

        await File.WriteAllTextAsync(_folder.In("list"), "a\nd/b\n");
        Assert.StartsWith("baseline: 2 files", (await RunAsync("baseline", "--files-from", _folder.In("list"))).Output, StringComparison.Ordinal);
        await RunAsync("copy");
        Assert.Equal(["d/c", "e/f"], CommandLineFolder.Tree(_folder.Destination).Keys);
        await File.WriteAllBytesAsync(_folder.In("list0"), "d/b\0e/f\0"u8.ToArray());
        Answer again = await RunAsync("resend", "--files-from0", _folder.In("list0"));
        Assert.StartsWith("resend: 2 files will be sent by the next copy: 1 delivered, 1 of a baseline", again.Output, StringComparison.Ordinal);
        Assert.Contains("2 of 2 files delivered", (await RunAsync("copy")).Output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.In("dst/a")));
    }

    [Theory]
    [InlineData("baseline", "\"gone\" is listed in --files-from and is not there.")]
    [InlineData("resend", "\"gone\" is listed in --files-from and the ledger knows of no delivery of it.")]
    public async Task What_a_list_names_and_is_not_met_is_told(string command, string told)
    {
        _folder.Put("a", "x");
        await RunAsync("copy");
        await File.WriteAllTextAsync(_folder.In("list"), "a\ngone\n");
        Answer answer = await RunAsync(command, "--files-from", _folder.In("list"));
        Assert.Equal((6, $"godwit: {told}\n"), (answer.Code, answer.Error));
    }

    [Theory]
    [InlineData("a\tb", "has more than one column")]
    [InlineData("a", "--path and --files-from", "--path", "a")]
    public async Task A_list_that_cannot_be_used_is_refused_before_anything_changes(string list, string why, params string[] more)
    {
        _folder.Put("a", "x");
        await File.WriteAllTextAsync(_folder.In("list"), list);
        foreach (string command in (string[])["baseline", "resend"])
        {
            Answer answer = await RunAsync(command, ["--files-from", _folder.In("list"), .. more]);
            Assert.Equal(2, answer.Code);
            Assert.Contains(why, answer.Error, StringComparison.Ordinal);
        }

        Answer single = await _folder.RunAsync(["baseline", _folder.In("src/a"), _folder.Destination + "/", "--files-from", _folder.In("list")]);
        Assert.Equal(2, single.Code);
    }

    private Task<Answer> RunAsync(string verb, params string[] options) => _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);
}
