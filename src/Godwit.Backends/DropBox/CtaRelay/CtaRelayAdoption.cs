using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>Puts empty objects into a bucket, as CTA Relay does for files that are at their destination already.</summary>
/// <param name="inner">The store that the objects are in.</param>
public sealed class CtaRelayAdoption(IStore inner) : IBoxAdoption
{
    private static readonly DropBoxOptions s_all = new() { Layout = BoxLayout.CtaRelay, CountsDelivered = true };

    private readonly CtaRelayObjects _objects = new(inner, s_all);
    private readonly StoreLimits _limits = CtaRelayStore.LimitsWithin(inner);

    /// <inheritdoc/>
    public ChecksumKind Kind => ChecksumKind.Md5;

    /// <inheritdoc/>
    public bool NeedsChecksum => true;

    /// <inheritdoc/>
    public async ValueTask<bool> IsUnknownAsync(StorePath path, CancellationToken ct) =>
        _limits.Refuses(inner.Identity.Absolute(path)) is { } why
            ? throw DropBoxWriting.Refused(path, why)
            : await _objects.FindAsync(path, ct).ConfigureAwait(false) is null;

    /// <inheritdoc/>
    public async ValueTask<bool> AdoptAsync(StoreEntry file, Checksum? checksum, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(file);
        Checksum md5 = checksum is { Kind: ChecksumKind.Md5 } known
            ? known
            : throw new StoreException(StoreErrorKind.InvalidRequest, $"The MD5 of \"{file.Path}\" is not known.") { Path = file.Path };
        if (!await IsUnknownAsync(file.Path, ct).ConfigureAwait(false))
        {
            return false;
        }

        try
        {
            WriteOptions options = CtaRelayObjects.Carrying(CtaRelayFile.PairsOf(md5, file.Length), createOnly: true);
            await inner.WriteAsync(file.Path, WriteSource.From(Array.Empty<byte>()), options, ct).ConfigureAwait(false);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
        {
            return false;
        }
    }
}
