using System.Text.Json;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

public sealed class OneStoreTests : IDisposable
{
    private readonly FilesFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_directory_is_listed_sorted_and_with_R_to_its_depth()
    {
        _folder.Put("b", "1");
        _folder.Put("a/c/d", "22");
        _folder.Put("a.txt", "");
        Assert.Equal(["a.txt", "a/", "b"], (await _folder.RunAsync("ls", _folder.Root)).Lines);
        Assert.Equal(["a.txt", "a/", "a/c/", "a/c/d", "b"], (await _folder.RunAsync("ls", "-R", _folder.Root)).Lines);
        Assert.Equal(["a/c/d"], (await _folder.RunAsync("ls", "-R", _folder.Root, "--include", "/a/**")).Lines);
        Assert.Equal(["a.txt", "b"], (await _folder.RunAsync("ls", "-R", _folder.Root, "--max-depth", "1")).Lines);
        Assert.Equal(["a.txt"], (await _folder.RunAsync("ls", "-R", _folder.Root, "--filter", "- b", "--filter", "- /a/")).Lines);
        Assert.Equal(["b"], (await _folder.RunAsync("ls", _folder.In("b"))).Lines);
        Assert.Equal("a.txt\0a/\0b\0", (await _folder.RunAsync("ls", "-0", _folder.Root)).Text);
        JsonElement line = JsonDocument.Parse((await _folder.RunAsync("ls", "--json", _folder.In("a/c"))).Lines[0]).RootElement;
        Assert.Equal(("d", "file", 2), (line.GetProperty("path").GetString(), line.GetProperty("kind").GetString(), line.GetProperty("bytes").GetInt32()));
    }

    [Fact]
    public async Task What_is_not_there_is_3_where_it_looks_like_a_directory_and_else_4()
    {
        foreach (string verb in (string[])["ls", "stat", "cat", "rm"])
        {
            Assert.Equal((verb, 3), (verb, (await _folder.RunAsync(verb, _folder.In("gone/"))).Code));
            Assert.Equal((verb, 4), (verb, (await _folder.RunAsync(verb, _folder.In("gone"))).Code));
            Assert.Equal((verb, 4), (verb, (await _folder.RunAsync(verb, _folder.In("gone/below"))).Code));
        }
    }

    [Fact]
    public async Task A_name_cannot_move_a_terminals_cursor()
    {
        _folder.Put("esc\x1b[31m\n", "x");
        Said shown = await _folder.RunAsync([], true, "ls", _folder.Root);
        Assert.Equal(@"esc\x1b[31m\x0a" + "\n", shown.Text);
        Said summed = await _folder.RunAsync([], true, "checksum", "-r", _folder.Root);
        Assert.DoesNotContain('\x1b', summed.Text);
        Assert.Equal("\\esc\x1b[31m\\n\n", (await _folder.RunAsync("ls", _folder.Root)).Text);
    }

