using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Record;

public sealed class TransferIdTests
{
    [Fact]
    public void An_id_is_the_ulid_of_its_moment_in_lower_case() => Assert.Equal(
        "01arz3ndek" + "tsv4rrffq69g5fav",
        TransferId.Of(DateTimeOffset.FromUnixTimeMilliseconds(1469922850259), [0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9, 0x93, 0x02, 0xbd, 0x5b]));

    [Fact]
    public void Later_ids_come_later()
    {
        string[] ids = [.. Enumerable.Range(0, 50).Select(at => TransferId.Of(DateTimeOffset.UnixEpoch.AddMilliseconds(at * 777), new byte[10]))];
        Assert.Equal(ids, ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Ids_of_one_moment_differ()
    {
        string[] ids = [.. Enumerable.Range(0, 1000).Select(_ => TransferId.New(TimeProvider.System))];
        Assert.Equal(1000, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(26, id.Length));
    }
}
