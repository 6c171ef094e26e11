using Godwit.Server.Metrics;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;

namespace Godwit.Tests.Server.Metrics;

public sealed class KnownScrapersTests
{
    private static readonly Token s_token = new("id", "hash", "mona", "", TokenRoles.Operator, default) { Expires = new Timestamp(100) };

    [Fact]
    public async Task Without_a_ledger_a_token_counts_until_it_expires_and_only_for_whoever_showed_it()
    {
        var known = new KnownScrapers();
        Assert.Same(s_token, await known.CheckAsync("text", new Timestamp(1), () => ValueTask.FromResult<Token?>(s_token)));
        Assert.Same(s_token, await known.CheckAsync("text", new Timestamp(99), Away));
        Assert.Null(await known.CheckAsync("text", new Timestamp(100), Away));
        await Assert.ThrowsAsync<LedgerException>(() => known.CheckAsync("other", new Timestamp(1), Away).AsTask());
    }

    private static ValueTask<Token?> Away() => throw new LedgerException("away");
}