    [Fact]
    public async Task Stat_says_what_is_there_and_does_not_follow_a_link()
    {
        _folder.Put("a", "123");
        File.CreateSymbolicLink(_folder.In("link"), "a");
        Said file = await _folder.RunAsync("stat", _folder.In("a"));
        Assert.Contains("bytes     3\n", file.Text, StringComparison.Ordinal);
        JsonElement link = JsonDocument.Parse((await _folder.RunAsync("stat", "--json", _folder.In("link"))).Text).RootElement;
        Assert.Equal(("link", "a"), (link.GetProperty("kind").GetString(), link.GetProperty("link_target").GetString()));
        Assert.Contains("directory", (await _folder.RunAsync("stat", _folder.Root + "/")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0123456789")]
    [InlineData("23456789", "--offset", "2")]
    [InlineData("234", "--offset", "2", "--count", "3")]
    [InlineData("89", "--offset=-2")]
    [InlineData("", "--offset", "10")]
    [InlineData("", "--offset", "99")]
    [InlineData("01", "--count", "2")]
    public async Task Cat_writes_the_bytes_that_were_asked_for(string expected, params string[] options)
    {
        _folder.Put("a", "0123456789");
        Said said = await _folder.RunAsync(["cat", _folder.In("a"), .. options]);
        Assert.Equal((0, expected), (said.Code, said.Text));
    }

    [Fact]
    public async Task Cat_of_a_directory_is_refused() => Assert.Equal(2, (await _folder.RunAsync("cat", _folder.Root)).Code);

    [Fact]
    public async Task Rm_deletes_what_is_below_and_nothing_that_a_link_leads_to()
    {
        foreach (byte[] name in FilesFolder.HostileNames)
        {
            _folder.Put([.. "d/x/"u8, .. name], "x");
        }

        _folder.Put("kept/file", "x");
        Directory.CreateSymbolicLink(_folder.In("d/x/out"), _folder.In("kept"));
        Directory.CreateSymbolicLink(_folder.In("link"), _folder.In("kept"));
        Assert.Equal(2, (await _folder.RunAsync("rm", _folder.In("d"))).Code);
        Assert.True(Directory.Exists(_folder.In("d/x")));
        Assert.Equal(0, (await _folder.RunAsync("rm", "-r", _folder.In("d"))).Code);
        Assert.Equal(3, (await _folder.RunAsync("rm", "-r", _folder.In("link/"))).Code);
        Assert.Equal(0, (await _folder.RunAsync("rm", "-r", _folder.In("link"))).Code);
        Assert.Equal(["kept", "kept/file"], Directory.EnumerateFileSystemEntries(_folder.Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder.Root, path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_rm_cannot_delete_does_not_stop_the_rest_and_is_told_once()
    {
        _folder.Put("d/x/a", "1");
        _folder.Put("d/x/b", "1");
        _folder.Put("d/y/c", "1");
        _folder.DressStore = (store, _) => new LayeredStore(store, new RefusingLayer(StoreVerb.Delete, "a", StoreErrorKind.Forbidden));
        Said said = await _folder.RunAsync("rm", "-r", _folder.In("d"));
        Assert.Equal(6, said.Code);
        Assert.Equal(["d/x/a"], Directory.EnumerateFiles(_folder.Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder.Root, path)));
        Assert.False(Directory.Exists(_folder.In("d/y")));
        Assert.Contains("[forbidden] Next: ", Assert.Single(said.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/tmp/..")]
    [InlineData("/tmp/.")]
    public async Task Rm_of_a_root_is_refused(string url) => Assert.Equal(2, (await _folder.RunAsync("rm", "-r", url)).Code);

    [Fact]
    public async Task Mkdir_makes_what_is_missing_above_and_a_file_in_the_way_is_an_error()
    {
        Assert.Equal(0, (await _folder.RunAsync("mkdir", _folder.In("a/b/c"))).Code);
        Assert.Equal(0, (await _folder.RunAsync("mkdir", _folder.In("a/b/c/"))).Code);
        Assert.True(Directory.Exists(_folder.In("a/b/c")));
        _folder.Put("file", "x");
        Said said = await _folder.RunAsync("mkdir", _folder.In("file/x"));
        Assert.Equal(6, said.Code);
        Assert.Contains($"godwit: \"{_folder.In("file/x")}\" could not be made", said.Error, StringComparison.Ordinal);
        Assert.Contains("[unsupported] Next: correct what the message says", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_of_filters_are_wrong_usage_and_said_together()
    {
        Said said = await _folder.RunAsync("ls", _folder.Root, "--include", "[a", "--min-size", "x", "--files-from", _folder.In("gone"));
        Assert.Equal(2, said.Code);
        Assert.All(["--include \"[a\"", "--min-size \"x\"", "--files-from"], part => Assert.Contains(part, said.Error, StringComparison.Ordinal));
    }
}
