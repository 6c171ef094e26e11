using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>What the state files of a box say of its files.</summary>
/// <param name="inner">The store that the box is in.</param>
internal sealed class CtaIngestBox(IStore inner)
{
    /// <summary>Bytes that a frame's beginning has at most.</summary>
    private const int FrameBeginning = 18;
    private const int CountedBytes = 1 << 20;

    private volatile bool _isKnown;

    /// <summary>The store that the box is in.</summary>
    public IStore Inner => inner;

    /// <summary>The state files.</summary>
    public CtaIngestStates States { get; } = new(inner);

    /// <summary>Makes sure, once, that no box of another layout is here.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: one is.</exception>
    public async ValueTask RequireLayoutAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!_isKnown && await BoxLayouts.SeenAsync(inner, ct).ConfigureAwait(false) is { } seen and not BoxLayout.CtaIngest)
        {
            string whose = seen == BoxLayout.Godwit ? $"Godwit's own layout ({DropBoxLayout.FormatFile})" : "CTA Relay";
            throw new StoreException(StoreErrorKind.Unsupported, $"{inner.Identity} holds a drop box of {whose}, and not one of CTA Ingest.");
        }

        _isKnown = true;
    }

    /// <summary>All names that were delivered.</summary>
    public async ValueTask<IReadOnlyList<string>> DeliveredNamesAsync(CancellationToken ct)
    {
        await RequireLayoutAsync(ct).ConfigureAwait(false);
        return [.. (await States.GetAsync(CtaIngestLayout.Target, ct).ConfigureAwait(false)).Names];
    }

    /// <summary>All names that are being put in or wait.</summary>
    public async ValueTask<IReadOnlyList<string>> AnnouncedNamesAsync(CancellationToken ct)
    {
        await RequireLayoutAsync(ct).ConfigureAwait(false);
        CtaIngestState target = await States.GetAsync(CtaIngestLayout.Target, ct).ConfigureAwait(false);
        CtaIngestState disassembled = await States.GetAsync(CtaIngestLayout.Disassemble, ct).ConfigureAwait(false);
        CtaIngestState uploaded = await States.GetAsync(CtaIngestLayout.Upload, ct).ConfigureAwait(false);
        return [.. uploaded.Names.Concat(disassembled.Names).Distinct(StringComparer.Ordinal).Where(name => !target.Has(name))];
    }

    /// <summary>A file that was delivered; null where it was not.</summary>
    public async ValueTask<CtaIngestFile?> DeliveredAsync(StorePath path, CancellationToken ct)
    {
        await RequireLayoutAsync(ct).ConfigureAwait(false);
        string name = CtaIngestLayout.NameOf(path);
        return CtaIngestLayout.IsFlat(path)
            && (await States.GetAsync(CtaIngestLayout.Target, ct).ConfigureAwait(false)).TryGet(name, out ReadOnlyMemory<byte> json)
            ? new CtaIngestFile { Path = path, Name = name, Entry = CtaIngestEntry.Of(json), IsDelivered = true }
            : null;
    }

    /// <summary>A file that waits, with all its parts; null where it does not, or not yet.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it is said to wait, and cannot be had.</exception>
    public async ValueTask<CtaIngestFile?> WaitingAsync(StorePath path, CancellationToken ct)
    {
        if (!CtaIngestLayout.IsFlat(path) || await DeliveredAsync(path, ct).ConfigureAwait(false) is not null)
        {
            return null;
        }

        string name = CtaIngestLayout.NameOf(path);
        if (!(await States.GetAsync(CtaIngestLayout.Disassemble, ct).ConfigureAwait(false)).TryGet(name, out ReadOnlyMemory<byte> packed))
        {
            return null;
        }

        string[] parts = CtaIngestEntry.PartsOf(packed) ?? throw Damage(path, $"{CtaIngestLayout.Disassemble} does not tell its parts as a list of paths");
        if (parts.Length == 0)
        {
            throw Damage(path, $"{CtaIngestLayout.Disassemble} tells no part of it: the file could not be read at its source");
        }

        if (!(await States.GetAsync(CtaIngestLayout.Upload, ct).ConfigureAwait(false)).TryGet(name, out ReadOnlyMemory<byte> put))
        {
            return null;
        }

        string[] keys = CtaIngestEntry.PartsOf(put) ?? throw Damage(path, $"{CtaIngestLayout.Upload} does not tell its parts as a list of keys");
        return parts.Any(part => !keys.Contains(CtaIngestLayout.Parts + part, StringComparer.Ordinal)) ? null : new CtaIngestFile
        {
            Path = path,
            Name = name,
            Entry = await SourceEntryAsync(name, ct).ConfigureAwait(false),
            Parts = [.. keys.Distinct(StringComparer.Ordinal).Select(key => (Key: key, Place: PlaceOf(path, key)))
                .OrderBy(one => one.Key[(one.Key.LastIndexOf('/') + 1)..], StringComparer.Ordinal).Select(one => one.Place)],
        };
    }

    /// <summary>The same file with its length, which the source does not tell of one that it no longer has: then the frame does.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: a part is missing, or no length is told.</exception>
    public async ValueTask<CtaIngestFile> MeasuredAsync(CtaIngestFile file, CancellationToken ct)
    {
        if (file.Entry.Length is not null)
        {
            return file;
        }

        var content = new CtaIngestContent(inner, file);
        await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
        var beginning = new byte[FrameBeginning];
        int read = await content.ReadAtLeastAsync(beginning, FrameBeginning, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        long length = ZstdDecompressor.LengthOf(beginning.AsSpan(0, read)) ?? await CountAsync(file, ct).ConfigureAwait(false);
        return file with { Entry = file.Entry with { Length = length } };
    }

    /// <summary>Unpacks a file for its length alone.</summary>
    private async ValueTask<long> CountAsync(CtaIngestFile file, CancellationToken ct)
    {
        var content = new ZstdContent(new CtaIngestContent(inner, file));
        await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
        var room = new byte[CountedBytes];
        long length = 0;
        for (int read; (read = await content.ReadAsync(room, ct).ConfigureAwait(false)) > 0;)
        {
            length += read;
        }

        return length;
    }

    /// <summary>The error of a file that the state files tell of in a way that cannot be right.</summary>
    public static StoreException Damage(StorePath path, string how) => new(
        StoreErrorKind.Integrity, $"\"{path}\" in the drop box cannot be had: {how}. Take its entries out of the state files, so that it is sent again.")
    {
        Path = path,
        Next = NextStep.GiveUp,
    };

    private async ValueTask<CtaIngestEntry> SourceEntryAsync(string name, CancellationToken ct) =>
        (await States.GetAsync(CtaIngestLayout.Origin, ct).ConfigureAwait(false)).TryGet(name, out ReadOnlyMemory<byte> json)
            ? CtaIngestEntry.Of(json)
            : new CtaIngestEntry(null, null, null, null);

    private static StorePath PlaceOf(StorePath path, string key) =>
        CtaIngestLayout.PlaceOf(key) ?? throw Damage(path, $"\"{key}\" in {CtaIngestLayout.Upload} can be no key of a part");
}
