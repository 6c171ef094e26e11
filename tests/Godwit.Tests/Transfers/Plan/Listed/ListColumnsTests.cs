using System.Text;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Tests.Transfers.Plan.Listed;

/// <summary>The columns of a list of files.</summary>
public sealed class ListColumnsTests
{
    private const string Md5 = "0cc175b9c0f1b6a831c399e269772661";

    [Theory]
    [InlineData("a", "a", "a", null)]
    [InlineData("a\tb", "a", "b", null)]
    [InlineData("a\t", "a", "a", null)]
    [InlineData("a\t\t", "a", "a", null)]
    [InlineData("d/a\tinto/", "d/a", "into/a", null)]
    [InlineData("d/a\t/", "d/a", "a", null)]
    [InlineData("a\t./b\r", "a", "b", null)]
    [InlineData("/a\t/b", "a", "b", null)]
    [InlineData("a\t\tmd5:" + Md5, "a", "a", "md5:" + Md5)]
    [InlineData("a\tb\tMD5:0CC175B9C0F1B6A831C399E269772661", "a", "b", "md5:" + Md5)]
    [InlineData("a\tb\t" + Md5, "a", "b", "md5:" + Md5)]
    [InlineData("a\tb\tadler32:00620062", "a", "b", "adler32:00620062")]
    [InlineData("\\a\\tb\tc\\\\d", "a\tb", "c\\d", null)]
    [InlineData("\\foo\tb", "\\foo", "b", null)]
    public async Task A_line_says(string line, string source, string destination, string? checksum)
    {
        ListedFile file = Assert.Single(await PathList.ReadLinesAsync(Bytes(line + "\n"), default));
        Assert.Equal((source, destination, checksum), (Text(file.Source), Text(file.Destination), file.Expected?.ToString()));
        ListedFile again = Assert.Single(await PathList.ReadLinesAsync(new MemoryStream([.. PathList.Line(file), (byte)'\n']), default));
        Assert.True(again.IsSame(file), Encoding.UTF8.GetString(PathList.Line(file)));
    }

    [Theory]
    [InlineData("a\tb\t00620062", "adler32 or crc32c")]
    [InlineData("a\tb\tmd5:00", "is no checksum")]
    [InlineData("a\tb\tsha9:" + Md5, "is no checksum")]
    [InlineData("a\tb\tzz75b9c0f1b6a831c399e269772661zz", "is no checksum")]
    [InlineData("a\t../b", "line 2")]
    [InlineData("a\tx/../../b", "line 2")]
    [InlineData("\tb", "names no file")]
    [InlineData("a\tb\t\tc", "4 columns")]
    public async Task What_a_line_cannot_say_is_refused_with_its_number(string line, string why)
    {
        FormatException fault = await Assert.ThrowsAsync<FormatException>(() => PathList.ReadLinesAsync(Bytes("first\n" + line + "\n"), default));
        Assert.StartsWith("line 2", fault.Message, StringComparison.Ordinal);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_that_NUL_ends_have_columns_too_and_one_that_begins_with_a_dot_is_one_path()
    {
        IReadOnlyList<ListedFile> files = await PathList.ReadNulAsync(Bytes($"a\nb\tc\\d\tmd5:{Md5}\0./x\ty\0plain\0"), default);
        Assert.Equal(["a\nb|c\\d|md5:" + Md5, "x\ty|x\ty|", "plain|plain|"], files.Select(file => $"{Text(file.Source)}|{Text(file.Destination)}|{file.Expected}"));
        byte[] written = [.. files.SelectMany(file => (byte[])[.. PathList.Item(file)!, 0])];
        Assert.Equal(files.Select(file => file with { Where = "" }), (await PathList.ReadNulAsync(new MemoryStream(written), default)).Select(file => file with { Where = "" }));
        Assert.Null(PathList.Item(new ListedFile(StorePath.FromText("a"), StorePath.FromText("b\tc"))));
    }

    [Fact]
    public void Two_lines_that_give_one_name_are_told_with_both_numbers()
    {
        Assert.Equal(["line 1 and line 2 both give \"x\". Give each file a name of its own."], Faults(File("a", "x", 1), File("b", "x", 2)));
        Assert.Equal(
            ["line 1 makes \"x\" a file, and line 3 needs it as a directory. Give one of them another name."],
            Faults(File("a", "x", 1), File("b", "x y", 2), File("c", "x/d", 3)));
        Assert.Empty(Faults(File("a", "x", 1), File("a", "x", 2), File("b", "xy", 3), File("a", "z", 4)));
        var known = new Checksum(ChecksumKind.Adler32, [0, 0, 0, 1]);
        Assert.Contains("line 1 and line 2", Assert.Single(Faults(File("a", "x", 1), File("a", "x", 2) with { Expected = known })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_move_takes_each_file_once_and_nothing_goes_into_the_source()
    {
        ListedFile[] twice = [File("a", "x", 1), File("a", "y", 2)];
        Assert.Empty(Faults(twice));
        Assert.Contains("line 1 and line 2 both take \"a\"", Assert.Single(new ListedFiles(twice).Faults(Place("s", "in"), Place("d", "out"), true)), StringComparison.Ordinal);
        ListedFiles into = new([File("a", "in/b", 1)]);
        Assert.Contains("into SRC itself", Assert.Single(into.Faults(Place("s", "top/in"), Place("s", "top"), false)), StringComparison.Ordinal);
        Assert.Empty(into.Faults(Place("s", "top/in"), Place("other", "top"), false));
    }

    private static IReadOnlyList<string> Faults(params ListedFile[] files) => new ListedFiles(files).Faults(Place("s", "in"), Place("d", "out"), false);

    private static StoreIdentity Place(string space, string root) => new("file", space, StorePath.FromText(root));

    private static ListedFile File(string source, string destination, int line) =>
        new(StorePath.FromText(source), StorePath.FromText(destination)) { Where = $"line {line}" };

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Text(StorePath path) => Encoding.UTF8.GetString(path.Bytes);
}
