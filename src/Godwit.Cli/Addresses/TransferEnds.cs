using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;
using Links = Godwit.Transfers.LinkPolicy;
using LocalLinks = Godwit.Backends.Local.LinkPolicy;

namespace Godwit.Cli.Addresses;

/// <summary>The two stores of a transfer, and the one file where it is not a tree.</summary>
/// <param name="Source">The tree to move, or the directory of the one file.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="Single">The one file; null for a tree.</param>
internal sealed record TransferEnds(IStore Source, IStore Destination, SingleFile? Single)
{
    /// <summary>Whether the one file was named through a link in its place.</summary>
    public bool IsThroughLink { get; init; }

    /// <summary>The name of a single file as it was typed, where its own may be another because that is a link; null for a directory.</summary>
    public StorePath? GivenName { get; init; }

    /// <summary>Where what is replaced or deleted is kept; null where it is lost.</summary>
    public IStore? Backup { get; init; }

    /// <summary>How the source is used as a drop box, whose files are in it in a form of their own; null where it is none.</summary>
    public DropBoxOptions? SourceBox { get; init; }

    /// <summary>The destination, likewise.</summary>
    public DropBoxOptions? DestinationBox { get; init; }

    /// <summary>What the two endpoints say that each side bears.</summary>
    public (SideLimits Source, SideLimits Destination) Limits { get; init; } = (SideLimits.None, SideLimits.None);

    /// <summary>Which store the source is for the ledger.</summary>
    public StoreIdentity SourceIdentity => IdentityOf(Source, SourceBox);

    /// <summary>Which store the destination is for the ledger.</summary>
    public StoreIdentity DestinationIdentity => IdentityOf(Destination, DestinationBox);

    /// <summary>The source as plans, reports and the ledger tell it; no secrets.</summary>
    public string SourceText => TextOf(SourceIdentity, Single?.Source);

    /// <summary>The destination, likewise.</summary>
    public string DestinationText => TextOf(DestinationIdentity, Single?.Destination);

    /// <summary>Where one side is, as a path of its store's space: the tree, or the one file.</summary>
    public StorePath At(StoreSide side) => side == StoreSide.Source
        ? Source.Identity.Absolute(Single?.Source ?? StorePath.Root)
        : Destination.Identity.Absolute(Single?.Destination ?? StorePath.Root);

    private static StoreIdentity IdentityOf(IStore store, DropBoxOptions? box) => box is null ? store.Identity : BoxLayouts.IdentityIn(store.Identity, box.Layout);

    private static string TextOf(StoreIdentity store, StorePath? file) => (store with { Root = store.Absolute(file ?? StorePath.Root) }).ToString();

