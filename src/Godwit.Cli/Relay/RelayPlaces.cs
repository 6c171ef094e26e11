using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Relay;

/// <summary>A box and a tree beside it, each with its layers.</summary>
/// <param name="Box">The store that the box is in.</param>
/// <param name="Tree">The tree.</param>
/// <param name="Layout">How the box keeps files.</param>
internal sealed record RelayPlaces(IStore Box, IStore Tree, BoxLayout Layout) : IAsyncDisposable
{
    /// <summary>Opens both.</summary>
    /// <param name="box">The box.</param>
    /// <param name="tree">The source or the destination.</param>
    /// <param name="layout">How the box keeps files.</param>
    /// <param name="makesBox">Whether a box that is not there is made by the first file.</param>
    /// <param name="bandwidth">What the bytes of the tree pass; null for no limit.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">One is not there, or one lies in the other.</exception>
    public static async Task<RelayPlaces> OpenAsync(
        Address box, Address tree, BoxLayout layout, bool makesBox, LimitBandwidth? bandwidth, Wiring wiring, CancellationToken ct)
    {
        new S3TwoEnds(wiring.S3, wiring).Require(box, tree);
        RelayEnds.RefuseOverlap("TREE", tree, box, wiring);
        IStore inner = Reach.Open(box, box.Path, new LocalOptions { CreateRoot = makesBox }, wiring);
        IStore outer = Reach.Open(tree, tree.Path, new LocalOptions { ReadsPastCache = true }, wiring);
        StoreStackOptions layers = Reach.LayersFor(outer, StoreSide.Destination, SideLimits.Of(tree.Endpoint).Transfers) with { Bandwidths = bandwidth is null ? [] : [bandwidth] };
        var places = new RelayPlaces(
            Reach.Dress(inner, StoreSide.Source, wiring, SideLimits.Of(box.Endpoint).Transfers),
            StoreStack.Build(wiring.DressStore(outer, StoreSide.Destination), layers, wiring.Time),
            layout);
        try
        {
            if (!makesBox)
            {
                await Reach.RequireRootAsync(places.Box, box, "drop box", ct).ConfigureAwait(false);
            }

            await RelayLayout.RequireAsync(places.Box, box, layout, ct).ConfigureAwait(false);
            await Reach.RequireRootAsync(places.Tree, tree, "directory", ct).ConfigureAwait(false);
            return places;
        }
        catch
        {
            await places.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Box.DisposeAsync().ConfigureAwait(false);
        await Tree.DisposeAsync().ConfigureAwait(false);
    }
}
