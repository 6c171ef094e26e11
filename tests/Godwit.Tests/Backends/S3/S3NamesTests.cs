using System.Text;
using System.Text.Unicode;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>Names that are not UTF-8 as keys. The pairs were read off rclone 1.60, which copied such files to a bucket and back.</summary>
public sealed class S3NamesTests
{
    public static TheoryData<string, string> AsRcloneDoes => new()
    {
        { "..x", "..x" },
        { "a\\xffb", "a‛FFb" },
        { "dir\\xff/．/x", "dir‛FF/．/x" },
        { "\\xc3(", "‛C3(" },
        { "\\xe2\\x80", "‛E2‛80" },
        { "\\xed\\xa0\\x80", "‛ED‛A0‛80" },
        { "\\xf4\\x90\\x80\\x80", "‛F4‛90‛80‛80" },
        { "‛‛", "‛‛" },
        { "‛‛FF", "‛‛FF" },
        { "‛‛．", "‛‛．" },
        { "‛␀", "‛␀" },
        { "‛．", "‛．" },
        { "‛／", "‛／" },
        { "␀", "␀" },
        { "．", "．" },
        { "．．", "．．" },
        { "\uFFFD", "\uFFFD" },
    };

    public static TheoryData<string, string> WhereRcloneCannot => new()
    {
        { "‛", "‛" },
        { "‛FG", "‛FG" },
        { "‛ff", "‛ff" },
        { "‛41", "‛41" },
        { "‛2F", "‛2F" },
        { "‛FF", "‛E2‛80‛9BFF" },
        { "‛‛‛FF", "‛‛‛E2‛80‛9BFF" },
        { "‛\\xff", "‛E2‛80‛9B‛FF" },
    };

    [Theory]
    [MemberData(nameof(AsRcloneDoes))]
    [MemberData(nameof(WhereRcloneCannot))]
    public void A_name_and_its_key(string name, string key)
    {
        byte[] bytes = PathText.Unescape(name);
        Assert.Equal(key, Encoding.UTF8.GetString(S3Names.Encode(bytes)));
        Assert.Equal(bytes, S3Names.Decode(Encoding.UTF8.GetBytes(key)));
        Assert.Equal(Encoding.UTF8.GetByteCount(key), S3Names.LengthOf(StorePath.FromBytes(bytes)));
    }

    [Theory]
    [InlineData("‛C3‛A9")]
    [InlineData("‛E2‛80‛9B")]
    [InlineData("‛E2‛80‛9Bx")]
    [InlineData("\\xff")]
    public void A_key_that_no_path_has_is_none(string key) => Assert.Null(S3Names.Decode(PathText.Unescape(key)));

    [Fact]
    public void Every_name_has_a_key_of_its_own_that_is_UTF8_and_leads_nowhere_else()
    {
        byte[][] pieces = ["‛"u8.ToArray(), "‛"u8.ToArray(), [0xe2], [0x80], [0x9b], [0xff], "FF"u8.ToArray(), "E2"u8.ToArray(), "9"u8.ToArray(),
            "B"u8.ToArray(), "é"u8.ToArray(), "．"u8.ToArray(), "."u8.ToArray(), "/"u8.ToArray(), "2F"u8.ToArray(), "2E"u8.ToArray(), "x"u8.ToArray()];
        var random = new Random(1);
        var names = new Dictionary<string, string>();
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(1, 8)).SelectMany(_ => pieces[random.Next(pieces.Length)])];
            byte[] key = S3Names.Encode(bytes);
            Assert.True(Utf8.IsValid(key));
            Assert.Equal(bytes, S3Names.Decode(key));
            Assert.True(names.TryAdd(Convert.ToHexString(key), Convert.ToHexString(bytes)) || names[Convert.ToHexString(key)] == Convert.ToHexString(bytes));

            // Read as a key, the same bytes are a path of this key, or of none.
            byte[]? path = S3Names.Decode(bytes);
            Assert.True(path is null || S3Names.Encode(path).AsSpan().SequenceEqual(bytes));
            Assert.Equal(bytes.Count(b => b == '/'), (path ?? bytes).Count(b => b == '/'));
            Assert.Equal(bytes.Count(b => b == '.'), (path ?? bytes).Count(b => b == '.'));
        }
    }
}
