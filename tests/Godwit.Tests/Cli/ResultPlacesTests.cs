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
    public async Task Text_that_names_nothing_is_kept_beside_a_list_of_failed_files(string content)
    {
        string file = _folder.In("obs.csv");
        File.WriteAllText(file, content);
        File.WriteAllText(file + ".~1~", "older");
        Answer answer = await _folder.CopyAsync("--failed", file);
        Assert.Equal(
            (0, $"godwit: What {file} held named nothing that is here or there: it is kept as {file}.~2~.\n"), (answer.Code, answer.Error));
        Assert.Equal(("", content, "older"), (File.ReadAllText(file), File.ReadAllText(file + ".~2~"), File.ReadAllText(file + ".~1~")));
    }

    [Fact]
    public async Task Text_that_names_nothing_stays_where_it_is_when_a_list_of_failed_files_is_not_written()
    {
        File.WriteAllText(_folder.In("notes"), "Remarks\n");
        Assert.Equal(0, (await _folder.CopyAsync("--failed", _folder.In("notes"), "--dry-run")).Code);
        Assert.Equal(2, (await _folder.CopyAsync("--failed", _folder.In("notes"), "--files-from", _folder.In("no-list"))).Code);
        Assert.Equal("Remarks\n", File.ReadAllText(_folder.In("notes")));
    }

    [Fact]
    public async Task A_list_of_failed_files_is_replaced_also_when_nothing_of_it_is_there_any_more()
    {
        string file = _folder.In("failed");
        for (int night = 0; night < 3; night++)
        {
            _folder.Put($"gone{night}", "x");
            Directory.CreateDirectory(_folder.In($"dst/gone{night}/in-the-way"));
            Answer answer = await _folder.CopyAsync("--failed", file, "--quiet");
            Assert.Equal(6, answer.Code);
            Assert.DoesNotContain(".~", answer.Error, StringComparison.Ordinal);
            Assert.Equal($"gone{night}\n", File.ReadAllText(file));
            File.Delete(_folder.In($"src/gone{night}"));
            Directory.Delete(_folder.In($"dst/gone{night}"), recursive: true);
        }

        Assert.Equal(new Answer(0, "", ""), await _folder.CopyAsync("--failed", file, "--quiet"));
        Assert.Equal("", File.ReadAllText(file));
        Assert.Empty(Directory.EnumerateFiles(_folder.Root, "*~"));
    }

    [Fact]
    public async Task A_list_that_feeds_the_run_by_another_name_is_kept_when_the_run_is_stopped()
    {
        File.WriteAllText(_folder.In("list"), "raw/f1\nnotes\n");
        File.CreateSymbolicLink(_folder.In("link"), "list");
        Answer stopped = await _folder.CopyAsync("--files-from", _folder.In("link"), "--failed", _folder.In("list"), "--max-transfer", "4");
        Assert.Equal(8, stopped.Code);
        Assert.Equal("raw/f1\nnotes\n", File.ReadAllText(_folder.In("list")));
    }

    [Fact]
    public async Task A_list_of_a_check_is_replaced_also_when_nothing_of_it_is_there_any_more()
    {
        string[] check = ["check", _folder.Source, _folder.Destination, "--missing", _folder.In("missing")];
        Assert.Equal(1, (await _folder.RunBareAsync(check)).Code);
        Directory.Delete(_folder.Source, recursive: true);
        _folder.Put("other", "x");
        Answer answer = await _folder.RunBareAsync(check);
        Assert.Equal((1, "", "other\n"), (answer.Code, answer.Error, File.ReadAllText(_folder.In("missing"))));
        Assert.False(File.Exists(_folder.In("missing.~1~")));
    }

    [Theory]
    [InlineData("--failed", "Monday: seeing was poor\nmore\n", "")]
    [InlineData("--report", "", null)]
    [InlineData("--manifest", "", null)]
    [InlineData("--failed", null, "")]
    [InlineData("--manifest", null, null)]
    [InlineData("--report", null, null)]
    public async Task A_result_that_is_a_link_is_written_where_the_link_leads(string option, string? before, string? after)
    {
        Directory.CreateDirectory(_folder.In("real"));
        (string link, string real) = (_folder.In("link"), _folder.In("real/file"));
        File.CreateSymbolicLink(link, "real/file");
        if (before is not null)
        {
            File.WriteAllText(real, before);
        }

        Answer first = await _folder.CopyAsync(option, link);
        Assert.True(first.Code == 0, first.Error);
        string long1 = File.ReadAllText(real);
        File.Delete(_folder.In("src/notes"));
        Answer second = await RunAsync("sync", option, link);
        Assert.True(second.Code == 0, second.Error);
        Assert.Equal("real/file", new FileInfo(link).LinkTarget);
        string now = File.ReadAllText(real);
        Assert.True(after is not null ? now == after : option == "--report" ? System.Text.Json.JsonDocument.Parse(now) is not null : now.Length < long1.Length, now);
        Assert.Equal(before is { Length: > 0 } ? before : null, File.Exists(real + ".~1~") ? File.ReadAllText(real + ".~1~") : null);
    }

    [Fact]
    public async Task A_list_of_a_check_that_is_a_link_is_written_where_the_link_leads()
    {
        Directory.CreateDirectory(_folder.In("real"));
        File.CreateSymbolicLink(_folder.In("link"), "real/list");
        string[] check = ["check", _folder.Source, _folder.Destination, "--missing", _folder.In("link")];
        Assert.Equal(1, (await _folder.RunBareAsync(check)).Code);
        Assert.Equal("notes\nraw/f1\n", File.ReadAllText(_folder.In("real/list")));
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        Assert.Equal(0, (await _folder.RunBareAsync(check)).Code);
        Assert.Equal(("", "real/list"), (File.ReadAllText(_folder.In("real/list")), new FileInfo(_folder.In("link")).LinkTarget));
    }

    [Theory]
    [InlineData("--missing", "Remarks of the night\nnothing else\n", true)]
    [InlineData("--combined", "+ 2 buckets\n- 1 mop\n", true)]
    [InlineData("--missing", "raw/f1\n", false)]
    [InlineData("--combined", "= gone\n+ notes\n", false)]
    [InlineData("--missing", "", false)]
    public async Task Text_that_names_nothing_is_kept_beside_a_list_of_a_check(string option, string content, bool isKept)
    {
        string file = _folder.In("list");
        File.WriteAllText(file, content);
        for (int run = 0; run < 2; run++)
        {
            Answer answer = await _folder.RunBareAsync(["check", _folder.Source, _folder.Destination, option, file]);
            Assert.Equal(1, answer.Code);
            Assert.Equal(isKept && run == 0, answer.Error.Contains(".~1~.", StringComparison.Ordinal));
        }

        Assert.Equal(isKept ? content : null, File.Exists(file + ".~1~") ? File.ReadAllText(file + ".~1~") : null);
        Assert.False(File.Exists(file + ".~2~"));
        Assert.Contains("notes", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_manifest_is_no_file_of_the_source(bool isThere)
    {
        string sums = _folder.In("src/raw/SHA256SUMS");
        if (isThere)
        {
            File.WriteAllText(sums, $"{new string('0', 64)}  f1\n");
        }

        SortedDictionary<string, string> before = CommandLineFolder.Tree(_folder.Root);
        Answer answer = await _folder.CopyAsync("--manifest", sums);
        Assert.Equal(
            (2, $"godwit: --manifest \"{sums}\" lies inside SRC: it would change after it is sent, or while. "
            + "Name a file outside, or leave it out with --exclude.\n"), (answer.Code, answer.Error));
        Assert.Equal(before, CommandLineFolder.Tree(_folder.Root));
        Assert.Equal(0, (await _folder.CopyAsync("--manifest", _folder.In("src/raw/sums"), "--exclude", "sums")).Code);
    }

    [Theory]
    [InlineData("ledger.db")]
    [InlineData("ledger.db-wal")]
    [InlineData("ledger.db-journal")]
    public async Task No_result_takes_the_place_of_a_ledger_that_is_to_come(string name)
    {
        Answer answer = await _folder.RunBareAsync(
            ["copy", _folder.Source, _folder.Destination, "--state", _folder.In("new"), "--report", _folder.In("new/" + name)]);
        Assert.True(answer.Code == 2, answer.Error);
        Directory.CreateDirectory(_folder.In("new"));
        answer = await _folder.RunBareAsync(
            ["copy", _folder.Source, _folder.Destination, "--state", _folder.In("new"), "--report", _folder.In("new/" + name)]);
        Assert.Equal(
            (2, $"godwit: --report \"{_folder.In("new/" + name)}\" is a file of the ledger, which this command reads. Name another file.\n"),
            (answer.Code, answer.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.In("new")));
    }

    [Theory]
    [InlineData("notes")]
    [InlineData("empty")]
    public async Task A_log_is_not_appended_to_a_file_that_has_another_name(string name)
    {
        _folder.Put("empty", "");
        string before = File.ReadAllText(_folder.In("src/" + name));
        using (var link = Process.Start("ln", [_folder.In("src/" + name), _folder.In("log")]))
        {
            await link.WaitForExitAsync();
        }

        Answer answer = await _folder.CopyAsync("--log-file", _folder.In("log"));
        Assert.Equal(
            (2, $"godwit: --log-file \"{_folder.In("log")}\" is there, and has another name too (a hard link): the file of that name would grow. "
            + "Name another file.\n"), (answer.Code, answer.Error));
        Assert.Equal(before, File.ReadAllText(_folder.In("src/" + name)));
    }

    [Fact]
    public async Task A_plan_is_a_file()
    {
        Answer answer = await _folder.CopyAsync("--dry-run", "--plan", "-");
        Assert.Equal((2, "godwit: --plan \"-\" is no file, and a plan is one that is read again. Name a file.\n"), (answer.Code, answer.Error));
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
