using System.Text;
using System.Text.Json;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

public sealed class CheckTests : IDisposable
{
    private readonly FilesFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_equal_trees_are_the_same()
    {
        Both("a", "1");
        Both("d/b", "2");
        Said said = await CheckAsync();
        Assert.Equal((0, "2 the same"), (said.Code, said.Text[..10]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Patterns_that_take_nothing_are_no_proof(bool quiet)
    {
        Both("a.fits", "1");
        Both("d/b.fits", "2");
        Said said = await CheckAsync(["--include", "*.fitz", .. quiet ? (string[])["--quiet"] : []]);
        Assert.Equal(1, said.Code);
        Assert.Contains("nothing was compared: no file passed --include", said.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--min-size 1G", "no file passed the filters")]
    [InlineData("--max-age 1s", "no file passed the filters")]
    [InlineData("--files-from {empty}", "the list of --files-from is empty")]
    [InlineData("--files-from {nothing}", "no file that the list of --files-from names")]
    public async Task Filters_that_leave_nothing_to_compare_are_no_proof(string filter, string why)
    {
        Both("a.fits", "1");
        File.WriteAllText(_folder.In("empty"), "# nothing\n");
        Directory.CreateDirectory(_folder.In("src/d"));
        Directory.CreateDirectory(_folder.In("dst/d"));
        File.WriteAllText(_folder.In("nothing"), "d\n");
        string[] options = [.. filter.Split(' ').Select(word => word[0] == '{' ? _folder.In(word[1..^1]) : word)];
        Said said = await CheckAsync(options);
        Assert.Equal(1, said.Code);
        Assert.Contains($"nothing was compared: {why}", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_of_empty_trees_leave_nothing_out()
    {
        Directory.CreateDirectory(_folder.In("src"));
        Directory.CreateDirectory(_folder.In("dst"));
        Assert.Equal(0, (await CheckAsync("--exclude", "x*")).Code);
    }

    [Fact]
    public async Task A_list_that_is_a_directory_is_refused_by_its_option()
    {
        Both("a", "1");
        Said said = await CheckAsync("--combined", _folder.In("src"));
        Assert.Equal(2, said.Code);
        Assert.Contains("--combined", said.Error, StringComparison.Ordinal);
        Assert.Contains("is a directory", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_path_stands_in_the_lists_where_it_belongs()
    {
        Both("d/same", "1");
        Both("longer", "12");
        _folder.Put("dst/longer", "123");
        _folder.Put("src/only here", "x");
        _folder.Put("dst/only there", "y");
        Said said = await CheckAsync("--compare", "checksum", "--combined", _folder.In("combined"), "--missing", _folder.In("missing"),
            "--differ", _folder.In("differ"), "--match", _folder.In("match"), "--missing-on-src", _folder.In("extra"), "--error", _folder.In("error"));
        Assert.Equal(1, said.Code);
        Assert.Equal("= d/same\n* longer\n+ only here\n- only there\n", Read("combined"));
        Assert.Equal(("only here\n", "longer\n", "d/same\n", "only there\n", ""), (Read("missing"), Read("differ"), Read("match"), Read("extra"), Read("error")));
        Assert.Equal(1, (await CheckAsync("--one-way")).Code);
        Assert.Equal(0, (await CheckAsync("--one-way", "--include", "d/**", "--compare", "size")).Code);
    }

    [Theory]
    [InlineData(100)]
    [InlineData((4 << 20) + 100)]
    public async Task Other_bytes_of_the_same_length_and_time_are_seen_only_by_reading(int length)
    {
        Both("a", new string('x', length));
        string file = _folder.In("dst/a");
        DateTime time = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, new string('x', length - 1) + "y");
        File.SetLastWriteTimeUtc(file, time);
        File.SetLastWriteTimeUtc(_folder.In("src/a"), time);
        Assert.Equal(0, (await CheckAsync()).Code);
        Said read = await CheckAsync("--compare", "checksum");
        Assert.Equal((1, true), (read.Code, read.Text.Contains("* a: bytes differ", StringComparison.Ordinal)));
        Assert.Equal(1, (await CheckAsync("--download")).Code);
    }

    [Fact]
    public async Task Another_time_is_a_difference_unless_size_is_enough()
    {
        Both("a", "1");
        File.SetLastWriteTimeUtc(_folder.In("dst/a"), DateTime.UnixEpoch);
        Assert.Equal(1, (await CheckAsync()).Code);
        Assert.Equal(0, (await CheckAsync("--compare", "size")).Code);
        Assert.Equal(0, (await CheckAsync("--compare", "checksum")).Code);
    }

    [Fact]
    public async Task Names_in_lists_are_bytes_and_files_from_takes_them_back()
    {
        foreach (byte[] name in FilesFolder.HostileNames)
        {
            _folder.Put([.. "src/"u8, .. name], "x");
        }

        await CheckAsync("--missing", _folder.In("missing"));
        byte[] list = File.ReadAllBytes(_folder.In("missing"));
        Assert.Equal(FilesFolder.HostileNames.Count, list.Count(b => b == '\n'));
        Said said = await _folder.RunAsync(list, false, "ls", _folder.In("src"), "--files-from", "-", "-0");
        Assert.Equal(0, said.Code);
        Assert.Equal(FilesFolder.HostileNames.Count, said.Output.Count(b => b == 0));
    }

    [Fact]
    public async Task A_list_on_standard_output_stands_there_alone()
    {
        Both("a", "1");
        Assert.Equal("= a\n", (await CheckAsync("--combined", "-")).Text);
        Assert.Equal(2, (await CheckAsync("--combined", "-", "--match", "-")).Code);
    }

    [Fact]
    public async Task What_files_from_names_and_neither_side_has_is_an_error()
    {
        Both("a", "1");
        Said said = await _folder.RunAsync("a\ngone\n"u8.ToArray(), false, "check", _folder.In("src"), _folder.In("dst"), "--files-from", "-");
        Assert.Equal(6, said.Code);
        Assert.Contains("! gone", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_source_is_3_or_4_and_a_missing_destination_is_all_missing()
    {
        _folder.Put("src/a", "1");
        Assert.Equal(3, (await _folder.RunAsync("check", _folder.In("gone/"), _folder.In("dst"))).Code);
        Assert.Equal(4, (await _folder.RunAsync("check", _folder.In("gone"), _folder.In("dst"))).Code);
        Said said = await CheckAsync("--json");
        Assert.Equal(1, said.Code);
        Assert.Contains("\"missing_on_destination\":1", said.Text, StringComparison.Ordinal);
        Assert.Contains($"godwit: DST file:///{_folder.In("dst")[1..]} does not exist.", said.Error, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.In("dst"));
        Assert.Equal("", (await CheckAsync("--json")).Error);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("link")]
    [InlineData("filtered")]
    public async Task A_missing_destination_is_not_the_same_as_a_source_with_nothing_to_compare(string source)
    {
        Directory.CreateDirectory(_folder.In("src"));
        if (source == "link")
        {
            File.CreateSymbolicLink(_folder.In("src/link"), "nowhere");
        }
        else if (source == "filtered")
        {
            _folder.Put("src/a.txt", "1");
        }

        string[] options = source == "filtered" ? ["--max-size", "0"] : [];
        foreach (string[] more in (string[][])[[], ["--quiet"], ["--json"]])
        {
            Said said = await CheckAsync([.. options, .. more]);
            Assert.Equal(1, said.Code);
            Assert.Contains($"godwit: DST file:///{_folder.In("dst")[1..]} does not exist. Check its name.", said.Error, StringComparison.Ordinal);
        }

        Directory.CreateDirectory(_folder.In("dst"));
        Said there = await CheckAsync(options);
        Assert.Equal((source == "filtered" ? 1 : 0, false), (there.Code, there.Error.Contains("does not exist", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Where_no_directories_are_kept_an_empty_prefix_is_the_same_as_an_empty_source()
    {
        Directory.CreateDirectory(_folder.In("src"));
        await using var bucket = new MemoryStore(new MemorySpace(TimeProvider.System), "bucket");
        _folder.DressStore = (store, side) => side == StoreSide.Destination ? bucket : store;
        Assert.Equal(0, (await CheckAsync()).Code);
    }

    [Theory]
    [InlineData(StoreErrorKind.Forbidden, 6)]
    [InlineData(StoreErrorKind.Unavailable, 5)]
    public async Task What_lies_in_a_directory_that_could_not_be_listed_is_not_called_missing(StoreErrorKind kind, int code)
    {
        Both("a", "1");
        Both("d/b", "1");
        _folder.Put("src/z", "1");
        _folder.DressStore = (store, side) =>
            side == StoreSide.Destination ? new LayeredStore(store, new RefusingLayer(StoreVerb.List, "d", kind)) : store;
        Said said = await CheckAsync("--combined", _folder.In("combined"));
        Assert.Equal("= a\n! d\n! d/b\n+ z\n", string.Join('\n', Read("combined").TrimEnd('\n').Split('\n').Order(SortedByPath)) + "\n");
        Assert.Equal(code, said.Code);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_an_error_and_the_others_are_compared()
    {
        Both("a", "1");
        Both("b", "1");
        _folder.DressStore = (store, side) =>
            side == StoreSide.Destination ? new LayeredStore(store, new RefusingLayer(StoreVerb.OpenRange, "a", StoreErrorKind.Forbidden)) : store;
        Said said = await CheckAsync("--compare", "checksum", "--combined", _folder.In("combined"));
        Assert.Equal((6, "! a\n= b\n"), (said.Code, Read("combined")));
        Assert.Contains("[destination]", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_passed_over_or_compared_by_where_they_point()
    {
        Both("a", "1");
        File.CreateSymbolicLink(_folder.In("src/link"), "a");
        Said skipped = await CheckAsync();
        Assert.Equal((0, true), (skipped.Code, skipped.Text.Contains("1 links", StringComparison.Ordinal)));
        File.CreateSymbolicLink(_folder.In("dst/link"), "b");
        Assert.Equal(1, (await CheckAsync("--links", "keep")).Code);
    }

    [Theory]
    [InlineData("mtime", "mtime")]
    [InlineData("size", "size")]
    [InlineData("checksum", "reading")]
    public async Task Json_names_by_what_each_file_was_found_the_same_or_different(string compare, string by)
    {
        Both("a", "1");
        Both("longer", "12");
        _folder.Put("dst/longer", "123");
        _folder.Put("src/only here", "x");
        Said said = await CheckAsync("--json", "--compare", compare);
        JsonElement[] lines = [.. said.Text.TrimEnd('\n').Split('\n').Select(line => JsonElement.Parse(line))];
        string[] told = [.. lines[..^1].Select(line => line.TryGetProperty("by", out JsonElement word) ? word.GetString()! : "")];
        Assert.Equal([by, "size", ""], told);
        JsonElement counts = lines[^1].GetProperty("by");
        Assert.Equal(2, counts.EnumerateObject().Sum(count => count.Value.GetInt32()));
        Assert.Equal(by == "size" ? 2 : 1, counts.GetProperty(by).GetInt32());
    }

    private static Comparer<string> SortedByPath { get; } =
        Comparer<string>.Create((a, b) => string.CompareOrdinal(a[2..], b[2..]));

    private Task<Said> CheckAsync(params string[] options) => _folder.RunAsync(["check", _folder.In("src"), _folder.In("dst"), .. options]);

    private void Both(string name, string content)
    {
        _folder.Put("src/" + name, content);
        _folder.Put("dst/" + name, content);
        File.SetLastWriteTimeUtc(_folder.In("src/" + name), DateTime.UnixEpoch.AddDays(1));
        File.SetLastWriteTimeUtc(_folder.In("dst/" + name), DateTime.UnixEpoch.AddDays(1));
    }

    private string Read(string list) => File.ReadAllText(_folder.In(list), Encoding.UTF8);
}
