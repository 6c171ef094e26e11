using System.Globalization;
using Godwit.Storage;

namespace Godwit.Tests.Storage;

public sealed class TimestampTests
{
    [Theory]
    [InlineData("9999-12-31T23:59:59Z", long.MaxValue)]
    [InlineData("2999-01-01T00:00:00Z", long.MaxValue)]
    [InlineData("0001-01-01T00:00:00Z", long.MinValue)]
    [InlineData("1970-01-01T00:00:01Z", 1_000_000_000)]
    public void A_moment_that_nobody_can_count_becomes_the_nearest_end(string moment, long nanoseconds) =>
        Assert.Equal(nanoseconds, Timestamp.From(DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture)).Nanoseconds);
}
