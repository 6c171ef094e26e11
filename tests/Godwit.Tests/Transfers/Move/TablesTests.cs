using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;
using Godwit.Transfers.Verify;

namespace Godwit.Tests.Transfers.Move;

public sealed class TablesTests
{
    [Theory]
    [InlineData(0, null, 0, 8L << 20)]
    [InlineData(1, null, 1, 8L << 20)]
    [InlineData(8L << 20, null, 1, 8L << 20)]
    [InlineData((8L << 20) + 1, null, 2, 8L << 20)]
    [InlineData(100, 10L, 20, 5)] // the wish is above what the store takes
    public void A_file_is_cut_within_the_limits(long length, long? wish, int count, long size)
    {
        var limits = wish is null ? new PartLimits() : new PartLimits { MaxBytes = 5 };
        var plan = PartPlan.For(length, wish, limits);
        Assert.Equal((count, size), (plan.Count, plan.PartSize));
    }

    [Fact]
    public void A_huge_file_gets_larger_parts_where_their_number_is_limited()
    {
        var plan = PartPlan.For(5L << 40, null, new PartLimits { MinBytes = 5 << 20, MaxParts = 10_000, MaxBytes = 5L << 30 });
        Assert.True(plan.Count <= 10_000);
        Assert.Equal(5L << 40, plan.OffsetOf(plan.Count) + plan.LengthOf(plan.Count));
    }

    [Theory]
    [InlineData(VerifyBy.Auto, "", "OnArrival")]
    [InlineData(VerifyBy.Auto, "ArrivalChecksum", "StoredAfter")]
    [InlineData(VerifyBy.Auto, "ArrivalChecksum StoredChecksum", "ReadAfter")]
    [InlineData(VerifyBy.ReadBack, "", "ReadAfter")]
    [InlineData(VerifyBy.Size, "", "Size")]
    public async Task The_proof_follows_from_what_the_store_can_do(VerifyBy verify, string without, string expected)
    {
        await using IStore store = new MemoryStore(new MemorySpace(TimeProvider.System), "bucket")
            .Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(expected, ChooseProof.For(store, verify).ToString());
    }

    [Fact]
    public async Task A_route_that_the_pair_does_not_have_is_refused_by_name()
    {
        await using var one = new MemoryStore(new MemorySpace(TimeProvider.System), "one", new MemoryStoreOptions());
        await using IStore other = one.Without(nameof(IStore.ServerCopy));
        StoreException refusal = Assert.Throws<StoreException>(
            () => ChooseRoute.For(one, other, 10, new TransferPolicy { Route = RouteChoice.Server }));
        Assert.Contains("--route server", refusal.Message, StringComparison.Ordinal);
    }
}