    /// <summary>Finds out what the two addresses mean. Nothing is written.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The destination.</param>
    /// <param name="links">What happens to links below the source.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">The source is not there, the two lie in each other, or what is said of both
    /// is for one server.</exception>
    public static async Task<TransferEnds> FindAsync(Address from, Address to, Links links, Wiring wiring, CancellationToken ct)
    {
        new S3TwoEnds(wiring.S3, wiring).Require(from, to);
        from.Server?.Begin(from.Endpoint, wiring);
        to.Server?.Begin(to.Endpoint, wiring);
        StoreEntry? source;
        try
        {
            source = await LookAsync(from, wiring, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound && from.Bucket is not null)
        {
            // What is not there below a bucket is no error: the bucket itself is missing.
            throw new CommandException(ExitCode.DirectoryNotFound, $"SRC \"{from}\" is not there: {e.Message}");
        }

        if (source is null || (source.Kind != EntryKind.Directory && from.LooksLikeDirectory))
        {
            throw Missing(from, source is not null);
        }

        TransferEnds ends = source.Kind == EntryKind.Directory
            ? await TreeAsync(from, to, links, wiring, ct).ConfigureAwait(false)
            : await OneFileAsync(from, to, wiring, ct).ConfigureAwait(false);
        if (ends.Single is { } file && source.Kind != EntryKind.File)
        {
            throw new CommandException(ExitCode.Usage, $"SRC \"{from}\" is neither a file nor a directory: {file.Source} cannot be moved.");
        }

        return ends with { Limits = (SideLimits.Of(from.Endpoint), SideLimits.Of(to.Endpoint)) };
    }

    private static async Task<TransferEnds> TreeAsync(Address from, Address to, Links links, Wiring wiring, CancellationToken ct)
    {
        var following = new LocalOptions { Links = links == Links.Follow ? LocalLinks.Follow : LocalLinks.AsLinks };
        IStore source = Reach.Open(from, from.Path, following, wiring);
        IStore destination = Reach.Open(to, to.Path, new LocalOptions { CreateRoot = true, ReadsPastCache = true }, wiring);
        if (to.Bucket is null && await LookAsync(to, wiring, ct).ConfigureAwait(false) is { Kind: not EntryKind.Directory })
        {
            throw new CommandException(ExitCode.Usage, $"SRC \"{from}\" is a directory and DST \"{to}\" is not. Name a directory, or another place.");
        }

        await RefuseOverlapAsync(source, destination, ct).ConfigureAwait(false);
        return new TransferEnds(source, destination, null);
    }

    private static async Task<TransferEnds> OneFileAsync(Address from, Address to, Wiring wiring, CancellationToken ct)
    {
        // The file keeps the name that was typed; what it is read from is where a link in that place leads.
        StorePath real = from.Bucket is null ? Reach.RealPath(from, wiring) : from.Key;
        byte[] above = from.Bucket is null ? [(byte)'/', .. real.Parent.Bytes] : real.Parent.Bytes.ToArray();
        IStore source = Reach.Open(from, above, new LocalOptions(), wiring);
        bool into = to.LooksLikeDirectory
            || (to.Bucket is null && await LookAsync(to, wiring, ct).ConfigureAwait(false) is { Kind: EntryKind.Directory });
        IStore destination = Reach.Open(to, into ? to.Path : to.Directory, new LocalOptions { CreateRoot = true, ReadsPastCache = true }, wiring);
        var file = new SingleFile(StorePath.FromBytes(real.Name), StorePath.FromBytes(into ? from.LastName : to.LastName));
        if (destination.Identity.Space == source.Identity.Space && destination.Identity.Absolute(file.Destination) == real)
        {
            throw new CommandException(
                ExitCode.Usage, $"SRC and DST are the same file, \"{Shown(source.Identity, real)}\". Name another destination.");
        }

        return new TransferEnds(source, destination, file)
        {
            GivenName = StorePath.FromBytes(from.LastName),
            IsThroughLink = from.Bucket is null && await IsLinkAsync(from, wiring, ct).ConfigureAwait(false),
        };
    }

    private static async Task<bool> IsLinkAsync(Address address, Wiring wiring, CancellationToken ct)
    {
        IStore above = Reach.Open(address, address.Directory, new LocalOptions(), wiring);
        await using ConfiguredAsyncDisposable _ = above.ConfigureAwait(false);
        return above.Links is not null && await above.StatAsync(StorePath.FromBytes(address.LastName), ct).ConfigureAwait(false) is { Kind: EntryKind.Link };
    }

    /// <summary>A tree that is copied into itself never ends or overwrites what it reads.</summary>
    private static async Task RefuseOverlapAsync(IStore source, IStore destination, CancellationToken ct)
    {
        (StorePath from, StorePath to) = (source.Identity.Root, destination.Identity.Root);
        if (source.Identity.Space != destination.Identity.Space)
        {
            return;
        }

        (string here, string there) = (Shown(source.Identity, from), Shown(destination.Identity, to));
        if (from == to)
        {
            throw new CommandException(ExitCode.Usage, $"SRC and DST are the same directory, \"{here}\". Name another destination.");
        }

        if (to.IsBelow(from))
        {
            throw new CommandException(
                ExitCode.Usage, $"DST \"{there}\" lies inside SRC \"{here}\": the copy would be copied again. Name a destination outside.");
        }

        if (from.IsBelow(to) && await source.StatAsync(FirstName(from.RelativeTo(to)), ct).ConfigureAwait(false) is not null)
        {
            throw new CommandException(ExitCode.Usage,
                $"SRC \"{here}\" lies inside DST \"{there}\" and holds \"{FirstName(from.RelativeTo(to))}\": the copy would write into SRC itself. "
                + "Name another destination.");
        }
    }

    private static string Shown(StoreIdentity store, StorePath path) => store.Scheme == "file" ? $"/{path}" : $"{store.Space}/{path}";

    private static StorePath FirstName(StorePath path)
    {
        int slash = path.Bytes.IndexOf((byte)'/');
        return slash < 0 ? path : StorePath.FromBytes(path.Bytes[..slash]);
    }

    /// <summary>What is at an address, links followed; null for nothing, and for a link that leads nowhere.</summary>
    public static async Task<StoreEntry?> LookAsync(Address address, Wiring wiring, CancellationToken ct)
    {
        var found = AddressedEntry.Followed(address, wiring);
        await using ConfiguredAsyncDisposable _ = found.ConfigureAwait(false);
        if (found.Path.IsRoot && address.Bucket is null)
        {
            return new StoreEntry { Path = StorePath.Root, Kind = EntryKind.Directory };
        }

        try
        {
            StoreEntry? entry = await found.Store.StatAsync(found.Path, ct).ConfigureAwait(false);
            return entry is { Kind: EntryKind.Link } ? null : entry;
        }
        catch (StoreException e)
        {
            Reach.Sided(e, address);
            throw;
        }
    }

    private static CommandException Missing(Address from, bool file) => (file, from.LooksLikeDirectory) switch
    {
        (true, _) => new(ExitCode.DirectoryNotFound, $"SRC \"{from}\" is written like a directory and is a file. Leave out the last slash."),
        (_, true) => new(ExitCode.DirectoryNotFound, $"The directory SRC \"{from}\" is not there. Check its name, and that its disk is mounted."),
        _ => new(ExitCode.FileNotFound, $"SRC \"{from}\" is not there. Check its name, and that its disk is mounted."),
    };
}
