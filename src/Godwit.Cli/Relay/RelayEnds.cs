using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;
using Links = Godwit.Transfers.LinkPolicy;

namespace Godwit.Cli.Relay;

/// <summary>The two stores of either half of a relay, one of which is a drop box.</summary>
internal static class RelayEnds
{
    /// <summary>What goes into a box. A box that is not there is made by the first file.</summary>
    /// <exception cref="CommandException">The source is not there, or one lies in the other.</exception>
    public static async Task<TransferEnds> IntoAsync(Address from, Address box, DropBoxOptions options, Wiring wiring, CancellationToken ct)
    {
        RefuseOverlap("SRC", from, box, wiring);
        await RelayLayout.RequireAsync(box, options.Layout, wiring, ct).ConfigureAwait(false);
        TransferEnds ends = await TransferEnds.FindAsync(from, box.AsDirectory(), Links.Skip, wiring, ct).ConfigureAwait(false);
        return ends with { DestinationBox = options };
    }

    /// <summary>What comes out of a box.</summary>
    /// <param name="box">The box. A bucket's prefix that holds nothing is an empty one; a directory that is not there is more likely mistyped.</param>
    /// <param name="to">Where it goes; made when it is not there.</param>
    /// <param name="only">The one file; null for all that waits.</param>
    /// <param name="layout">How the box keeps files.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">The box or the one file is not there, the destination is a file, or one lies in the other.</exception>
    public static async Task<TransferEnds> OutOfAsync(
        Address box, Address to, StorePath? only, BoxLayout layout, Wiring wiring, CancellationToken ct)
    {
        new S3TwoEnds(wiring.S3, wiring).Require(box, to);
        RefuseOverlap("DST", to, box, wiring);
        var options = new DropBoxOptions { Layout = layout, DeliversTo = to.ToString() };
        await RequireAsync(box, only, options, wiring, ct).ConfigureAwait(false);
        if (to.Bucket is null && await TransferEnds.LookAsync(to, wiring, ct).ConfigureAwait(false) is { Kind: not EntryKind.Directory })
        {
            throw new CommandException(ExitCode.Usage, $"DST \"{to}\" is not a directory. Name a directory, or another place.");
        }

        return new TransferEnds(
            Reach.Open(box, box.Path, new LocalOptions(), wiring),
            Reach.Open(to, to.Path, new LocalOptions { CreateRoot = true, ReadsPastCache = true }, wiring),
            only is { } path ? new SingleFile(path, path) : null)
        {
            SourceBox = options,
            Limits = (SideLimits.Of(box.Endpoint), SideLimits.Of(to.Endpoint)),
        };
    }

    private static async Task RequireAsync(Address box, StorePath? only, DropBoxOptions options, Wiring wiring, CancellationToken ct)
    {
        IStore inner = await OpenAsync(box, options.Layout, wiring, ct).ConfigureAwait(false);
        IStore store = BoxLayouts.Open(inner, options, wiring.Time);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        if (only is { } path && await store.StatAsync(path, ct).ConfigureAwait(false) is not { Kind: EntryKind.File })
        {
            throw new CommandException(
                ExitCode.FileNotFound, $"No file \"{path}\" waits in the drop box \"{box}\": it was delivered, or was never pushed.");
        }
    }

    /// <summary>The store that a box is in, with its layers.</summary>
    /// <exception cref="CommandException">It is not there, or has another layout.</exception>
    public static async Task<IStore> OpenAsync(Address box, BoxLayout layout, Wiring wiring, CancellationToken ct)
    {
        IStore inner = AddressedEntry.Tree(box, wiring);
        try
        {
            await Reach.RequireRootAsync(inner, box, "drop box", ct).ConfigureAwait(false);
            await RelayLayout.RequireAsync(inner, box, layout, ct).ConfigureAwait(false);
            return inner;
        }
        catch
        {
            await inner.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What a box is kept in must not be among the files that go through it.</summary>
    /// <exception cref="CommandException">It is.</exception>
    public static void RefuseOverlap(string role, Address place, Address box, Wiring wiring)
    {
        (StoreIdentity here, StoreIdentity there) = (IdentityOf(place, wiring), IdentityOf(box, wiring));
        if (here.Overlaps(there))
        {
            string how = here.Root == there.Root ? "are the same place"
                : here.Root.IsBelow(there.Root) ? "lie in each other: it is inside the drop box"
                : "lie in each other: the drop box is inside it";
            throw new CommandException(ExitCode.Usage, $"{role} \"{place}\" and the drop box \"{box}\" {how}. Name a box beside it.");
        }
    }

    private static StoreIdentity IdentityOf(Address address, Wiring wiring) =>
        Reach.Open(address, address.Path, new LocalOptions(), wiring).Identity;
}
