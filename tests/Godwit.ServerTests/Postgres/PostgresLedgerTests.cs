using Godwit.Conformance.Ledger;
using Godwit.Transfers.Record.Postgres;

namespace Godwit.ServerTests.Postgres;

/// <summary>The ledger in PostgreSQL.</summary>
public sealed class PostgresLedgerTests
{
    public static TheoryData<string> Sentences => [.. LedgerKit.Checks.Select(check => check.Says)];

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task The_contract_holds(string sentence)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await LedgerKit.Checks.Single(check => check.Says == sentence).ProveAsync(async time => await PostgresLedger.OpenAsync(place.Address, time, default));
    }

    [Fact]
    public async Task Its_size_is_that_of_the_database()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        Assert.InRange((await ledger.BytesAsync(default))!.Value, 1 << 20, 1L << 34);
    }
}
