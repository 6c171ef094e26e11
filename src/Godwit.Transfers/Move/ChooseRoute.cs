using Godwit.Storage;

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
}

/// <summary>The route of a file: a pure function of two stores, a length and the policy.</summary>
internal static class ChooseRoute
{
    /// <summary>Files up to this go to a store that checks on arrival in one call instead of three.</summary>
    public const long OneCallBytes = 8L << 20;

    // Reading and writing a small file takes two calls, to have it copied and compare what both sides say of it four.
    private const long StreamedBytes = 1L << 20;

    /// <summary>Chooses.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: the policy forces a route that this pair does not have.</exception>
    public static Route For(IStore source, IStore destination, long length, TransferPolicy policy)
    {
        bool server = destination.ServerCopy?.CanCopyFrom(source.Identity) == true;
        return policy.Route switch
        {
            RouteChoice.Server when !server => throw new StoreException(
                StoreErrorKind.Unsupported, $"{destination.Identity} cannot copy from {source.Identity} by itself; leave out --route server."),
            RouteChoice.Server => Route.Server,

            // Without a checksum to compute, the bytes need not pass through here.
            RouteChoice.Auto when server && policy.Verify == VerifyBy.Size && policy.Checksums.Count == 0 => Route.Server,
            RouteChoice.Auto when server && length > StreamedBytes && policy.Verify == VerifyBy.Auto && policy.Checksums.Count == 0
                && TellsChecksums(source) && TellsChecksums(destination) => Route.Server,
            _ when destination.PartedWrite is null => Route.OneCall,
            _ when destination.ArrivalChecksum is not null && length <= OneCallBytes && policy.Verify == VerifyBy.Auto => Route.OneCall,
            _ => Route.Parts,
        };
    }

    /// <summary>Whether a look is enough to hold a file against its copy.</summary>
    private static bool TellsChecksums(IStore store) => store.StoredChecksum is { IsToldWithEntries: true };
}
