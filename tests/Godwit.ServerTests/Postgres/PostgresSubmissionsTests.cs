using Godwit.Conformance.Ledger;

namespace Godwit.ServerTests.Postgres;

/// <summary>The transfers that were handed to a service, in PostgreSQL.</summary>
public sealed class PostgresSubmissionsTests
{
    public static TheoryData<string> Sentences => [.. SubmissionKit.Checks.Select(check => check.Says)];

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task The_contract_holds(string sentence)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await SubmissionKit.Checks.Single(check => check.Says == sentence).ProveAsync(async () => await place.OpenSubmissionsAsync());
    }
}
