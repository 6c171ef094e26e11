using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>Opens the store that an address leads to, and says what belongs around it.</summary>
internal static class Reach
{
    /// <summary>The store whose root is this directory of the address's place.</summary>
    /// <param name="address">Which place.</param>
    /// <param name="directory">The directory there: a path of this machine or of the server, or one within the bucket.</param>
    /// <param name="local">How a local store behaves, and whether the root of another may be made and links are followed there.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    public static IStore Open(Address address, ReadOnlySpan<byte> directory, LocalOptions local, Wiring wiring) => address.Bucket is { } bucket
        ? wiring.S3.Open(bucket, StorePath.FromBytes(directory.TrimEnd((byte)'/')), address.Endpoint, wiring)
        : address.Server is { } server ? OpenOn(server, address, directory, local, wiring)
        : LocalStore.In(directory, local);

    /// <summary>Where the address leads, links resolved as far as it is there; from the top of this machine or of the server.</summary>
    public static StorePath RealPath(Address address, Wiring wiring) => address.Server is null
        ? LocalStore.In(address.Path).Identity.Root
        : Open(address, address.Path, new LocalOptions(), wiring).Identity.Root;

    /// <summary>Makes sure that a store's root is there. In a bucket, a prefix that holds nothing is.</summary>
    /// <param name="store">The store.</param>
    /// <param name="address">What it was opened by.</param>
    /// <param name="what">What the sentence calls it.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">The directory or the bucket is not there.</exception>
    public static async Task RequireRootAsync(IStore store, Address address, string what, CancellationToken ct)
    {
        string why = "Make it, or name another one.";
        try
        {
            if (await store.StatAsync(StorePath.Root, ct).ConfigureAwait(false) is { Kind: EntryKind.Directory })
            {
                return;
            }
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound && address.Bucket is not null)
        {
            why = e.Message;
        }

        throw new CommandException(ExitCode.DirectoryNotFound, $"The {what} \"{address}\" is not there. {why}");
    }

    /// <summary>Whose side the error is, where there are two.</summary>
    public static StoreException Sided(StoreException error, Address address)
    {
        error.Side = error.Side == StoreSide.Unknown ? address.Side : error.Side;
        return error;
    }

    /// <summary>An SFTP server is connected to at once: that can fail.</summary>
    private static IStore OpenOn(IServer server, Address address, ReadOnlySpan<byte> directory, LocalOptions local, Wiring wiring)
    {
        try
        {
            return server.Open(directory, local, address.Endpoint, wiring);
        }
        catch (StoreException e)
        {
            Sided(e, address);
            throw;
        }
    }

    /// <summary>The layers that a store gets: those behind a network are asked again, and not for ever; and no store more at once than it bears.</summary>
    /// <param name="backend">The store.</param>
    /// <param name="side">Which side of the run it is.</param>
    /// <param name="callsAtOnce">Reads, writes and other calls at once, of each so many; null for what the store bears by itself.</param>
    public static StoreStackOptions LayersFor(IStore backend, StoreSide side, int? callsAtOnce = null)
    {
        int? places = callsAtOnce ?? (backend is LocalStore ? null : backend.Limits.DefaultConcurrency);
        return (backend is LocalStore ? StoreStackOptions.Local : StoreStackOptions.Remote) with
        {
            Side = side,
            Concurrency = places is { } known ? new LimitConcurrency(known) : null,
        };
    }

    /// <summary>The store with its layers.</summary>
    public static IStore Dress(IStore backend, StoreSide side, Wiring wiring, int? callsAtOnce = null) =>
        StoreStack.Build(wiring.DressStore(backend, side), LayersFor(backend, side, callsAtOnce), wiring.Time);
}
