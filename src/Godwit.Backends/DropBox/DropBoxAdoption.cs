using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Writes down that files which are at their destination already count as delivered, without being sent. What the box knows stays as it
/// is.</summary>
/// <param name="inner">The store that the box is in.</param>
/// <param name="time">The clock.</param>
public sealed class DropBoxAdoption(IStore inner, TimeProvider time)
{
    private readonly DropBoxObjects _objects = new(inner, DropBoxOptions.Default);

    /// <summary>Whether the box knows nothing of a file, so that it can be adopted, or its adoption stopped half-way.</summary>
    public async ValueTask<bool> IsUnknownAsync(StorePath path, CancellationToken ct)
    {
        await _objects.RequireFormatAsync(ct).ConfigureAwait(false);
        return await _objects.NewestAsync(path, ct).ConfigureAwait(false) is not { } record
            || (record.IsAdopted && await _objects.DoneAsync(path, ct).ConfigureAwait(false) is null);
    }

    /// <summary>Adopts a file: its record, then what tells of its delivery.</summary>
    /// <param name="file">As it is; its time has to be known.</param>
    /// <param name="checksum">Its CRC-64/NVME; null where nobody read it: then its size and its version are all that it is known by.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Whether it is adopted now; false where the box knows another version.</returns>
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
