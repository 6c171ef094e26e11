using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>Tells in <c>target.json</c> of files that are at their destination already, as the other program does when it looks there.</summary>
/// <param name="inner">The store that the box is in.</param>
/// <param name="time">The clock.</param>
public sealed class CtaIngestAdoption(IStore inner, TimeProvider time) : IBoxAdoption
{
    private readonly CtaIngestBox _box = new(inner);
    private readonly StoreLimits _limits = CtaIngestStore.LimitsWithin(inner);
    private readonly ConcurrentDictionary<string, byte[]> _adopted = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ChecksumKind Kind => ChecksumKind.Crc64Nvme;

    /// <summary>No: the layout keeps none.</summary>
    public bool NeedsChecksum => false;

    /// <inheritdoc/>
    public async ValueTask<bool> IsUnknownAsync(StorePath path, CancellationToken ct)
    {
        if (_limits.Refuses(inner.Identity.Absolute(path)) is { } why)
        {
            throw DropBoxWriting.Refused(path, why);
        }

        string name = CtaIngestLayout.NameOf(path);
        return await _box.DeliveredAsync(path, ct).ConfigureAwait(false) is null
            && !(await _box.States.GetAsync(CtaIngestLayout.Upload, ct).ConfigureAwait(false)).Has(name)
            && !(await _box.States.GetAsync(CtaIngestLayout.Disassemble, ct).ConfigureAwait(false)).Has(name);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AdoptAsync(StoreEntry file, Checksum? checksum, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!await IsUnknownAsync(file.Path, ct).ConfigureAwait(false))
        {
            return false;
        }

        Timestamp modified = file.Modified
            ?? throw new StoreException(StoreErrorKind.InvalidRequest, $"The time of \"{file.Path}\" is not known.") { Path = file.Path };
        double seconds = CtaIngestEntry.SecondsOf(modified);
        string name = CtaIngestLayout.NameOf(file.Path);
        var entry = new CtaIngestEntry(file.Length, seconds, seconds, CtaIngestEntry.SecondsOf(Timestamp.From(time.GetUtcNow())));
        _adopted[name] = entry.ToBytes(name, null);
        return true;
    }

    /// <summary>One write for all.</summary>
    public async ValueTask FinishAsync(CancellationToken ct)
    {
        if (!_adopted.IsEmpty)
        {
            KeyValuePair<string, byte[]>[] some = [.. _adopted];
            await _box.States.ChangeAsync(CtaIngestLayout.Target, state => SetAll(state, some), ct).ConfigureAwait(false);
            _adopted.Clear();
        }
    }

    private static bool SetAll(CtaIngestState state, IEnumerable<KeyValuePair<string, byte[]>> some)
    {
        bool isChanged = false;
        foreach ((string name, byte[] told) in some)
        {
            isChanged |= !state.Has(name) && state.Set(name, told);
        }

        return isChanged;
    }
}
