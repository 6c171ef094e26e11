using Godwit.Storage;

namespace Godwit.Tests.Storage;

public sealed class StorePathTests
{
    [Theory]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("..")]
    [InlineData("./a")]
    [InlineData("a\0b")]
    public void A_path_that_could_lead_elsewhere_is_refused(string text) =>
        Assert.Equal(StoreErrorKind.InvalidRequest, Assert.Throws<StoreException>(() => StorePath.FromText(text)).Kind);

    [Theory]
    [InlineData("..a")]
    [InlineData("...")]
    [InlineData("-rf")]
    [InlineData("a b/c\nd")]
    public void An_odd_name_is_a_name(string text) => Assert.Equal(text.Replace("\n", "\\x0a", StringComparison.Ordinal), StorePath.FromText(text).ToString());

    [Fact]
    public void Bytes_that_are_not_text_come_back_from_their_escape()
    {
        byte[] bytes = [0x61, 0xff, 0x0a, (byte)'\\', (byte)'x', 0x34, 0x31, 0xc3, 0xa4];
        Assert.Equal(@"a\xff\x0a\x5cx41ä", PathText.Escape(bytes));
        Assert.Equal(bytes, PathText.Unescape(PathText.Escape(bytes)));
    }

    [Fact]
    public void A_directory_stands_right_before_its_contents()
    {
        string[] inOrder = ["a", "a-b", "a.txt", "a/", "a/b", "a0"];
        var shuffled = inOrder.Reverse().Select(Entry).ToList();
        shuffled.Sort(StoreEntry.CompareByKey);
        Assert.Equal(inOrder, shuffled.Select(Text));
    }

    [Fact]
    public void A_name_below_an_escaping_prefix_is_not_below() =>
        Assert.False(StorePath.FromText("ab/c").IsBelow(StorePath.FromText("a")));

    [Fact]
    public void Times_before_1970_keep_their_nanoseconds()
    {
        var time = Timestamp.FromUnix(-1, 999_999_999);
        Assert.Equal("1969-12-31T23:59:59.999999999Z", time.ToString());
        Assert.Equal(-1_000_000_000, time.Floor(1_000_000_000).Nanoseconds);
    }

    private static StoreEntry Entry(string key) => new()
    {
        Path = StorePath.FromText(key.TrimEnd('/')),
        Kind = key.EndsWith('/') ? EntryKind.Directory : EntryKind.File,
    };

    private static string Text(StoreEntry entry) => entry.Path + (entry.Kind == EntryKind.Directory ? "/" : "");
}
