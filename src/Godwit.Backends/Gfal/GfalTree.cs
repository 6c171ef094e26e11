using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>A directory tree of a server, and the calls that need nothing but a path.</summary>
internal sealed class GfalTree(GfalWorkers workers, StorePath root, bool createRoot)
{
    // Where one checksum is computed at a time, three are queued, and one that was answered may still count.
    private const int XrootdChecksums = 2;

    // More directories than a run writes into at one time; without a bound, a tree of millions would stay in memory.
    private const int MostKnown = 4_096;

    private readonly ConcurrentDictionary<StorePath, bool> _known = new();
    private volatile bool _rootIsThere;

    public GfalWorkers Workers => workers;

    /// <summary>The tree's root, from the server's.</summary>
    public StorePath Root => root;

    public GfalServer Server => workers.Options.Server;

    /// <summary>Whose turn it is to have a checksum computed. An XRootD server queues three times as many as it computes at once, and has whoever comes
    /// then wait for half a minute.</summary>
    public SemaphoreSlim ChecksumTurns { get; } = new(workers.Options.Server.IsXrootd ? XrootdChecksums : int.MaxValue);

    /// <summary>Which kinds of checksums the server tells.</summary>
    public ToldKinds ToldKinds { get; } = new();

    /// <summary>The address of a path. Whatever is not a letter, a digit or one of <c>-._~/</c> is written as <c>%NN</c>: libgfal2 and both of its
    /// plugins take that back.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: no address can hold the name.</exception>
    public byte[] Url(StorePath path)
    {
        if (Refuses(path) is { } why)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, path, $"cannot be named: {why}");
        }

        return UrlOf(root.Join(path));
    }

    /// <summary>The address of a path from this server's root.</summary>
    public byte[] UrlOf(StorePath absolute) => UrlOf(Server.ToString(), absolute);

    /// <summary>The address of a path from the root of a server of this protocol.</summary>
    public byte[] UrlOf(string server, StorePath absolute)
    {
        var url = new StringBuilder($"{server}/{(Server.IsXrootd ? "/" : "")}");
        foreach (byte one in absolute.Bytes)
        {
            bool isPlain = char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' or (byte)'/';
            _ = isPlain ? url.Append((char)one) : url.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        return Encoding.ASCII.GetBytes(url.ToString());
    }

    /// <summary>Why these servers cannot hold a name; null when they can.</summary>
    /// <remarks>A line break would be a command of its own on a GridFTP server's control connection, and ends an entry of an XRootD server's listings;
    /// behind a question mark XRootD's addresses go on with something else. What ends in white space loses it in GridFTP's listings.</remarks>
    public string? Refuses(StorePath path)
    {
        ReadOnlySpan<byte> bytes = path.Bytes;
        if (bytes.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            return "a name holds a line break, which the protocol cannot carry";
        }

        if (Server.IsXrootd)
        {
            return bytes.Contains((byte)'?') ? "a name holds \"?\", behind which XRootD does not read on" : null;
        }

        foreach (Range segment in bytes.Split((byte)'/'))
        {
            if (bytes[segment] is [.., (byte)' ' or (byte)'\t' or 0x0b or 0x0c])
            {
                return "a name ends in white space, which GridFTP's listings leave out";
            }
        }

        return null;
    }

    /// <summary>Asks on any lane.</summary>
    public async Task<GfalReply> AskAsync(Frame request, CancellationToken ct)
    {
        GfalLane lane = await workers.RentAsync(ct).ConfigureAwait(false);
        try
        {
            GfalReply reply = await lane.AskAsync(request, ct).ConfigureAwait(false);
            SpoilAfter(reply.Fault, lane, "the server responded");
            return reply;
        }
        finally
        {
            // What was given up must not happen later; nobody waits for the end of a mere look.
            await (request.ChangesSomething ? lane.ReturnAsync() : ReturnLater(lane)).ConfigureAwait(false);
        }
    }

    private static Task ReturnLater(GfalLane lane)
    {
        _ = lane.ReturnAsync();
        return Task.CompletedTask;
    }

    /// <summary>A GridFTP session whose transfer failed may be of no use any more; one whose server said no to something else is.</summary>
    public void SpoilAfter(GfalFault? fault, GfalLane lane, string? harmless = null)
    {
        if (fault is not null && !Server.IsXrootd && (harmless is null || !fault.Message.Contains(harmless, StringComparison.Ordinal)))
        {
            lane.Spoil();
        }
    }

    /// <summary>The error of a call. A server does not say that the credential has expired meanwhile.</summary>
    public StoreException Error(GfalFault fault, string action, StorePath path)
    {
        StoreException error = GfalErrors.Translate(Server, fault, action, path);
        return (error.Kind == StoreErrorKind.Unauthenticated ? workers.Unusable() : null) ?? error;
    }

    /// <summary>What is at a path; null for nothing.</summary>
    public async Task<Facts?> LookAsync(StorePath path, CancellationToken ct)
    {
        GfalReply reply = await AskAsync(new Frame(Verb.Look).Bytes(Url(path)), ct).ConfigureAwait(false);
        return FactsOf(reply, path);
    }

    /// <summary>What an answer tells of a path; null for nothing.</summary>
    public Facts? FactsOf(GfalReply reply, StorePath path) => reply.Fault is not { } fault
        ? reply.Fields.Facts()
        : IsNothing(fault) ? null : throw Error(fault, "looked at", path);

    /// <summary>Whether a fault says that nothing is there: nor is there anything below a file.</summary>
    public bool IsNothing(GfalFault fault) => GfalErrors.Meant(Server, fault) is 2 or 20 or 19;

    /// <summary>Makes a directory and those above it.</summary>
    public async Task MakeDirectoriesAsync(StorePath path, CancellationToken ct)
    {
        await RequireRootAsync(ct).ConfigureAwait(false);
        GfalReply reply = await AskAsync(new Frame(Verb.MakeDirectories).Bytes(Url(path)), ct).ConfigureAwait(false);
        if (reply.Fault is not { } fault)
        {
            return;
        }

        // Others may make it at the same moment, and some servers do not say that it is there.
        Facts? there = await LookAsync(path, ct).ConfigureAwait(false);
        if (there is null || GfalEntries.KindOf(there.Value) != EntryKind.Directory)
        {
            throw there is null ? Error(fault, "made", path) : GfalErrors.Of(StoreErrorKind.Unsupported, path, "could not be made: something else is there");
        }
    }

    /// <summary>Makes a directory unless it is there, before something goes into it. One that was there is not looked at again.</summary>
    public async Task RequireDirectoryAsync(StorePath path, CancellationToken ct)
    {
        if (_known.ContainsKey(path))
        {
            return;
        }

        await RequireRootAsync(ct).ConfigureAwait(false);
        if (await LookAsync(path, ct).ConfigureAwait(false) is not { } there || GfalEntries.KindOf(there) != EntryKind.Directory)
        {
            await MakeDirectoriesAsync(path, ct).ConfigureAwait(false);
        }

        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        _known[path] = true;
    }

    /// <summary>Looks at a directory again when something is to go into it: it may be gone.</summary>
    public void Doubt(StorePath directory) => _known.TryRemove(directory, out _);

    /// <summary>Looks at every directory again.</summary>
    public void DoubtAll() => _known.Clear();

    /// <summary>Refuses to write below a root that is not there and must not be made.</summary>
    public async Task RequireRootAsync(CancellationToken ct)
    {
        if (createRoot || _rootIsThere)
        {
            return;
        }

        if (await LookAsync(StorePath.Root, ct).ConfigureAwait(false) is null)
        {
            throw GfalErrors.Of(StoreErrorKind.NotFound, StorePath.Root, $"of the store, {Server}/{root}, is not there");
        }

        _rootIsThere = true;
    }
}
