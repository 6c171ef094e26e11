using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>Writes a file as an object, whose metadata are there with its first byte.</summary>
/// <param name="objects">The box.</param>
/// <param name="limits">What the box can hold.</param>
/// <param name="time">The clock.</param>
internal sealed class CtaRelayWriting(CtaRelayObjects objects, StoreLimits limits, TimeProvider time)
{
    private const int BlockBytes = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly DropBoxPayload _payload = new(objects.Inner);

    /// <summary>Bytes of a file at most: packed, it has to fit into the parts that a store takes, and each of these into memory.</summary>
    public static long MostBytesIn(IStore inner) => inner.PartedWrite is { Limits: { } parts }
        ? Math.Min(inner.Limits.FileBytes, CtaRelayPacking.MostPartBytes * (parts.MaxParts - 1L) / 101 * 100)
        : CtaRelayPacking.MostPartBytes / 101 * 100;

    /// <summary>Writes a whole file; nothing is left of one that fails, unless it may still be published.</summary>
    public async ValueTask<StoreEntry> WriteAsync(StorePath path, WriteSource source, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        RequireFit(path, source, options);
        await objects.RequireLayoutAsync(ct).ConfigureAwait(false);
        if (options.CreateOnly && await objects.FindCountedAsync(path, ct).ConfigureAwait(false) is not null)
        {
            throw new StoreException(StoreErrorKind.AlreadyExists, $"\"{path}\" is in the drop box already.") { Path = path };
        }

        Checksum md5 = await DigestAsync(path, source, ct).ConfigureAwait(false);

        // What was delivered and does not count here is replaced, whoever wrote it.
        bool createOnly = options.CreateOnly && objects.Options.CountsDelivered;
        WriteOptions carrying = CtaRelayObjects.Carrying(CtaRelayFile.PairsOf(md5, source.Length), createOnly);
        Stream content = await source.OpenAsync(ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
        using var packing = new CtaRelayPacking(content, path, source.Length, md5, objects.Options.Level, objects.Inner.PartedWrite?.Limits);
        bool isWhole = await packing.NextAsync(ct).ConfigureAwait(false);
        if (isWhole)
        {
            await WriteWholeAsync(path, packing.Part, carrying, ct).ConfigureAwait(false);
        }
        else
        {
            await WritePartsAsync(path, packing, carrying, ct).ConfigureAwait(false);
        }

        return await StoredAsync(path, CtaRelayFile.VersionOf(md5, source.Length), ct).ConfigureAwait(false);
    }

    /// <summary>The object as the store has it: what its metadata say is all that the other side will know.</summary>
    private async ValueTask<StoreEntry> StoredAsync(StorePath path, string version, CancellationToken ct) =>
        await objects.FindAsync(path, ct).ConfigureAwait(false) is { } file && file.Version == version
            ? file.ToEntry()
            : throw new StoreException(StoreErrorKind.Integrity, $"The object \"{path}\" has not the metadata that it was written with, or was replaced.")
            {
                Path = path,
            };

    private void RequireFit(StorePath path, WriteSource source, WriteOptions options)
    {
        string? why = limits.Refuses(objects.Inner.Identity.Absolute(path))
            ?? (options.Expected is { } expected ? $"{Checksum.NameOf(expected.Kind)} is not checked here" : null)
            ?? (source.Length > limits.FileBytes ? $"{source.Length} bytes are more than the {limits.FileBytes} of a file here" : null);
        if (why is not null)
        {
            throw DropBoxWriting.Refused(path, why);
        }
    }

    /// <summary>Reads the file for its MD5 alone.</summary>
    private static async ValueTask<Checksum> DigestAsync(StorePath path, WriteSource source, CancellationToken ct)
    {
        if (source.InMemory is { } bytes)
        {
            return await ConcurrentMd5.HashAsync(bytes).ConfigureAwait(false);
        }

        using var checksum = RunningChecksum.Start(ChecksumKind.Md5);
        Stream content = await source.OpenAsync(ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
        var block = new byte[(int)Math.Clamp(source.Length, 1, BlockBytes)];
        long length = 0;
        for (int read; (read = await content.ReadAsync(block, ct).ConfigureAwait(false)) > 0;)
        {
            checksum.Append(block.AsSpan(0, read));
            length += read;
        }

        return length == source.Length ? checksum.Finish() : throw CtaRelayPacking.OtherLength(path, source.Length, length);
    }

    private async ValueTask WriteWholeAsync(StorePath path, ReadOnlyMemory<byte> packed, WriteOptions carrying, CancellationToken ct) =>
        await objects.Inner.WriteAsync(path, WriteSource.From(packed), carrying with { Expected = _payload.Expected(packed.Span) }, ct).ConfigureAwait(false);

    private async ValueTask WritePartsAsync(StorePath path, CtaRelayPacking packing, WriteOptions carrying, CancellationToken ct)
    {
        IPartedWrite parts = objects.Inner.PartedWrite!;
        string tag = RandomNumberGenerator.GetHexString(DropBoxLayout.IdLength, lowercase: true);
        PartedUpload upload = await parts.BeginAsync(path, tag, null, carrying, ct).ConfigureAwait(false);
        var written = new List<StoredPart>();
        long offset = 0;
        try
        {
            for (bool isLast = false; ; isLast = await packing.NextAsync(ct).ConfigureAwait(false))
            {
                ReadOnlyMemory<byte> packed = packing.Part;
                written.Add(await parts.WritePartAsync(
                    upload, written.Count + 1, offset, WriteSource.From(packed), _payload.Expected(packed.Span), ct).ConfigureAwait(false));
                offset += packed.Length;
                if (isLast)
                {
                    break;
                }
            }
        }
        catch
        {
            await TryAbortAsync(parts, upload).ConfigureAwait(false);
            throw;
        }

        await PublishAsync(parts, upload, written, carrying, ct).ConfigureAwait(false);
    }

    /// <summary>The one call whose answer may be lost although it worked: what stands there then tells.</summary>
    private async ValueTask PublishAsync(
        IPartedWrite parts, PartedUpload upload, List<StoredPart> written, WriteOptions carrying, CancellationToken ct)
    {
        try
        {
            await parts.CompleteAsync(upload, written, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            if (e is StoreException { Kind: not StoreErrorKind.AlreadyExists }
                && await objects.Inner.UserMetadata!.GetAsync(upload.Path, ct).ConfigureAwait(false) is { } there
                && there.Entry.Length == written.Sum(part => part.Length)
                && carrying.Metadata.Pairs.All(pair => there.Pairs.TryGetValue(pair.Key, out string? value) && value == pair.Value))
            {
                return;
            }

            await TryAbortAsync(parts, upload).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask TryAbortAsync(IPartedWrite parts, PartedUpload upload)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience, time);
            await parts.AbortAsync(upload, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // Why the file was not written is known, and told; relay prune takes away what is left.
        }
    }
}
