using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>The tag files of a bag: what they say of the rest.</summary>
internal sealed class Bag(IStore tree)
{
    private const string Payload = "manifest-";
    private const string Tags = "tagmanifest-";

    private readonly List<CheckLine> _faults = [];
    private readonly List<(StorePath File, ChecksumKind Kind, bool IsOfTags)> _manifests = [];
    private readonly List<StorePath> _toFetch = [];
    private bool _namesAllInEach;

    /// <summary>What is wrong with the tag files themselves.</summary>
    public IReadOnlyList<CheckLine> Faults => _faults;

    /// <summary>What is still to be fetched from elsewhere.</summary>
    public IReadOnlyList<StorePath> ToFetch => _toFetch;

    /// <summary>Bytes and files of the payload, as <c>bag-info.txt</c> says; null where it says nothing.</summary>
    public (long Bytes, long Files)? Oxum { get; private set; }

    /// <summary>Whether a path belongs to the payload.</summary>
    public static bool IsPayload(StorePath path) => path.Bytes.StartsWith("data/"u8);

    /// <summary>Since version 1.0 every manifest names every payload file.</summary>
    public IReadOnlyList<ChecksumKind> Requires(StorePath path) =>
        _namesAllInEach && IsPayload(path) ? [.. _manifests.Where(one => !one.IsOfTags).Select(one => one.Kind)] : [];

    /// <summary>Finds the manifests and reads the small tag files.</summary>
    /// <exception cref="CommandException">It is no bag.</exception>
    public async Task ReadAsync(CancellationToken ct)
    {
        IReadOnlyDictionary<string, string> declaration = await FieldsAsync("bagit.txt", ct).ConfigureAwait(false)
            ?? throw new CommandException(ExitCode.Usage, "This is no bag: bagit.txt is not there. Name the directory that holds it, or write --manifest FILE.");
        if (!declaration.TryGetValue("BagIt-Version", out string? version) || declaration.GetValueOrDefault("Tag-File-Character-Encoding")?.ToUpperInvariant() != "UTF-8")
        {
            throw new CommandException(
                ExitCode.Usage, "bagit.txt does not say BagIt-Version and Tag-File-Character-Encoding: UTF-8; other bags cannot be read.");
        }

        _namesAllInEach = !version.StartsWith("0.", StringComparison.Ordinal);
        await FindManifestsAsync(ct).ConfigureAwait(false);
        if (_manifests.All(one => one.IsOfTags))
        {
            throw new CommandException(ExitCode.Usage, "The bag has no manifest-ALGORITHM.txt of a kind that is known here (md5, sha1, sha256, sha512).");
        }

        await RequirePayloadAsync(ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> info = await FieldsAsync("bag-info.txt", ct).ConfigureAwait(false) ?? new Dictionary<string, string>();
        Oxum = info.GetValueOrDefault("Payload-Oxum") is { } says ? OxumOf(says) : null;
        await ReadFetchedAsync(StorePath.FromText("fetch.txt"), ct).ConfigureAwait(false);
    }

    /// <summary>A store without directories of their own has no place for an empty one.</summary>
    private async Task RequirePayloadAsync(CancellationToken ct)
    {
        var payload = StorePath.FromText("data");
        if (tree.Directories is not null && await tree.StatAsync(payload, ct).ConfigureAwait(false) is not { Kind: EntryKind.Directory })
        {
            AddFault(payload, "data/ is not there: a bag has its payload in it, also where that is nothing");
        }
    }

    private (long Bytes, long Files)? OxumOf(string says)
    {
        if (says.Split('.') is [var bytes, var files]
            && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out long octets) && long.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out long streams))
        {
            return (octets, streams);
        }

