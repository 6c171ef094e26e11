using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>What one address means: a store and a path in it. The path is the root only for the root of everything.</summary>
/// <param name="Store">The store, with its layers.</param>
/// <param name="Path">The path in it.</param>
/// <param name="Address">The address, as it was written.</param>
internal sealed record AddressedEntry(IStore Store, StorePath Path, Address Address) : IAsyncDisposable
{
    /// <summary>The thing itself, also where it is a link; only <c>.</c> and <c>..</c> are followed.</summary>
    public static AddressedEntry Itself(Address address, Wiring wiring)
    {
        byte[] path = address.Path.AsSpan().TrimEnd((byte)'/').ToArray();
        ReadOnlySpan<byte> name = path.AsSpan()[(path.AsSpan().LastIndexOf((byte)'/') + 1)..];
        if (address.Bucket is not null || name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return Followed(address, wiring);
        }

        ReadOnlySpan<byte> above = path.AsSpan()[..^name.Length];
        IStore store = Reach.Open(address, above.IsEmpty ? "./"u8 : above, new LocalOptions(), wiring);
        return new AddressedEntry(Dress(store, address, wiring), StorePath.FromBytes(name), address);
    }

    /// <summary>What it leads to, where it is a link.</summary>
    public static AddressedEntry Followed(Address address, Wiring wiring)
    {
        if (address.Bucket is not null || address.Server is not null)
        {
            return FromTop(address, wiring);
        }

        StorePath real = Reach.RealPath(address, wiring);
        return new AddressedEntry(Dress(LocalStore.In([(byte)'/', .. real.Parent.Bytes]), address, wiring), StorePath.FromBytes(real.Name), address);
    }

    /// <summary>The same path, in the store of the whole machine, server or bucket: directories on the way may be missing.</summary>
    public static AddressedEntry FromTop(Address address, Wiring wiring) => address.Bucket is null
        ? new(Dress(Reach.Open(address, "/"u8, new LocalOptions(), wiring), address, wiring), Reach.RealPath(address, wiring), address)
        : new(Dress(Reach.Open(address, default, new LocalOptions(), wiring), address, wiring), address.Key, address);

    /// <summary>The directory as a store, so that what is in it is listed from its root.</summary>
    public static IStore Tree(Address address, Wiring wiring) =>
        Dress(Reach.Open(address, address.Path, new LocalOptions(), wiring), address, wiring);

    /// <summary>What is there.</summary>
    /// <exception cref="CommandException">Nothing is.</exception>
    public async ValueTask<StoreEntry> RequireAsync(CancellationToken ct)
    {
        if (Path.IsRoot && Address.Bucket is null)
        {
            return new StoreEntry { Path = Path, Kind = EntryKind.Directory };
        }

        StoreEntry? entry = null;
        try
        {
            entry = await Store.StatAsync(Path, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound && Address.Bucket is not null)
        {
            // What is not there below a bucket is no error: the bucket itself is missing.
            throw new CommandException(ExitCode.DirectoryNotFound, $"\"{Address}\" is not there: {e.Message}");
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.Unsupported)
        {
            // The directory that would hold it is missing, or is a file.
        }

        bool directory = Address.LooksLikeDirectory;
        return entry is not null && (!directory || entry.Kind == EntryKind.Directory)
            ? entry
            : throw new CommandException(
                directory ? ExitCode.DirectoryNotFound : ExitCode.FileNotFound,
                $"{(directory ? "The directory" : "URL")} \"{Address}\" is not there.");
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static IStore Dress(IStore backend, Address address, Wiring wiring) =>
        Reach.Dress(backend, address.Side == StoreSide.Destination ? StoreSide.Destination : StoreSide.Source, wiring);
}
