using System.Diagnostics;

namespace Godwit.Tests.Cli;

/// <summary>Where a result may lie: not where the command reads, writes or deletes, and not in the place of what it reads itself.</summary>
public sealed class ResultPlacesTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public ResultPlacesTests()
    {
        _folder.Put("raw/f1", "one");
        _folder.Put("notes", "remarks");
        Directory.CreateDirectory(_folder.Destination);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("src/raw/f1", "SRC")]
    [InlineData("src/new.txt", "SRC")]
    [InlineData("dst/new.txt", "DST")]
    public async Task A_list_of_a_check_lies_beside_what_is_compared(string list, string inside)
    {
        SortedDictionary<string, string> before = CommandLineFolder.Tree(_folder.Root);
        Answer answer = await _folder.RunBareAsync(["check", _folder.Source, _folder.Destination, "--missing", _folder.In(list)]);
        Assert.Equal(
            (2, $"godwit: --missing \"{_folder.In(list)}\" lies inside {inside}, which is compared: write it beside the trees.\n"), (answer.Code, answer.Error));
        Assert.Equal(before, CommandLineFolder.Tree(_folder.Root));
    }

    [Fact]
    public async Task A_log_is_written_where_it_was_looked_for_also_behind_a_link()
    {
        Directory.CreateDirectory(_folder.In("out"));
        Directory.CreateSymbolicLink(_folder.In("out/l"), _folder.In("src/raw"));
        Assert.Equal(0, (await _folder.CopyAsync("--log-file", _folder.In("out") + "/l/../notes")).Code);
        Assert.Equal("remarks", await File.ReadAllTextAsync(_folder.In("src/notes")));
        Assert.Contains("notes", await File.ReadAllTextAsync(_folder.In("out/notes")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_a_check_lies_beside_the_tree_of_a_manifest_and_is_not_the_manifest()
    {
        Assert.Equal(0, (await _folder.CopyAsync("--manifest", _folder.In("sums"))).Code);
        string[] check = ["check", "--manifest", _folder.In("sums"), _folder.Destination];
        Answer inside = await _folder.RunBareAsync([.. check, "--combined", _folder.In("dst/notes")]);
        Assert.True(inside.Code == 2 && inside.Error.Contains("lies inside DST", StringComparison.Ordinal), inside.Error);
        Answer bag = await _folder.RunBareAsync(["check", "--bag", _folder.Destination, "--combined", _folder.In("dst/new")]);
        Assert.True(bag.Code == 2 && bag.Error.Contains("lies inside DST", StringComparison.Ordinal), bag.Error);
        Assert.Equal(0, (await _folder.RunBareAsync([.. check, "--combined", _folder.In("all")])).Code);
    }

    [Fact]
    public async Task A_check_of_one_file_may_have_its_list_beside_that()
    {
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        string[] check = ["check", _folder.In("src/notes"), _folder.In("dst/notes"), "--match"];
        Assert.Equal(0, (await _folder.RunBareAsync([.. check, _folder.In("dst/match")])).Code);
        Assert.Equal(2, (await _folder.RunBareAsync([.. check, _folder.In("src/notes")])).Code);
        Assert.Equal(2, (await _folder.RunBareAsync([.. check, _folder.In("dst/notes")])).Code);
        Assert.Equal("remarks", File.ReadAllText(_folder.In("dst/notes")));
    }

    [Theory]
    [InlineData("--manifest", "sync", "dst")]
    [InlineData("--report", "sync", "dst")]
    [InlineData("--failed", "sync", "dst")]
    [InlineData("--log-file", "sync", "dst")]
    [InlineData("--manifest", "move", "src")]
    [InlineData("--report", "move", "src")]
    [InlineData("--failed", "move", "src")]
    [InlineData("--log-file", "move", "src")]
    [InlineData("--log-file", "copy", "src")]
    [InlineData("--log-file", "sync", "src")]
    public async Task A_result_is_not_where_the_run_would_delete_it_or_send_it_while_it_grows(string option, string verb, string where)
    {
        string file = _folder.In($"{where}/result");
        Answer answer = await RunAsync(verb, option, file);
        Assert.True(answer.Code == 2, answer.Error + answer.Output);
        Assert.Contains($"{option} \"{file}\" lies inside {(where == "src" ? "SRC" : "DST")}", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Name a file outside, or leave it out with --exclude.", answer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.Empty(CommandLineFolder.Tree(_folder.Destination));

        // What a filter leaves out is left alone.
        foreach (string pattern in (string[])["result", "/res*"])
        {
            Answer left = await RunAsync(verb, option, file, "--exclude", pattern, "--min-size", "1", "--allow-empty-source");
            Assert.True(left.Code == 0, left.Error + left.Output);
        }

        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task A_list_that_names_a_directory_takes_the_log_below_it()
    {
        File.WriteAllText(_folder.In("list"), "raw\n");
        Assert.Equal(2, (await _folder.CopyAsync("--files-from", _folder.In("list"), "--log-file", _folder.In("src/raw/log"))).Code);
        Assert.Equal(0, (await _folder.CopyAsync("--files-from", _folder.In("list"), "--log-file", _folder.In("src/log"))).Code);
        File.WriteAllText(_folder.In("list"), "raw/f1\tx\n");
        Answer columns = await RunAsync("move", "--files-from", _folder.In("list"), "--report", _folder.In("src/report"));
        Assert.True(columns.Code == 0, columns.Error);
    }

    [Fact]
    public async Task A_manifest_of_a_copy_may_lie_in_its_destination()
    {
        for (int run = 0; run < 2; run++)
        {
            _folder.Put($"raw/new{run}", "new");
            Assert.Equal(0, (await _folder.CopyAsync("--manifest", _folder.In("dst/sums"))).Code);
        }

        Assert.Equal(4, File.ReadAllLines(_folder.In("dst/sums")).Length);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0, (byte)'b' })]
    [InlineData(new byte[] { (byte)'a', 0xff, 0xfe })]
    public async Task A_log_is_not_appended_to_binary_data(byte[] content)
    {
        // A header may well be text.
        File.WriteAllBytes(_folder.In("cal.fits"), [.. Enumerable.Repeat((byte)' ', 3000), .. content]);
        Answer answer = await _folder.CopyAsync("--log-file", _folder.In("cal.fits"));
        Assert.Equal(2, answer.Code);
        Assert.Contains("is there, and is no log: it holds binary data. Name another file.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(3003, new FileInfo(_folder.In("cal.fits")).Length);
    }

    [Fact]
    public async Task A_log_is_appended_to_text_of_any_language()
    {
        // What is read of it may end within a letter.
        File.WriteAllText(_folder.In("log"), string.Concat(Enumerable.Repeat("ä€", 30_000)));
        Assert.Equal(0, (await _folder.CopyAsync("--log-file", _folder.In("log"))).Code);
        Assert.Contains("transfer.ended", File.ReadAllText(_folder.In("log")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time,flux\n1,2\n")]
    [InlineData("# Night\n\nRemarks\n")]
    [InlineData("import os\nprint(os)\n")]
    [InlineData("# only a remark\n")]
    public async Task A_list_of_failed_files_replaces_no_text_that_names_nothing(string content)
    {
        string file = _folder.In("obs.csv");
        File.WriteAllText(file, content);
        Answer answer = await _folder.CopyAsync("--failed", file);
        Assert.Equal(
            (2, $"godwit: --failed \"{file}\" holds lines that name nothing at SRC, and would be lost. Name another file, or remove it.\n"), (answer.Code, answer.Error));
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public async Task A_list_of_failed_files_is_replaced_also_when_nothing_of_it_is_there_any_more()
    {
        string file = _folder.In("failed");
        _folder.Put("gone", "x");
        Directory.CreateDirectory(_folder.In("dst/gone/in-the-way"));
        Assert.Equal(6, (await _folder.CopyAsync("--failed", file)).Code);
        Assert.Equal("gone\n", File.ReadAllText(file));
        Assert.Equal(6, (await _folder.CopyAsync("--failed", file)).Code);
        File.Delete(_folder.In("src/gone"));
        Directory.Delete(_folder.In("dst/gone"), recursive: true);
        Answer after = await _folder.CopyAsync("--failed", file);
        Assert.True(after.Code == 0, after.Error);
        Assert.Equal("", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("--failed", "--bandwidth-file", "raw/f1\n")]
    [InlineData("--log-file", "--bandwidth-file", "10M\n")]
    [InlineData("--log-file", "--files-from", "raw/f1\n")]
    [InlineData("--report", "--config", "defaults:\n")]
    [InlineData("--failed", "--config", "# notes\n")]
    public async Task What_the_command_reads_is_no_result(string result, string input, string content)
    {
        string file = _folder.In("input");
        File.WriteAllText(file, input == "--bandwidth-file" ? "10M\n" : content);
        Answer answer = await _folder.CopyAsync(result, file, input, file);
        Assert.Equal(2, answer.Code);
        Assert.Contains($"{result} \"{file}\" is ", answer.Error, StringComparison.Ordinal);
        Assert.Contains(input == "--config" ? "is the configuration, which" : $"is the file of {input}, which", answer.Error, StringComparison.Ordinal);
        Assert.Contains("this command reads. Name another file.", answer.Error, StringComparison.Ordinal);
        Assert.Empty(CommandLineFolder.Tree(_folder.Destination));
    }

    [Fact]
    public async Task A_list_of_a_check_is_not_the_list_that_it_reads()
    {
        Assert.Equal(0, (await _folder.CopyAsync("--manifest", _folder.In("sums"))).Code);
        File.WriteAllText(_folder.In("list"), "raw/f1\n");
        string[] check = ["check", _folder.Source, _folder.Destination, "--files-from", _folder.In("list"), "--match", _folder.In("list")];
        Answer answer = await _folder.RunBareAsync(check);
        Assert.True(answer.Code == 2 && answer.Error.Contains("is the file of --files-from, which this command reads", StringComparison.Ordinal), answer.Error);
    }

    [Theory]
    [InlineData("--report", "--failed", "Only one result can go to standard output")]
    [InlineData("--report", "--json", "--json has standard output already")]
    public async Task Standard_output_has_room_for_one_result(string one, string other, string says)
    {
        Answer answer = await _folder.CopyAsync([one, "-", .. other == "--json" ? (string[])[other] : [other, "-"]]);
        Assert.True(answer.Code == 2 && answer.Error.Contains(says, StringComparison.Ordinal), answer.Error);
    }

    [Fact]
    public async Task A_dash_is_standard_output_and_nothing_else_is_written_there()
    {
        (int code, string output, string error) = await SpawnAsync("exec \"$@\"", "copy", _folder.Source, _folder.Destination, "--report", "-", "--state", _folder.In("state"));
        Assert.True(code == 0, error);
        using var report = System.Text.Json.JsonDocument.Parse(output);
        Assert.Equal("copy", report.RootElement.GetProperty("verb").GetString());
        Assert.Contains("copy SUCCESS", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.In("-")));
    }

    [Fact]
    public async Task A_list_of_a_check_that_cannot_be_written_is_told_by_its_option_and_leaves_nothing()
    {
        Answer full = await _folder.RunBareAsync(["check", _folder.Source, _folder.Destination, "--combined", "/dev/full"]);
        Assert.Equal(1, full.Code);
        Assert.Contains("--combined \"/dev/full\" could not be written: No space left on device. Make room, or name another file.", full.Error, StringComparison.Ordinal);

        for (int i = 0; i < 3000; i++)
        {
            _folder.Put($"many/{i}", "");
        }

        // A limit stands for a full disk: each kilobyte more is refused.
        (int code, _, string error) = await SpawnAsync(
            "export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 4; exec \"$@\"",
            "check", _folder.Source, _folder.Destination, "--combined", _folder.In("c"), "--missing", _folder.In("m"), "--quiet");
        Assert.True(code == 1, $"{code}: {error}");
        Assert.Contains("could not be written: ", error, StringComparison.Ordinal);
        Assert.Contains("Make room, or name another file.", error, StringComparison.Ordinal);
        Assert.DoesNotContain(".partial", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public async Task A_sync_of_a_list_does_not_speak_of_deleting_what_it_never_deletes()
    {
        File.WriteAllText(_folder.In("dst/extra"), "x");
        File.WriteAllText(_folder.In("list"), "raw/f1\nextra\n");
        foreach (string[] more in (string[][])[["--dry-run"], ["--max-delete", "0"], []])
        {
            Answer answer = await RunAsync("sync", ["--files-from", _folder.In("list"), .. more]);
            Assert.Equal(6, answer.Code);
            Assert.DoesNotContain("deleted", answer.Output + answer.Error, StringComparison.Ordinal);
        }

        Assert.True(File.Exists(_folder.In("dst/extra")));
    }

    private async Task<(int Code, string Output, string Error)> SpawnAsync(string script, params string[] words)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "godwit.dll");
        var start = new ProcessStartInfo("bash", ["-c", script, "-", "dotnet", program, .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Root,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    private Task<Answer> RunAsync(string verb, params string[] options) =>
        _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. verb == "sync" ? options : options.Where(option => option != "--allow-empty-source")]);
}
