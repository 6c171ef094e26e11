using Godwit.Backends.Local;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Addresses;

/// <summary>A path as people name it to the ledger.</summary>
internal static class LedgerPlace
{
    /// <summary>Whether a path lies below the destination of a run, of whichever: it has no first slash, and is no address.</summary>
    public static bool IsBelowDestination(string text) =>
        text.Length > 0 && text[0] != '/' && (!text.Contains(':', StringComparison.Ordinal) || text.StartsWith("./", StringComparison.Ordinal));

    /// <summary>What is meant: an address is the place itself, and a path without a first slash lies below the destination of a run.</summary>
    /// <exception cref="CommandException">It can be no place.</exception>
    public static PlaceSearch Of(string option, string text, Wiring wiring)
    {
        if (IsBelowDestination(text))
        {
            return new PlaceSearch(null, Below(option, text));
        }

        var address = Address.Parse(option, text, wiring);
        if (address.Bucket is not null)
        {
            return new PlaceSearch(Reach.Open(address, default, new LocalOptions(), wiring).Identity.Space, address.Key);
        }

        // It is not asked: the ledger knows its paths as it told them.
        if (address.Server is SftpPlace { Server: var server })
        {
            return address.Path is [(byte)'/', ..]
                ? new PlaceSearch($"sftp://{server.Authority}", StorePath.FromBytes(address.Path.AsSpan().Trim((byte)'/')))
                : throw new CommandException(ExitCode.Usage, $"{option} is \"{text}\": write the whole path on the server, as godwit history shows it.");
        }

        return new PlaceSearch(Reach.Open(address, "/"u8, new LocalOptions(), wiring).Identity.Space, Reach.RealPath(address, wiring));
    }

    private static StorePath Below(string option, string text)
    {
        try
        {
            ReadOnlySpan<byte> path = ArgumentText.ToBytes(text).AsSpan().Trim((byte)'/');
            return StorePath.FromBytes(path.StartsWith("./"u8) ? path[2..] : path.SequenceEqual("."u8) ? default : path);
        }
        catch (StoreException e)
        {
            throw new CommandException(ExitCode.Usage, $"{option} is \"{text}\": {e.Message}");
        }
    }
}
