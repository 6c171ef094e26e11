using System.Text;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

public sealed class S3TextTests
{
    [Theory]
    [InlineData(1_234_567_890_123_456_789, "1234567890.123456789")]
    [InlineData(1_600_000_000_000_000_000, "1600000000")]
    [InlineData(1_500_000_000, "1.5")]
    [InlineData(1, "0.000000001")]
    [InlineData(0, "0")]
    [InlineData(-1, "-0.000000001")]
    [InlineData(-86_400_000_000_001, "-86400.000000001")]
    [InlineData(long.MaxValue, "9223372036.854775807")]
    [InlineData(long.MinValue, "-9223372036.854775808")]
    public void Times_are_written_as_rclone_does_and_read_back(long nanoseconds, string text)
    {
        Assert.Equal(text, S3Text.WriteTime(new Timestamp(nanoseconds)));
        Assert.Equal(nanoseconds, S3Text.ReadTime(text)!.Value.Nanoseconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("1.2.3")]
    [InlineData("1.x")]
    [InlineData("1e9")]
    public void What_is_no_time_is_none(string? text) => Assert.Null(S3Text.ReadTime(text));

    [Theory]
    [InlineData("a%20b+c%2Bd", "a b c+d")]
    [InlineData("100%25", "100%")]
    [InlineData("50%", "50%")]
    [InlineData("%E6%95%B0", "数")]
    [InlineData("数", "数")]
    public void Keys_of_listings_are_decoded(string text, string key) => Assert.Equal(key, Encoding.UTF8.GetString(S3Text.DecodeKey(text)));

    [Fact]
    public void The_etag_of_parts_is_that_of_their_checksums()
    {
        // 5 MiB of zeros and one more zero, as a server computed it.
        StoredPart[] parts =
        [
            new(1, 0, 5 << 20, "5f363e0e58a95f06cbe9bbc662c5dfb6"), new(2, 5 << 20, 1, "93b885adfe0da089cdf634904fd59f71"),
        ];
        Assert.EndsWith("-2", S3Upload.ETagOf(parts), StringComparison.Ordinal);
        Assert.Null(S3Upload.ETagOf([parts[0], parts[1] with { Token = "not-an-md5" }]));
        Assert.Null(S3Text.Md5Of("5f363e0e58a95f06cbe9bbc662c5dfb6-2", null, null));
        Assert.Null(S3Text.Md5Of("5f363e0e58a95f06cbe9bbc662c5dfb6", Amazon.S3.ServerSideEncryptionMethod.AWSKMS, null));
    }
}
