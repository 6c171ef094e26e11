namespace Godwit.Tests.Cli;

/// <summary>The files that a run leaves: none is lost by another one, and none takes the place of what is no such result.</summary>
public sealed class ResultFilesTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public ResultFilesTests() => _folder.Put("a", "one");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--report", "--failed")]
    [InlineData("--manifest", "--log-file")]
    [InlineData("--plan", "--report", "--dry-run")]
    public async Task One_file_is_not_given_for_two_results(params string[] options)
    {
        string file = _folder.In("result");
        File.CreateSymbolicLink(_folder.In("link"), "result");
        foreach (string other in (string[])[file, Path.Combine(_folder.Root, "src", "..", "result"), _folder.In("link")])
        {
            Answer answer = await _folder.CopyAsync([options[0], file, options[1], other, .. options.Skip(2)]);
            Assert.Equal(2, answer.Code);
            Assert.Contains($"{options[0]}", answer.Error, StringComparison.Ordinal);
            Assert.Contains($"{options[1]}", answer.Error, StringComparison.Ordinal);
            Assert.Contains("both name the file", answer.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder.Destination));
            Assert.False(File.Exists(file));
        }
    }

    [Fact]
    public async Task One_file_is_not_given_for_two_lists_of_a_check()
    {
        Directory.CreateDirectory(_folder.Destination);
        string list = _folder.In("list");
        Answer answer = await _folder.RunBareAsync(["check", _folder.Source, _folder.Destination, "--missing", list, "--combined", list]);
        Assert.Equal(2, answer.Code);
        Assert.Contains($"--combined and --missing both name the file \"{list}\"", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_file_may_be_named_twice() =>
        Assert.Equal(0, (await _folder.CopyAsync("--report", "/dev/null", "--failed", "/dev/null", "--log-file", "/dev/null")).Code);

    [Theory]
    [InlineData("--report", "notes\n")]
    [InlineData("--report", "{\"v\":1,\"id\":\"x\",\"files\":[]}")]
    [InlineData("--failed", "a\0b")]
    [InlineData("--failed", "#!/bin/sh\n")]
    [InlineData("--failed", "{\n  \"v\": 1\n}\n")]
    [InlineData("--failed", "d41d8cd98f00b204e9800998ecf8427e  a\n")]
    [InlineData("--failed", "../out\n")]
    [InlineData("--plan", "{\"v\":1}\n", "--dry-run")]
    public async Task What_is_no_such_result_is_not_replaced(string option, string content, params string[] more)
    {
        string file = _folder.In("precious");
        File.WriteAllText(file, content);
        Answer answer = await _folder.CopyAsync([option, file, .. more]);
        Assert.Equal(2, answer.Code);
        Assert.Contains($"{option} \"{file}\" is there, and is no ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("it would be lost. Move it away, or name another file.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file));
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Theory]
    [InlineData("--combined", "a\n")]
    [InlineData("--missing", "a\0")]
    public async Task A_list_of_a_check_replaces_only_a_list(string option, string content)
    {
        Directory.CreateDirectory(_folder.Destination);
        string file = _folder.In("list");
        File.WriteAllText(file, content);
        string[] check = ["check", _folder.Source, _folder.Destination, option, file];
        Answer answer = await _folder.RunBareAsync(check);
        Assert.Equal(2, answer.Code);
        Assert.Equal(content, File.ReadAllText(file));
        File.WriteAllText(file, "");
        Assert.Equal(1, (await _folder.RunBareAsync(check)).Code);
        Assert.Equal(1, (await _folder.RunBareAsync(check)).Code);
        Assert.EndsWith("a\n", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_replace_those_of_the_run_before()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "a", "in-the-way"));
        string[] options =
        [
            "--report", _folder.In("report"), "--failed", _folder.In("failed"), "--manifest", _folder.In("manifest"), "--log-file", _folder.In("log"),
        ];
        for (int run = 0; run < 2; run++)
        {
            Assert.Equal(6, (await _folder.CopyAsync(options)).Code);
            Assert.Equal("a\n", File.ReadAllText(_folder.In("failed")));
            Answer planned = await _folder.CopyAsync("--dry-run", "--plan", _folder.In("plan"));
            Assert.True(planned.Code is 0 or 6, planned.Error);
        }
    }

    [Theory]
    [InlineData("failed-2026-11-20", '\n')]
    [InlineData("failed.10", '\n')]
    [InlineData("failed.0", '\n')]
    [InlineData("failed.list0", '\0')]
    [InlineData("failed0", '\0')]
    public async Task A_letter_and_0_at_the_end_of_its_name_make_a_list_one_of_NULs(string name, char end)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "a", "in-the-way"));
        Assert.Equal(6, (await _folder.CopyAsync("--failed", _folder.In(name))).Code);
        Assert.Equal($"a{end}", File.ReadAllText(_folder.In(name)));
    }

    [Fact]
    public async Task A_manifest_of_another_DST_is_refused()
    {
        string manifest = _folder.In("manifest");
        Assert.Equal(0, (await _folder.CopyAsync("--manifest", manifest)).Code);
        Answer answer = await _folder.RunAsync(["copy", _folder.Source, _folder.In("other"), "--manifest", manifest]);
        Assert.Equal(2, answer.Code);
        Assert.Contains(
            $"--manifest \"{manifest}\" lists \"a\", which is not at DST and was never delivered there: it is the manifest of another DST.",
            answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.In("other")));

        // What was delivered stays listed, also where somebody took it on since.
        File.Delete(Path.Combine(_folder.Destination, "a"));
        _folder.Put("b", "two");
        Answer again = await _folder.CopyAsync("--manifest", manifest);
        Assert.True(again.Code == 0, again.Error);
        Assert.Equal(2, File.ReadAllLines(manifest).Length);
    }

    [Theory]
    [InlineData("a\0b", "sha256", "a line of it is none that --manifest writes")]
    [InlineData("a\0b", "json", "it is not JSON")]
    [InlineData("[1]", "json", "it is JSON of another kind")]
    [InlineData("{\"a\":1}", "json", "it is JSON of another kind")]
    [InlineData("{\"a\":1}", "sha256", "it is JSON")]
    [InlineData("{\"files\":[{\"path\":\"x\"}]}", "json", "it is JSON of another kind")]
    public async Task What_is_no_manifest_is_told_in_plain_words(string content, string kind, string why)
    {
        string file = _folder.In("manifest");
        File.WriteAllText(file, content);
        Answer answer = await _folder.CopyAsync("--manifest", file, "--manifest-kind", kind);
        Assert.Equal(
            (2, $"godwit: --manifest \"{file}\" is there, and is not a manifest by --manifest-kind {kind}: {why}. It would be lost. Move it away, or name another file.\n"),
            (answer.Code, answer.Error));
        Directory.CreateDirectory(_folder.Destination);
        Answer check = await _folder.RunBareAsync(["check", "--manifest", file, _folder.Destination]);
        Assert.Equal(2, check.Code);
        Assert.Contains("is not a manifest: it ", check.Error, StringComparison.Ordinal);
        Assert.Contains("Name one that --manifest-kind json wrote, or a list that sha256sum or md5sum reads.", check.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_is_not_where_a_file_goes()
    {
        Directory.CreateDirectory(_folder.Destination);
        Answer answer = await _folder.CopyAsync("--report", Path.Combine(_folder.Destination, "a"));
        Assert.Equal(2, answer.Code);
        Assert.Contains("is where \"a\" of SRC goes: it would be lost. Name another file.", answer.Error, StringComparison.Ordinal);
        Answer single = await _folder.RunAsync(["copy", Path.Combine(_folder.Source, "a"), _folder.In("b"), "--log-file", _folder.In("b")]);
        Assert.Equal(2, single.Code);
        Assert.Equal(0, (await _folder.CopyAsync("--report", Path.Combine(_folder.Destination, "report"))).Code);
    }

    [Fact]
    public async Task A_file_of_the_source_is_no_result()
    {
        _folder.Put("notes", "an observer's\nremarks\n");
        string notes = Path.Combine(_folder.Source, "notes");
        Answer answer = await _folder.RunAsync(["move", _folder.Source, _folder.Destination, "--failed", notes]);
        Assert.Equal(2, answer.Code);
        Assert.Contains("is a file of SRC: it would be lost.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _folder.RunAsync(["copy", notes, _folder.In("b"), "--log-file", notes])).Code);

        // What an earlier run left there names what is there.
        File.WriteAllText(notes, "a\n");
        Assert.Equal(0, (await _folder.CopyAsync("--failed", notes)).Code);
    }
}
