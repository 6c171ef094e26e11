using Godwit.Storage;

namespace Godwit.Tests.Storage.Checksums;

public sealed class ChecksumSetTests
{
    [Fact]
    public void All_kinds_come_from_one_pass_each_once_and_in_the_order_asked_for()
    {
        byte[] bytes = new byte[100_000];
        new Random(11).NextBytes(bytes);
        ChecksumKind[] kinds = [.. Enum.GetValues<ChecksumKind>().Reverse()];
        using var set = new ChecksumSet([.. kinds, .. kinds]);
        set.Append(bytes.AsSpan(0, 70_001));
        set.Append([]);
        set.Append(bytes.AsSpan(70_001));

        Assert.Equal(kinds, set.Kinds);
        Assert.Equal(100_000, set.Length);
        Assert.Equal(kinds.Select(kind => PlainChecksums.Of(kind, bytes)), set.Finish());
        Assert.Equal(set.Finish(), set.Finish());
    }

    [Fact]
    public void A_set_of_no_kinds_counts_bytes()
    {
        using var set = new ChecksumSet([]);
        set.Append("four"u8);
        Assert.Equal(4, set.Length);
        Assert.Empty(set.Finish());
    }

    [Fact]
    public void A_set_with_something_that_is_not_a_kind_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChecksumSet([ChecksumKind.Md5, default]));
}
