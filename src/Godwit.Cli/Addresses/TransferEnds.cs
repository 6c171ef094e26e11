using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
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
    /// <summary>Finds out what the two addresses mean. Nothing is written.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The destination.</param>
    /// <param name="links">What happens to links below the source.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">The source is not there, or the two lie in each other.</exception>
    public static async Task<TransferEnds> FindAsync(Address from, Address to, Links links, CancellationToken ct)
    {
        StoreEntry? source = await LookAsync(from.LocalPath, ct).ConfigureAwait(false);
        if (source is null || (source.Kind != EntryKind.Directory && from.LooksLikeDirectory))
        {
            throw Missing(from, source is not null);
        }

        TransferEnds ends = source.Kind == EntryKind.Directory
            ? await TreeAsync(from, to, links, ct).ConfigureAwait(false)
            : await OneFileAsync(from, to, ct).ConfigureAwait(false);
        if (ends.Single is { } file && source.Kind != EntryKind.File)
        {
            throw new CommandException(ExitCode.Usage, $"SRC \"{from}\" is neither a file nor a directory: {file.Source} cannot be moved.");
        }

        return ends;
    }

    private static async Task<TransferEnds> TreeAsync(Address from, Address to, Links links, CancellationToken ct)
    {
        var source = LocalStore.In(
            from.LocalPath, new LocalOptions { Links = links == Links.Follow ? LocalLinks.Follow : LocalLinks.AsLinks });
        var destination = LocalStore.In(to.LocalPath, new LocalOptions { CreateRoot = true });
        if (await LookAsync(to.LocalPath, ct).ConfigureAwait(false) is { Kind: not EntryKind.Directory })
        {
            throw new CommandException(ExitCode.Usage, $"SRC \"{from}\" is a directory and DST \"{to}\" is not. Name a directory, or another place.");
        }

        await RefuseOverlapAsync(source, destination, ct).ConfigureAwait(false);
        return new TransferEnds(source, destination, null);
    }

    private static async Task<TransferEnds> OneFileAsync(Address from, Address to, CancellationToken ct)
    {
        // The file keeps the name that was typed; what it is read from is where a link in that place leads.
        StorePath real = LocalStore.In(from.LocalPath).Identity.Root;
        var source = LocalStore.In([(byte)'/', .. real.Parent.Bytes]);
        bool into = to.LooksLikeDirectory || await LookAsync(to.LocalPath, ct).ConfigureAwait(false) is { Kind: EntryKind.Directory };
        var destination = LocalStore.In(into ? to.LocalPath : to.Directory, new LocalOptions { CreateRoot = true });
        var file = new SingleFile(StorePath.FromBytes(real.Name), StorePath.FromBytes(into ? from.LastName : to.LastName));
        if (destination.Identity.Absolute(file.Destination) == real)
        {
            throw new CommandException(ExitCode.Usage, $"SRC and DST are the same file, \"/{real}\". Name another destination.");
        }

        return new TransferEnds(source, destination, file);
    }

    /// <summary>A tree that is copied into itself never ends or overwrites what it reads.</summary>
    private static async Task RefuseOverlapAsync(LocalStore source, LocalStore destination, CancellationToken ct)
    {
        (StorePath from, StorePath to) = (source.Identity.Root, destination.Identity.Root);
        if (from == to)
        {
            throw new CommandException(ExitCode.Usage, $"SRC and DST are the same directory, \"/{from}\". Name another destination.");
        }

        if (to.IsBelow(from))
        {
            throw new CommandException(
                ExitCode.Usage, $"DST \"/{to}\" lies inside SRC \"/{from}\": the copy would be copied again. Name a destination outside.");
        }

        if (from.IsBelow(to) && await source.StatAsync(FirstName(from.RelativeTo(to)), ct).ConfigureAwait(false) is not null)
        {
            throw new CommandException(ExitCode.Usage,
                $"SRC \"/{from}\" lies inside DST \"/{to}\" and holds \"{FirstName(from.RelativeTo(to))}\": the copy would write into SRC itself. "
                + "Name another destination.");
        }
    }

    private static StorePath FirstName(StorePath path)
    {
        int slash = path.Bytes.IndexOf((byte)'/');
        return slash < 0 ? path : StorePath.FromBytes(path.Bytes[..slash]);
    }

    /// <summary>What is at a path of this machine, links followed; null for nothing, and for a link that leads nowhere.</summary>
    private static async Task<StoreEntry?> LookAsync(byte[] path, CancellationToken ct)
    {
        StorePath real = LocalStore.In(path).Identity.Root;
        if (real.IsRoot)
        {
            return new StoreEntry { Path = StorePath.Root, Kind = EntryKind.Directory };
        }

        var parent = LocalStore.In([(byte)'/', .. real.Parent.Bytes]);
        await using ConfiguredAsyncDisposable _ = parent.ConfigureAwait(false);
        StoreEntry? entry = await parent.StatAsync(StorePath.FromBytes(real.Name), ct).ConfigureAwait(false);
        return entry is { Kind: EntryKind.Link } ? null : entry;
    }

    private static CommandException Missing(Address from, bool file) => (file, from.LooksLikeDirectory) switch
    {
        (true, _) => new(ExitCode.DirectoryNotFound, $"SRC \"{from}\" is written like a directory and is a file. Leave out the last slash."),
        (_, true) => new(ExitCode.DirectoryNotFound, $"The directory SRC \"{from}\" is not there. Check its name, and that its disk is mounted."),
        _ => new(ExitCode.FileNotFound, $"SRC \"{from}\" is not there. Check its name, and that its disk is mounted."),
    };
}
