using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>How the bytes of one file go.</summary>
internal enum Route
{
    /// <summary>Through Godwit, by parts into an upload that is published once it is proved.</summary>
    Parts = 0,

    /// <summary>Through Godwit, in one call that publishes.</summary>
    OneCall,

    /// <summary>Within one system, without passing through Godwit.</summary>
    Server,

    /// <summary>From the source's server to the destination's, into an upload that is published once it is proved.</summary>
    ThirdParty,
}

/// <summary>A route, and why it was taken.</summary>
/// <param name="Route">The route.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct ChosenRoute(Route Route, RouteReason Reason)
{
    /// <summary>What receipts call it.</summary>
    public string Name => Route switch
    {
        Route.Server => Receipt.ServerRoute,
        Route.ThirdParty => Receipt.ThirdPartyRoute,
        _ => Receipt.StreamRoute,
    };
}

/// <summary>The route of a file: a pure function of two stores, a length and the policy, each row of whose table is a test.</summary>
internal static class ChooseRoute
{
    /// <summary>Files up to this go to a store that checks on arrival in one call instead of three.</summary>
    public const long OneCallBytes = 8L << 20;

    // Reading and writing a small file takes two calls, to have it copied and compare what both sides say of it four.
    private const long StreamedBytes = 1L << 20;

    /// <summary>Chooses.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: the policy forces a route that this pair does not have.</exception>
    public static ChosenRoute For(IStore source, IStore destination, long length, TransferPolicy policy) => policy.Route switch
    {
        RouteChoice.Server => CopiesItself(source, destination)
            ? new ChosenRoute(Route.Server, RouteReason.Asked)
            : throw Lacking($"{destination.Identity} cannot copy from {source.Identity} by itself", "server"),
        RouteChoice.ThirdParty => WhyNotFetched(source, destination) is { } why
            ? throw Lacking($"The server of {destination.Identity} cannot fetch from {source.Identity}: {why}", "third-party")
            : new ChosenRoute(Route.ThirdParty, RouteReason.Asked),
        RouteChoice.Stream => Streamed(destination, length, policy, RouteReason.Asked),
        _ => ByItself(source, destination, length, policy),
    };

    /// <summary>Chooses for a line of the plan: what a list says of its bytes is held against them here, and not every name can go from server to server.</summary>
    /// <exception cref="StoreException">As the other one.</exception>
    public static ChosenRoute For(IStore source, IStore destination, PlanItem item, TransferPolicy policy)
    {
        long length = item.Source.Length;
        if (item.Expected is not null)
        {
            return Streamed(destination, length, policy, RouteReason.BytesNeeded);
        }

        ChosenRoute chosen = For(source, destination, length, policy);
        return chosen is { Route: Route.ThirdParty, Reason: not RouteReason.Asked }
            && destination.ThirdPartyCopy!.RefusesName(source.ThirdPartySource!, item.Source.Path) is not null
            ? Streamed(destination, length, policy, RouteReason.Name)
            : chosen;
    }

    /// <summary>Through Godwit, in the way that suits the destination.</summary>
    public static ChosenRoute Streamed(IStore destination, long length, TransferPolicy policy, RouteReason reason)
    {
        bool inOneCall = destination.PartedWrite is null
            || (destination.ArrivalChecksum is not null && length <= OneCallBytes && policy.Verify == VerifyBy.Auto);
        return new ChosenRoute(inOneCall ? Route.OneCall : Route.Parts, reason);
    }

    /// <summary>The kind of checksum by which a file that went from server to server is proved: both servers tell it; null where there is none.</summary>
    public static ChecksumKind? SharedKind(IStore source, IStore destination)
    {
        IReadOnlyList<ChecksumKind> told = source.StoredChecksum?.Kinds ?? [];
        return destination.PartedWrite?.UnpublishedChecksum?.Kinds.Cast<ChecksumKind?>().FirstOrDefault(kind => told.Contains(kind!.Value));
    }

    private static ChosenRoute ByItself(IStore source, IStore destination, long length, TransferPolicy policy)
    {
        bool itself = CopiesItself(source, destination);
        bool fetched = !itself && WhyNotFetched(source, destination) is null;
        if (!itself && !fetched)
        {
            return Streamed(destination, length, policy, RouteReason.OnlyWay);
        }

        // Without a checksum to compute, the bytes need not pass through here.
        bool isProvedThere = policy.Checksums.Count == 0 && policy.Verify switch
        {
            VerifyBy.Size => true,
            VerifyBy.Auto => itself ? TellsChecksums(source) && TellsChecksums(destination) : SharedKind(source, destination) is not null,
            _ => false,
        };
        if (!isProvedThere)
        {
            return Streamed(destination, length, policy, RouteReason.BytesNeeded);
        }

        bool isSmall = itself ? length <= StreamedBytes && policy.Verify != VerifyBy.Size : length < destination.ThirdPartyCopy!.WorthBytes;
        return isSmall ? Streamed(destination, length, policy, RouteReason.Small)
            : itself ? new ChosenRoute(Route.Server, RouteReason.OneSystem)
            : new ChosenRoute(Route.ThirdParty, RouteReason.BetweenServers);
    }

    private static bool CopiesItself(IStore source, IStore destination) => destination.ServerCopy?.CanCopyFrom(source.Identity) == true;

    /// <summary>Why the destination's server cannot fetch from the source's; null when it can.</summary>
    private static string? WhyNotFetched(IStore source, IStore destination) =>
        destination is not { ThirdPartyCopy: { } copy, PartedWrite: not null } ? "it does not do such a thing"
        : source.ThirdPartySource is not { } there ? "no server gives that away to another"
        : copy.Refuses(there);

    /// <summary>Whether a look is enough to hold a file against its copy.</summary>
    private static bool TellsChecksums(IStore store) => store.StoredChecksum is { IsToldWithEntries: true };

    private static StoreException Lacking(string what, string route) =>
        new(StoreErrorKind.Unsupported, $"{what}; leave out --route {route}.");
}
