using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>Writes a file as parts, and then tells of it: it waits when the last of three state files says so.</summary>
/// <param name="box">The box.</param>
/// <param name="options">How it is used.</param>
/// <param name="limits">What it can hold.</param>
/// <param name="time">The clock.</param>
internal sealed class CtaIngestWriting(CtaIngestBox box, DropBoxOptions options, StoreLimits limits, TimeProvider time)
{
    /// <summary>Bytes that go to the store in one call.</summary>
    private const long PieceBytes = 16 << 20;

    /// <summary>The same where that is a part, because the store takes none of a file.</summary>
    private const long MostPieceBytes = 64 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Checksum> _proved = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _withdrawn = new(StringComparer.Ordinal);
    private readonly CtaIngestCleaning _cleaning = new(box);

    /// <summary>The checksum of a version that was written here and was proved meanwhile; null for any other.</summary>
    public Checksum? ProvedOf(CtaIngestFile file) => _proved.TryGetValue(file.Version, out Checksum sum) ? sum : null;

    /// <summary>Writes a whole file. Nothing is left of one that fails, unless it may still be told of.</summary>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions how, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        string? why = limits.Refuses(box.Inner.Identity.Absolute(path))
            ?? (how.Expected is { } expected ? $"{Checksum.NameOf(expected.Kind)} is not checked here" : null);
        if (why is not null)
        {
            throw DropBoxWriting.Refused(path, why);
        }

        await RequireRoomAsync(path, source.Length, how, ct).ConfigureAwait(false);
        string name = CtaIngestLayout.NameOf(path);
        long piece = Math.Min(options.PartBytes, PieceOf(box.Inner.PartedWrite?.Limits));
        long most = box.Inner.PartedWrite is { Limits: { } parts } ? Math.Min(options.PartBytes, piece * parts.MaxParts) : piece;
        var written = new CtaIngestParts(box.Inner, name, most, time);
        Checksum sum;
        try
        {
            sum = await SendAsync(path, source, written, piece, ct).ConfigureAwait(false);
        }
        catch
        {
            using var patience = new CancellationTokenSource(s_patience, time);
            await written.TryRemoveAsync(patience.Token).ConfigureAwait(false);
            throw;
        }

        await AnnounceAsync(name, source.Length, how.Metadata.Modified, written.Paths, ct).ConfigureAwait(false);
        CtaIngestFile file = await box.WaitingAsync(path, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.Integrity, $"\"{path}\" was put into the drop box, and somebody else rewrote what tells of it.") { Path = path };
        if (written.AreProved && file.Parts.Count == written.Paths.Count)
        {
            _proved[file.Version] = sum;
        }

