using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;

namespace Godwit.ServerTests.Matrix;

/// <summary>What two stores can do together.</summary>
internal static class PairRoutes
{
    private static readonly (string Name, RouteChoice Choice)[] s_all =
        [("stream", RouteChoice.Stream), ("server", RouteChoice.Server), ("third-party", RouteChoice.ThirdParty)];

    /// <summary>The routes of a pair, as <c>--route</c> names them.</summary>
    public static IReadOnlyList<string> Of(IStore source, IStore destination) =>
        [.. s_all.Where(route => Has(source, destination, route.Choice)).Select(route => route.Name)];

    /// <summary>Whether a stopped transfer goes on inside a large file.</summary>
    public static bool GoesOnInside(IStore source, IStore destination) =>
        PairFacts.Of(source, destination, TransferPolicy.Default with { Route = RouteChoice.Stream }).GoesOnInside;

    /// <summary>What is chosen for a large file where nothing is said.</summary>
    public static string Usual(IStore source, IStore destination) => PairFacts.Of(source, destination, TransferPolicy.Default).Route;

    private static bool Has(IStore source, IStore destination, RouteChoice choice)
    {
        try
        {
            _ = PairFacts.Of(source, destination, TransferPolicy.Default with { Route = choice });
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
        {
            return false;
        }
    }
}