        AddFault(StorePath.FromText("bag-info.txt"), $"Payload-Oxum is not BYTES.FILES: {says}");
        return null;
    }

    private async Task ReadFetchedAsync(StorePath file, CancellationToken ct)
    {
        await foreach (byte[] line in LinesAsync(file, ct).ConfigureAwait(false))
        {
            if (Rest(Rest(line)) is not { Length: > 0 } name)
            {
                AddFault(file, $"a line is not a URL, a length and a name: {PathText.Escape(line)}");
            }
            else if (PathOf(name, "fetch.txt") is { } path && MayName(file, path, isOfTags: false))
            {
                _toFetch.Add(path);
            }
        }
    }

    /// <summary>What the manifests name, and what is to be fetched, which they have to name too.</summary>
    public async IAsyncEnumerable<StoreEntry> EntriesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (StorePath path in _toFetch)
        {
            yield return new StoreEntry { Path = path, Kind = EntryKind.File };
        }

        foreach ((StorePath file, ChecksumKind kind, bool isOfTags) in _manifests)
        {
            await foreach (byte[] line in LinesAsync(file, ct).ConfigureAwait(false))
            {
                int digits = line.AsSpan().IndexOfAny((byte)' ', (byte)'\t');
                byte[] name = digits > 0 ? Rest(line) : [];
                if (name.Length == 0 || digits != 2 * Checksum.SizeOf(kind) || !Checksum.TryParse(kind, Encoding.ASCII.GetString(line.AsSpan(0, digits)), out Checksum sum))
                {
                    AddFault(file, $"a line is not a {Checksum.NameOf(kind)} and a name: {PathText.Escape(line)}");
                    continue;
                }

                // Some tools mark files that were read as binary, as md5sum does.
                if (PathOf(name is [(byte)'*', ..] ? name[1..] : name, file.ToString()) is not { } path)
                {
                    continue;
                }

                if (MayName(file, path, isOfTags))
                {
                    yield return new StoreEntry { Path = path, Kind = EntryKind.File, Checksums = [sum] };
                }
            }
        }
    }

    private bool MayName(StorePath file, StorePath path, bool isOfTags)
    {
        bool may = IsPayload(path) != isOfTags;
        if (!may)
        {
            AddFault(file, $"it names \"{path}\", which it may not: {(isOfTags ? "tag manifests name files outside data/" : "only files in data/ are named there")}");
        }

        return may;
    }

    private async Task FindManifestsAsync(CancellationToken ct)
    {
        for (ListPosition? position = null; ;)
        {
            StorePage page = await tree.ListAsync(StorePath.Root, position, ct).ConfigureAwait(false);
            foreach (StoreEntry entry in page.Entries.Where(entry => entry.Kind == EntryKind.File))
            {
                string name = entry.Path.ToString();
                string? start = name.StartsWith(Payload, StringComparison.Ordinal) ? Payload : name.StartsWith(Tags, StringComparison.Ordinal) ? Tags : null;
                if (start is null || !name.EndsWith(".txt", StringComparison.Ordinal))
                {
                    continue;
                }

                if (ChecksumLine.KindNamed(name[start.Length..^4]) is { } kind)
                {
                    _manifests.Add((entry.Path, kind, start == Tags));
                }
                else
                {
                    AddFault(entry.Path, "this kind of checksum is not known here: what it says was not verified");
                }
            }

            if ((position = page.Next) is null)
            {
                return;
            }
        }
    }

    private void AddFault(StorePath file, string says)
    {
        var failure = new FileFailure("invalid-request", StoreSide.Destination, says, false, NextStep.GiveUp);
        _faults.Add(new CheckLine(CheckVerdict.Error, file, says, failure));
    }

    /// <summary>The path of a name; only line ends and the percent sign itself are encoded in a bag.</summary>
    private StorePath? PathOf(byte[] name, string file)
    {
        var bytes = new List<byte>(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            string code = name[i] == '%' && i + 2 < name.Length ? Encoding.Latin1.GetString(name, i + 1, 2).ToUpperInvariant() : "";
            byte? meant = code switch { "0A" => (byte)'\n', "0D" => (byte)'\r', "25" => (byte)'%', _ => null };
            bytes.Add(meant ?? name[i]);
            i += meant is null ? 0 : 2;
        }

        try
        {
            return ChecksumList.PathBelow(tree, [.. bytes]);
        }
        catch (StoreException)
        {
            AddFault(StorePath.FromText(file), $"it names \"{PathText.Escape(name)}\", which leads out of the bag");
            return null;
        }
    }

    /// <summary>What stands behind the first word.</summary>
    private static byte[] Rest(byte[] line) =>
        line.AsSpan().IndexOfAny((byte)' ', (byte)'\t') is var end and > 0 ? line.AsSpan(end).TrimStart(" \t"u8).ToArray() : [];

    private async Task<IReadOnlyDictionary<string, string>?> FieldsAsync(string name, CancellationToken ct)
    {
        var path = StorePath.FromText(name);
        if (await tree.StatAsync(path, ct).ConfigureAwait(false) is null)
        {
            return null;
        }

        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        await foreach (byte[] line in LinesAsync(path, ct).ConfigureAwait(false))
        {
            string text = Encoding.UTF8.GetString(line).TrimStart('\ufeff');
            if (text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
            {
                // What is said twice is not one value: whoever needs one finds that it has none.
                string label = text[..colon].Trim();
                fields[label] = (fields.TryGetValue(label, out string? before) ? before + ", " : "") + text[(colon + 1)..].Trim();
            }
        }

        return fields;
    }

    private async IAsyncEnumerable<byte[]> LinesAsync(StorePath file, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await tree.StatAsync(file, ct).ConfigureAwait(false) is null)
        {
            yield break;
        }

        StoreBody body = await tree.OpenReadAsync(file, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = body.ConfigureAwait(false);
        await foreach ((_, byte[] piece) in PathList.SplitAsync(body.Content, (byte)'\n', ct).ConfigureAwait(false))
        {
            byte[] line = piece.AsSpan().TrimEnd((byte)'\r').ToArray();
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }
}
