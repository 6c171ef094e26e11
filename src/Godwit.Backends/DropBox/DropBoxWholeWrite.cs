using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Writes a file in one call.</summary>
/// <param name="objects">The box.</param>
/// <param name="publishing">Publishes.</param>
/// <param name="writing">Stores parts.</param>
internal sealed class DropBoxWholeWrite(DropBoxObjects objects, DropBoxPublishing publishing, DropBoxWriting writing)
{
    /// <summary>Writes a whole file; a failure or cancellation leaves nothing of it, unless it may still be published.</summary>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        string id = RandomNumberGenerator.GetHexString(DropBoxLayout.IdLength, lowercase: true);
        writing.RequireName(path);
        writing.RequireKind(options.Expected, path);
        await objects.MakeFormatAsync(ct).ConfigureAwait(false);
        if (options.CreateOnly)
        {
            await publishing.RequireFreeAsync(path, ct).ConfigureAwait(false);
        }

        long begun = publishing.Moment;
        bool mayBePublished = false;
        try
        {
            DropBoxPart[] parts = await StoreAllAsync(path, id, source, options.Expected, ct).ConfigureAwait(false);
            DropBoxRecord record = writing.Record(path, id, parts, options.Metadata);
            DropBoxWriting.RequireSame(options.Expected, DropBoxRecord.Combined(parts), path);
            ct.ThrowIfCancellationRequested();
            mayBePublished = true;
            await publishing.PublishAsync(record, options.CreateOnly, publishing.IsLongSince(begun), ct).ConfigureAwait(false);
            return record.ToEntry();
        }
        catch (Exception e) when (!mayBePublished || e is StoreException { Next: not (NextStep.RepeatCall or NextStep.RepeatCallLater) })
        {
            await publishing.TryAsync(token => objects.DropAsync(path, id, token)).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<DropBoxPart[]> StoreAllAsync(StorePath path, string id, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        var parts = new List<DropBoxPart>();
        Stream content = await source.OpenAsync(ct).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            for (long offset = 0; offset < source.Length;)
            {
                long length = Math.Min(DropBoxWriting.MostPartBytes, source.Length - offset);
                PackedPart packed = await writing.PackAsync(content, length, path, ct).ConfigureAwait(false);
                if (offset + length == source.Length)
                {
                    await PackPart.RequireEndAsync(content, source.Length, path, ct).ConfigureAwait(false);
                    DropBoxWriting.RequireSame(offset == 0 ? expected : null, packed.Checksum, path);
                }

                parts.Add(await writing.StoreAsync(id, parts.Count + 1, offset, length, packed, ct).ConfigureAwait(false));
                offset += length;
            }

            if (source.Length == 0)
            {
                await PackPart.RequireEndAsync(content, 0, path, ct).ConfigureAwait(false);
            }
        }

        return [.. parts];
    }
}
