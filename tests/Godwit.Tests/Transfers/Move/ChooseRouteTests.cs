using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Move;

/// <summary>The table of routes, row by row.</summary>
public sealed class ChooseRouteTests
{
    private const long MiB = 1 << 20;
    private static readonly MemorySpace s_space = new(TimeProvider.System);
    private static readonly MemoryStoreOptions s_fetching = new() { ThirdPartyBytes = 32 * MiB, UnpublishedChecksum = true };

    [Theory]
    [InlineData("there", "", 64, "Parts", RouteReason.BytesNeeded, VerifyBy.ReadBack)]
    [InlineData("there", "", 64, "ThirdParty", RouteReason.BetweenServers)]
    [InlineData("there", "", 64, "ThirdParty", RouteReason.BetweenServers, VerifyBy.Size)]
    [InlineData("there", "", 32, "ThirdParty", RouteReason.BetweenServers)]
    [InlineData("there", "", 31, "Parts", RouteReason.Small)]
    [InlineData("there", "", 8, "OneCall", RouteReason.Small)]
    [InlineData("there", "UnpublishedChecksum", 64, "Parts", RouteReason.BytesNeeded)]
    [InlineData("there", "ThirdPartyCopy", 64, "Parts", RouteReason.OnlyWay)]
    [InlineData("there", "PartedWrite", 64, "OneCall", RouteReason.OnlyWay)]
    [InlineData("elsewhere", "", 64, "Parts", RouteReason.OnlyWay)]
    [InlineData("here", "", 64, "Parts", RouteReason.BytesNeeded)]
    [InlineData("here", "", 64, "Server", RouteReason.OneSystem, VerifyBy.Size)]
    [InlineData("here", "", 1, "Server", RouteReason.OneSystem, VerifyBy.Size)]
    [InlineData("here", "", 64, "Parts", RouteReason.BytesNeeded, VerifyBy.ReadBack)]
    [InlineData("here", "ServerCopy", 64, "ThirdParty", RouteReason.BetweenServers)]
    public async Task By_itself(string to, string without, long length, string route, RouteReason reason, VerifyBy verify = VerifyBy.Auto)
    {
        await using IStore source = At("here");
        await using IStore destination = At(to).Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        ChosenRoute chosen = ChooseRoute.For(source, destination, length * MiB, new TransferPolicy { Verify = verify });
        Assert.Equal((route, reason), (chosen.Route.ToString(), chosen.Reason));
    }

    [Fact]
    public async Task A_checksum_that_is_asked_for_is_computed_here()
    {
        await using IStore source = At("here");
        await using IStore destination = At("there");
        ChosenRoute chosen = ChooseRoute.For(source, destination, 64 * MiB, new TransferPolicy { Checksums = [ChecksumKind.Sha256] });
        Assert.Equal((Route.Parts, RouteReason.BytesNeeded), (chosen.Route, chosen.Reason));
    }

    [Theory]
    [InlineData(RouteChoice.Stream, "there", "OneCall")]
    [InlineData(RouteChoice.ThirdParty, "there", "ThirdParty")]
    [InlineData(RouteChoice.ThirdParty, "here", "ThirdParty")]
    [InlineData(RouteChoice.Server, "here", "Server")]
    public async Task What_is_asked_for_is_taken_whatever_the_length(RouteChoice asked, string to, string route)
    {
        await using IStore source = At("here");
        await using IStore destination = At(to);
        ChosenRoute chosen = ChooseRoute.For(source, destination, 1, new TransferPolicy { Route = asked });
        Assert.Equal((route, RouteReason.Asked), (chosen.Route.ToString(), chosen.Reason));
    }

    [Theory]
    [InlineData("elsewhere", "", "the other one is not in memory")]
    [InlineData("there", "ThirdPartyCopy", "does not do such a thing")]
    public async Task What_cannot_be_had_is_refused_with_the_reason(string to, string without, string why)
    {
        await using IStore source = At("here");
        await using IStore destination = At(to).Without(without.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        StoreException refusal = Assert.Throws<StoreException>(
            () => ChooseRoute.For(source, destination, 64 * MiB, new TransferPolicy { Route = RouteChoice.ThirdParty }));
        Assert.Equal(StoreErrorKind.Unsupported, refusal.Kind);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("leave out --route third-party", refusal.Message, StringComparison.Ordinal);
    }

    private static MemoryStore At(string place) =>
        new(place == "elsewhere" ? new MemorySpace(TimeProvider.System) : s_space, place, s_fetching);
}
