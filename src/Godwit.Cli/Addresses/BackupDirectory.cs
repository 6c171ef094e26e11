using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>What <c>--backup-dir</c> names: a directory beside the destination, in the same system.</summary>
internal static class BackupDirectory
{
    /// <summary>The name of the option.</summary>
    public const string Option = "--backup-dir";

    /// <summary>The ends with the store for what is put aside. Nothing is written.</summary>
    /// <exception cref="CommandException">It is of another system than the destination, or lies in one of the ends, or around one.</exception>
    public static TransferEnds AddTo(TransferEnds ends, string text, Wiring wiring)
    {
        var address = Address.Parse(Option, text, wiring);
        return AddTo(ends, Reach.Open(address, address.Path, new LocalOptions { CreateRoot = true }, wiring));
    }

    /// <summary>The same, for a directory of the destination's own space that is known by its path there.</summary>
    /// <exception cref="CommandException">As above.</exception>
    public static TransferEnds AddTo(TransferEnds ends, Address destination, StorePath directory, Wiring wiring)
    {
        byte[] path = destination.Bucket is null ? [(byte)'/', .. directory.Bytes] : directory.Bytes.ToArray();
        return AddTo(ends, Reach.Open(destination, path, new LocalOptions { CreateRoot = true }, wiring));
    }

    private static TransferEnds AddTo(TransferEnds ends, IStore backup)
    {
        StoreIdentity there = backup.Identity;
        if (there.Space != ends.Destination.Identity.Space)
        {
            throw new CommandException(
                ExitCode.Usage, $"{Option} \"{there}\" is not in the same system or bucket as DST \"{ends.Destination.Identity}\". Name a directory there.");
        }

        // A single file touches nothing but its own place.
        RefuseOverlap(there, "DST", ends.Destination.Identity, ends.Single?.Destination);
        RefuseOverlap(there, "SRC", ends.Source.Identity, ends.Single?.Source);
        return ends with { Backup = backup };
    }

    private static void RefuseOverlap(StoreIdentity backup, string role, StoreIdentity end, StorePath? file)
    {
        StorePath at = file is { } one ? end.Absolute(one) : end.Root;
        bool within = backup.Root == at || backup.Root.IsBelow(at);
        bool around = file is null ? at.IsBelow(backup.Root) : at.Parent == backup.Root;
        if (backup.Space == end.Space && (within || around))
        {
            throw new CommandException(
                ExitCode.Usage, $"{Option} \"{backup}\" lies {(within ? "in" : "around")} {role} \"{end}\". Name a directory beside it.");
        }
    }
}
