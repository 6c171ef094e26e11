using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Doctor;

/// <summary>One end of a transfer, as a doctor looks at it.</summary>
/// <param name="Address">Where.</param>
/// <param name="Store">The directory or prefix as a store, without layers.</param>
/// <param name="Writes">Whether it is written to.</param>
/// <param name="File">The one file of the source; null for a tree.</param>
internal sealed record DoctorEnd(Address Address, IStore Store, bool Writes, StorePath? File) : IAsyncDisposable
{
    /// <summary>Opens it. No server is asked.</summary>
    /// <param name="role"><c>SRC</c> or <c>DST</c>.</param>
    /// <param name="text">What was written.</param>
    /// <param name="writes">Whether it is written to.</param>
    /// <param name="configuration">The configuration; null where it cannot be used.</param>
    /// <param name="wiring">What the command line is connected to.</param>
    /// <exception cref="CommandException">It is no address, names no endpoint, or its secret cannot be had.</exception>
    public static DoctorEnd Open(string role, string text, bool writes, GodwitConfiguration? configuration, Wiring wiring)
    {
        Address address = AddressOf(role, text, configuration, wiring);
        StorePath? file = null;
        byte[] directory = address.Path;
        if (address is { Bucket: null, Server: null } && !writes && !address.LooksLikeDirectory)
        {
            // Of a single file, the directory is what has to be read.
            StorePath real = LocalStore.In(address.Path).Identity.Root;
            if (System.IO.File.Exists($"/{real}"))
            {
                file = StorePath.FromBytes(real.Name);
                directory = [(byte)'/', .. real.Parent.Bytes];
            }
        }

        IStore backend = Reach.Open(address, directory, new LocalOptions(), wiring);
        return new DoctorEnd(address, wiring.DressStore(backend, writes ? StoreSide.Destination : StoreSide.Source), writes, file);
    }

    /// <summary>What has to be well before it can be opened.</summary>
    public static IReadOnlyList<DiagnosisStep> Before(string role, string text, GodwitConfiguration? configuration, Wiring wiring)
    {
        Address address = AddressOf(role, text, configuration, wiring);
        return address.Server?.WayTo(address.Endpoint, wiring) ?? (IsSpecial(address) ? [NoPlace(address)] : []);
    }

    private static bool IsSpecial(Address address) => address.Bucket is null && InputFile.IsSpecial(ArgumentText.FromBytes(address.Path));

    private static DiagnosisStep NoPlace(Address address) => new("there", _ => ValueTask.FromResult<Finding?>(new Finding(
        FindingOutcome.Failed, $"{address} is a device, pipe or socket, and no place for files", "Name a file or a directory.")))
    {
        IsNeeded = true,
    };

    private static Address AddressOf(string role, string text, GodwitConfiguration? configuration, Wiring wiring) =>
        configuration is not null ? Address.Parse(role, text, wiring)
        : !Address.NamesEndpoint(text) ? Address.Parse(role, text)
        : throw new CommandException(
            ExitCode.Usage, $"{role} \"{ArgumentText.Show(text)}\" names an endpoint, and the configuration has faults: correct them first.");

    /// <summary>Whether what is to be read is there. Asked after the way to it was found good.</summary>
    public DiagnosisStep There(Wiring wiring) => new("there", async ct =>
    {
        if (File is null && (Address.Bucket is null || Address.Key.IsRoot))
        {
            return null;
        }

        // A prefix that holds nothing is a directory for the store that begins there; the whole bucket knows better.
        var top = AddressedEntry.FromTop(Address, wiring);
        await using ConfiguredAsyncDisposable closing = top.ConfigureAwait(false);
        (IStore store, StorePath path) = File is { } one ? (Store, one) : (top.Store, top.Path);
        return await store.StatAsync(path, ct).ConfigureAwait(false) switch
        {
            null => new Finding(FindingOutcome.Failed, $"there is nothing at {Address}", "Correct the name."),
            { Kind: EntryKind.File } entry => new Finding(FindingOutcome.Ok, $"a file of {entry.Length} bytes"),
            _ => null,
        };
    });

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
