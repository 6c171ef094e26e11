using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Writes down that files which are at their destination already count as delivered, without being sent. What the box knows stays as it
/// is.</summary>
/// <param name="inner">The store that the box is in.</param>
/// <param name="time">The clock.</param>
public sealed class DropBoxAdoption(IStore inner, TimeProvider time) : IBoxAdoption
{
    private readonly DropBoxObjects _objects = new(inner, DropBoxOptions.Default);

    /// <inheritdoc/>
    public ChecksumKind Kind => ChecksumKind.Crc64Nvme;

    /// <summary>No: otherwise its size and its version are all that it is known by.</summary>
    public bool NeedsChecksum => false;

    /// <inheritdoc/>
    public async ValueTask<bool> IsUnknownAsync(StorePath path, CancellationToken ct)
    {
        await _objects.RequireFormatAsync(ct).ConfigureAwait(false);
        return await _objects.NewestAsync(path, ct).ConfigureAwait(false) is not { } record
            || (record.IsAdopted && await _objects.DoneAsync(path, ct).ConfigureAwait(false) is null);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AdoptAsync(StoreEntry file, Checksum? checksum, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(file);
        await _objects.MakeFormatAsync(ct).ConfigureAwait(false);
        var record = new DropBoxRecord
        {
            Path = file.Path,
            Id = RandomNumberGenerator.GetHexString(DropBoxLayout.IdLength, lowercase: true),
            Length = file.Length,
            Modified = file.Modified ?? throw new StoreException(StoreErrorKind.InvalidRequest, $"The time of \"{file.Path}\" is not known."),
            Mode = file.Mode & 0b111_111_111,
            Checksum = checksum,
            Seen = file.ResumeVersion,
            IsAdopted = true,
            At = Timestamp.From(time.GetUtcNow()),
        };
        try
        {
            if (await _objects.NewestAsync(file.Path, ct).ConfigureAwait(false) is { } there)
            {
                // Of an adoption that stopped half-way.
                record = there;
            }
            else
            {
                await _objects.WriteRecordAsync(record, createOnly: true, ct).ConfigureAwait(false);
            }
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
        {
            return false;
        }

        if (record.IsAdopted)
        {
            await _objects.WriteDoneAsync(record, record.At, ct).ConfigureAwait(false);
        }

        return record.IsAdopted;
    }
}
