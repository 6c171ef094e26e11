namespace Godwit.Tests.Cli;

/// <summary>A list beside other filters, and a list for a sync.</summary>
public sealed class ListedAndLeftOutTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public ListedAndLeftOutTests()
    {
        _folder.Put("top", "one");
        _folder.Put("d/x", "two");
        _folder.Put("kept", "three");
        File.WriteAllText(_folder.In("list"), "top\nd/x\nkept\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"d/x\"", "--max-depth", "1")]
    [InlineData("\"d/x\"", "--exclude", "/d/**")]
    [InlineData("\"d/x\"", "--exclude", "x")]
    [InlineData("\"d/x\"", "--exclude-if-present", "x")]
    [InlineData("\"top\"", "--exclude", "top")]
    public async Task A_listed_file_that_a_filter_leaves_out_is_no_failure(string path, string option, string value)
    {
        string[] options = ["--files-from", _folder.In("list"), option, value];
        Answer answer = await _folder.CopyAsync(options);
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Contains($"godwit: the listed file {path} was left out by the other filters.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(2, CommandLineFolder.Tree(_folder.Destination).Count);
        Answer dry = await _folder.CopyAsync([.. options, "--dry-run"]);
        Assert.Contains($"the listed file {path} was left out", dry.Error, StringComparison.Ordinal);
        Answer check = await _folder.RunBareAsync(["check", _folder.Source, _folder.Destination, .. options]);
        Assert.True(check.Code == 0, check.Error + check.Output);
        Assert.Contains($"the listed file {path} was left out", check.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", (await _folder.CopyAsync([.. options, "--quiet"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_that_are_left_out_are_counted()
    {
        Answer answer = await _folder.CopyAsync("--files-from", _folder.In("list"), "--include", "kept");
        Assert.Equal(0, answer.Code);
        Assert.Contains("godwit: 2 listed files were left out by the other filters, such as \"d/x\".", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listed_file_that_is_not_there_is_a_failure_beside_a_filter_too()
    {
        File.AppendAllText(_folder.In("list"), "gone\nd/gone\n");
        Answer answer = await _folder.CopyAsync("--files-from", _folder.In("list"), "--exclude", "*.tmp");
        Assert.Equal(6, answer.Code);
        Assert.Contains("FAILED gone: It was asked for by name and is not there.", answer.Error, StringComparison.Ordinal);
        Assert.Contains("FAILED d/gone: It was asked for by name and is not there.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_with_a_slash_at_its_end_is_a_directory()
    {
        File.WriteAllText(_folder.In("list"), "d/\n");
        Assert.Equal(0, (await _folder.CopyAsync("--files-from", _folder.In("list"))).Code);
        Assert.Equal(["d/x"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("d\n")]
    [InlineData("d/\n")]
    public async Task A_directory_in_a_list_of_a_baseline_is_all_below_it(string list)
    {
        File.WriteAllText(_folder.In("list"), list);
        Answer marked = await _folder.RunAsync(["baseline", _folder.Source, _folder.Destination, "--files-from", _folder.In("list")]);
        Assert.Equal((0, ""), (marked.Code, marked.Error));
        Assert.Contains("1 file (3 B) counts as delivered", marked.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        Assert.Equal(["kept", "top"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Answer back = await _folder.RunAsync(["resend", _folder.Source, _folder.Destination, "--files-from", _folder.In("list")]);
        Assert.Equal((0, ""), (back.Code, back.Error));
        Assert.Contains("resend: 1 file will be sent", back.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("top\nd\nd/gone\n", 6)]
    [InlineData("top\nd\n", 0)]
    public async Task A_sync_of_a_list_deletes_nothing(string list, int code)
    {
        foreach (string name in (string[])["gone", "d/gone", "other"])
        {
            Directory.CreateDirectory(Path.Combine(_folder.Destination, "d"));
            File.WriteAllText(Path.Combine(_folder.Destination, name), "precious");
        }

        File.WriteAllText(_folder.In("list"), list);
        Answer answer = await _folder.RunAsync(["sync", _folder.Source, _folder.Destination, "--files-from", _folder.In("list")]);
        Assert.Equal(code, answer.Code);
        Assert.Equal(["d/gone", "d/x", "gone", "other", "top"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }
}
