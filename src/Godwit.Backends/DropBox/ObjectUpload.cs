using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Writes one object by parts of the store that a box is in, each held against a checksum as it arrives where that store can.</summary>
/// <param name="inner">The store; it writes by parts.</param>
/// <param name="payload">Tells what parts are held against.</param>
/// <param name="time">The clock.</param>
internal sealed class ObjectUpload(IStore inner, DropBoxPayload payload, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly IPartedWrite _parts = inner.PartedWrite!;
    private readonly List<StoredPart> _written = [];
    private PartedUpload? _upload;
    private long _length;

    /// <summary>Begins it.</summary>
    public async ValueTask BeginAsync(StorePath path, WriteOptions options, CancellationToken ct)
    {
        string tag = RandomNumberGenerator.GetHexString(DropBoxLayout.IdLength, lowercase: true);
        _upload = await _parts.BeginAsync(path, tag, null, options, ct).ConfigureAwait(false);
    }

    /// <summary>Writes the next part.</summary>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        _written.Add(await _parts.WritePartAsync(
            _upload!, _written.Count + 1, _length, WriteSource.From(bytes), payload.Expected(bytes.Span), ct).ConfigureAwait(false));
        _length += bytes.Length;
    }

    /// <summary>Publishes it: the one call whose answer may be lost although it worked; what stands there then tells.</summary>
    /// <param name="isOursAsync">Whether what stands there is this object; gets its length.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Whether the store leaves no doubt that the object is made of these very parts.</returns>
    public async ValueTask<bool> PublishAsync(Func<long, ValueTask<bool>> isOursAsync, CancellationToken ct)
    {
        try
        {
            await _parts.CompleteAsync(_upload!, _written, ct).ConfigureAwait(false);
            return !_upload!.AssemblyIsInDoubt;
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            if (e is StoreException { Kind: not StoreErrorKind.AlreadyExists } && await isOursAsync(_length).ConfigureAwait(false))
            {
                return false;
            }

            await TryAbortAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Throws it away, as far as that can be done now: why the file was not written is known, and told.</summary>
    public async ValueTask TryAbortAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience, time);
            await _parts.AbortAsync(_upload!, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // relay prune takes away what is left.
        }
    }
}
