using System.Text.Json;
using Godwit.Cli.Commands;
using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Results;

/// <summary>What a manifest lists that is there already. A run that goes on where an earlier one was stopped delivers the rest; what the earlier one
/// delivered stays listed.</summary>
/// <param name="file">The file.</param>
/// <param name="kind">The form that it has to have.</param>
/// <param name="wiring">What the command line is connected to.</param>
internal sealed class KnownManifest(string file, ManifestKind kind, Wiring wiring)
{
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
            }
        }
        catch (Exception e) when (e is StoreException or FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"--manifest \"{ArgumentText.Show(file)}\" is there, and is not a manifest by --manifest-kind {kind.ToString().ToLowerInvariant()}: {e.Message}. "
                + "It would be lost. Move it away, or name another file.");
        }
    }

    /// <summary>The lines, in order of their paths; null for one that is none.</summary>
    public async IAsyncEnumerable<KnownLine?> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var there = new FileInfo(file);
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
            return [.. document.RootElement.GetProperty("files").EnumerateArray().Select(one => new KnownLine(PathOf(one), null, one.Clone()))];
        }
    }

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
internal sealed class DeletedPaths : Transfers.ITransferObserver
{
    private readonly HashSet<StorePath> _paths = [];

    /// <summary>Whether this was deleted.</summary>
    public bool Contains(StorePath path) => _paths.Contains(path);

    public void On(Transfers.TransferEvent happened)
    {
        if (happened is Transfers.EntryDeleted { Kind: not EntryKind.Directory } deleted)
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