        return file.ToEntry();
    }

    private static long PieceOf(PartLimits? limits) => limits is null ? MostPieceBytes : Math.Clamp(PieceBytes, limits.MinBytes, limits.MaxBytes);

    /// <summary>Holds a name against what it stands for on the other side, where nothing is ever replaced.</summary>
    private async ValueTask RequireRoomAsync(StorePath path, long length, WriteOptions how, CancellationToken ct)
    {
        if (await box.DeliveredAsync(path, ct).ConfigureAwait(false) is { } delivered)
        {
            string when = delivered.Modified is { } modified ? $" of {modified}" : "";
            throw delivered.Length == length && how.CreateOnly && IsSameTime(delivered, how.Metadata.Modified)
                ? new StoreException(StoreErrorKind.AlreadyExists, $"\"{path}\" was delivered already.") { Path = path }
                : DropBoxWriting.Refused(
                    path,
                    $"another version under this name ({delivered.Length} bytes{when}) was delivered, and CTA Ingest never replaces a file; give it another name");
        }

        string name = CtaIngestLayout.NameOf(path);
        (bool isPut, bool isFetched) = await StandingAsync(name, ct).ConfigureAwait(false);
        if (isPut || isFetched)
        {
            // Another push may have told of it since the files were read, and of two files that were read at different moments one knows more.
            box.States.Forget();
            (isPut, isFetched) = await StandingAsync(name, ct).ConfigureAwait(false);
        }

        if (isPut && await IsWaitingAsync(path, file => how.CreateOnly || (file.Length == length && IsSameTime(file, how.Metadata.Modified)), ct).ConfigureAwait(false))
        {
            throw new StoreException(StoreErrorKind.AlreadyExists, $"\"{path}\" is in the drop box already.") { Path = path };
        }

        if (isPut || isFetched || _withdrawn.ContainsKey(name))
        {
            // The other program puts together what it has fetched under one name, of whichever version: until it let go of the older one, none may follow.
            // What it is fetching at this moment shows at the next run.
            await _cleaning.WithdrawAsync(name, ct).ConfigureAwait(false);
            _withdrawn[name] = true;
            string left = isFetched ? "the other side has fetched some of it, and lets go of that at its next download" : "the next push sends this one";
            throw new StoreException(StoreErrorKind.PreconditionFailed, $"Another version of \"{path}\" was waiting, or half told of, and was taken back; {left}.")
            {
                Path = path,
                Next = NextStep.RepeatCallLater,
            };
        }
    }

    /// <summary>Whether parts of a file are there, and whether the other side has fetched some.</summary>
    private async ValueTask<(bool IsPut, bool IsFetched)> StandingAsync(string name, CancellationToken ct)
    {
        bool isPut = (await box.States.GetAsync(CtaIngestLayout.Upload, ct).ConfigureAwait(false)).TryGet(name, out ReadOnlyMemory<byte> put)
            && CtaIngestEntry.PartsOf(put) is not [];
        return (isPut, (await box.States.GetAsync(CtaIngestLayout.Download, ct).ConfigureAwait(false)).Has(name));
    }

    private async ValueTask<bool> IsWaitingAsync(StorePath path, Func<CtaIngestFile, bool> isMeant, CancellationToken ct)
    {
        try
        {
            return await box.WaitingAsync(path, ct).ConfigureAwait(false) is { } file && isMeant(file);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            return false;
        }
    }

    private static bool IsSameTime(CtaIngestFile file, Timestamp? modified) =>
        modified is { } here && file.ToEntry().MayBeModified(here);

    private async ValueTask<Checksum> SendAsync(StorePath path, WriteSource source, CtaIngestParts parts, long piece, CancellationToken ct)
    {
        Stream content = await source.OpenAsync(ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
        using var packing = new CtaIngestPacking(content, path, source.Length, options.Level, piece);
        for (bool isLast = false; !isLast;)
        {
            isLast = await packing.NextAsync(ct).ConfigureAwait(false);
            await parts.AddAsync(packing.Piece, isLast, ct).ConfigureAwait(false);
        }

        return packing.Sum;
    }

    /// <summary>Tells of a file whose parts are all there. What may have been told is not taken back: parts that nobody tells of are freed by
    /// relay prune.</summary>
    private async ValueTask AnnounceAsync(string name, long length, Timestamp? modified, IReadOnlyList<string> paths, CancellationToken ct)
    {
        var now = Timestamp.From(time.GetUtcNow());
        double seconds = CtaIngestEntry.SecondsOf(modified ?? now);
        var entry = new CtaIngestEntry(length, seconds, seconds, CtaIngestEntry.SecondsOf(now));
        await box.States.ChangeAsync(
            CtaIngestLayout.Origin,
            state => state.Set(name, entry.ToBytes(name, state.TryGet(name, out ReadOnlyMemory<byte> earlier) ? earlier : (ReadOnlyMemory<byte>?)null)),
            ct).ConfigureAwait(false);
        await box.States.ChangeAsync(CtaIngestLayout.Disassemble, state => state.Set(name, CtaIngestEntry.ToBytes(paths)), ct).ConfigureAwait(false);
        await box.States.ChangeAsync(
            CtaIngestLayout.Upload, state => state.Set(name, CtaIngestEntry.ToBytes(paths.Select(path => CtaIngestLayout.Parts + path))),
            ct).ConfigureAwait(false);
    }
}
