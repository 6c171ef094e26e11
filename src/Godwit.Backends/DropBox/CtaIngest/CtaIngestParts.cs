using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>Puts the parts of one attempt to send a file into a box, under names that no other attempt has.</summary>
/// <param name="inner">The store that the box is in.</param>
/// <param name="name">The file.</param>
/// <param name="partBytes">Bytes of a part, but for the last.</param>
/// <param name="time">The clock.</param>
internal sealed class CtaIngestParts(IStore inner, string name, long partBytes, TimeProvider time)
{
    /// <summary>Letters of an attempt's mark.</summary>
    public const int AttemptLetters = 16;

    private readonly DropBoxPayload _payload = new(inner);
    private readonly string _attempt = RandomNumberGenerator.GetHexString(AttemptLetters, lowercase: true);
    private readonly WriteMetadata _metadata = new() { PairsAlone = inner.UserMetadata is not null };
    private readonly List<string> _paths = [];
    private ObjectUpload? _open;
    private long _length;

    /// <summary>What <c>disassemble.json</c> will tell.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>Whether each byte was held against a checksum by the store, or read again, and nothing leaves a doubt.</summary>
    public bool AreProved { get; private set; } = true;

    /// <summary>Writes the next bytes of the frame.</summary>
    /// <param name="piece">The bytes; never more than fit into a part.</param>
    /// <param name="isLast">Whether these are the last ones.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> piece, bool isLast, CancellationToken ct)
    {
        bool endsPart = isLast || _length + piece.Length >= partBytes;
        if (_open is null)
        {
            _paths.Add(CtaIngestLayout.PartPath(_attempt, name, _paths.Count));
            if (endsPart)
            {
                await _payload.WriteAsync(Place, piece, _metadata, ct).ConfigureAwait(false);
                await SyncAsync(ct).ConfigureAwait(false);
                return;
            }

            var upload = new ObjectUpload(inner, _payload, time);
            await upload.BeginAsync(Place, new WriteOptions { Metadata = _metadata }, ct).ConfigureAwait(false);
            _open = upload;
        }

        await _open.AddAsync(piece, ct).ConfigureAwait(false);
        _length += piece.Length;
        if (endsPart)
        {
            await PublishAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Takes away what was put in, as far as that can be done now: why the file was not sent is known, and told.</summary>
    public async ValueTask TryRemoveAsync(CancellationToken ct)
    {
        if (_open is { } open)
        {
            await open.TryAbortAsync().ConfigureAwait(false);
        }

        try
        {
            foreach (string path in _paths)
            {
                await inner.DeleteAsync(StorePath.FromText(CtaIngestLayout.Parts + path), ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // relay prune takes away what is left.
        }
    }

    private StorePath Place => StorePath.FromText(CtaIngestLayout.Parts + _paths[^1]);

    private async ValueTask PublishAsync(CancellationToken ct)
    {
        ObjectUpload upload = _open!;
        (_open, _length) = (null, 0);
        bool isSure = await upload.PublishAsync(
            async length => await inner.StatAsync(Place, ct).ConfigureAwait(false) is { Kind: EntryKind.File } there && there.Length == length, ct)
            .ConfigureAwait(false);
        AreProved &= isSure && inner.ArrivalChecksum is not null;
        await SyncAsync(ct).ConfigureAwait(false);
    }

    private async ValueTask SyncAsync(CancellationToken ct)
    {
        if (inner.Durability is { } durability)
        {
            await durability.SyncPublishedAsync([Place], ct).ConfigureAwait(false);
        }
    }
}
