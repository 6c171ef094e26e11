using System.Text.Json;
using Godwit.Cli.Commands;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>What a manifest lists that is there already. A run that goes on where an earlier one was stopped delivers the rest; what the earlier one
/// delivered stays listed.</summary>
/// <param name="file">The file.</param>
/// <param name="kind">The form that it has to have.</param>
/// <param name="wiring">What the command line is connected to.</param>
internal sealed class KnownManifest(string file, ManifestKind kind, Wiring wiring)
{
    private StorePath? _first;

    /// <summary>Makes sure before a long run that the file holds nothing that would be lost.</summary>
    /// <exception cref="CommandException">It is no manifest of this form.</exception>
    public async Task RequireAsync(CancellationToken ct)
    {
        StorePath? last = null;
        try
        {
            await foreach (KnownLine? line in ReadAsync(ct).ConfigureAwait(false))
            {
                if (line is null || line.Path <= last)
                {
                    throw new FormatException("a line of it is none that --manifest writes");
                }

                last = line.Path;
                _first ??= last;
            }
        }
        catch (Exception e) when (e is StoreException or FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"--manifest \"{ArgumentText.Show(file)}\" is there, and is not a manifest by --manifest-kind {kind.ToString().ToLowerInvariant()}: {Why(e)}. "
                + "It would be lost. Move it away, or name another file.");
        }
    }

    /// <summary>Makes sure that the file is of this destination: what it lists was delivered there, or is there. The names of two places would be mixed,
    /// and nobody could tell which line is of which.</summary>
    /// <param name="ledger">Knows what was delivered.</param>
    /// <param name="request">The run.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">Its first file is not there, and nothing was ever delivered there from this source.</exception>
    public async Task RequirePlaceAsync(ILedger ledger, TransferRequest request, CancellationToken ct)
    {
        (StoreIdentity from, StoreIdentity to) = (request.Source.Identity, request.Destination.Identity);
        try
        {
            if (_first is { } first && await request.Destination.StatAsync(first, ct).ConfigureAwait(false) is null
                && await ledger.ListReceiptsAsync(new ReceiptScope(from.Space, from.Root, to.Space, to.Root), null, 1, ct).ConfigureAwait(false) is { Count: 0 })
            {
                throw new CommandException(
                    ExitCode.Usage,
                    $"--manifest \"{ArgumentText.Show(file)}\" lists \"{first}\", which is not at DST and was never delivered there: it is the manifest of another DST. "
                    + "Name another file for this one, or move it away.");
            }
        }
        catch (Exception e) when (e is StoreException or LedgerException)
        {
            // The run itself tells what is wrong there.
        }
    }

    private static string Why(Exception e) => e switch
    {
        JsonException => "it is not JSON",
        KeyNotFoundException or InvalidOperationException => "it is JSON of another kind",
        _ => e.Message.TrimEnd('.'),
    };

    /// <summary>The lines, in order of their paths; null for one that is none.</summary>
    public async IAsyncEnumerable<KnownLine?> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var there = new FileInfo(WholeFile.PlaceOf(file));
        if (!there.Exists || there.Length == 0 || WholeFile.IsDevice(there.FullName))
        {
            yield break;
        }

        if (kind == ManifestKind.Json)
        {
            foreach (KnownLine line in await ReadJsonAsync(ct).ConfigureAwait(false))
            {
                yield return line;
            }

            yield break;
        }

        if (await IsJsonAsync(ct).ConfigureAwait(false))
        {
            throw new FormatException("it is JSON");
        }

        await foreach (ChecksumLine? line in new ChecksumList("--manifest", file, [], wiring).ReadAsync(ct).ConfigureAwait(false))
        {
            Checksum? checksum = line?.Expected(null);
            yield return checksum is { } known && known.Kind == KindOf(kind) ? new KnownLine(StorePath.FromBytes(line!.Name), known, default) : null;
        }
    }

    /// <summary>The checksum that a list of lines holds.</summary>
    public static ChecksumKind KindOf(ManifestKind kind) => kind == ManifestKind.Md5 ? ChecksumKind.Md5 : ChecksumKind.Sha256;

    private async Task<bool> IsJsonAsync(CancellationToken ct)
    {
        var first = new byte[1];
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
        await using (stream.ConfigureAwait(false))
        {
            return await stream.ReadAsync(first, ct).ConfigureAwait(false) == 1 && first[0] == '{';
        }
    }

    private async Task<List<KnownLine>> ReadJsonAsync(CancellationToken ct)
    {
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
        await using (stream.ConfigureAwait(false))
        {
            using JsonDocument document = await JsonDocument.ParseAsync(stream, default, ct).ConfigureAwait(false);
            return [.. document.RootElement.GetProperty("files").EnumerateArray().Select(one => new KnownLine(PathOf(one), null, Whole(one).Clone()))];
        }
    }

    private static JsonElement Whole(JsonElement one) => one.GetProperty("checksums").ValueKind == JsonValueKind.Object
        ? one
        : throw new FormatException("a file of it has no checksums");

    private static StorePath PathOf(JsonElement one) => one.TryGetProperty("path_base64", out JsonElement exact)
        ? StorePath.FromBytes(exact.GetBytesFromBase64())
        : StorePath.FromText(one.GetProperty("path").GetString() ?? "");
}

/// <summary>One file of a manifest that is there.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Checksum">Its checksum, in a list of lines.</param>
/// <param name="Json">All that is said of it, in a manifest as JSON.</param>
internal sealed record KnownLine(StorePath Path, Checksum? Checksum, JsonElement Json);

/// <summary>Remembers what a sync deleted at the destination: a manifest lists it no more.</summary>
internal sealed class DeletedPaths : ITransferObserver
{
    private readonly HashSet<StorePath> _paths = [];

    /// <summary>Whether this was deleted.</summary>
    public bool Contains(StorePath path) => _paths.Contains(path);

    public void On(TransferEvent happened)
    {
        if (happened is EntryDeleted { Kind: not EntryKind.Directory } deleted)
        {
            lock (_paths)
            {
                _paths.Add(deleted.Path);
            }
        }
    }

    public void OnBytes(StorePath path, long bytes)
    {
    }
}
