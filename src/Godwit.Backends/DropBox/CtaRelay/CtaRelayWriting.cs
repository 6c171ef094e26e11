using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>Writes a file as an object, whose metadata are there with its first byte.</summary>
/// <param name="objects">The box.</param>
/// <param name="limits">What the box can hold.</param>
/// <param name="time">The clock.</param>
internal sealed class CtaRelayWriting(CtaRelayObjects objects, StoreLimits limits, TimeProvider time)
{
    private const int BlockBytes = 1 << 20;

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

        return length == source.Length ? checksum.Finish() : throw DropBoxWriting.OtherLength(path, source.Length, length);
    }

    private async ValueTask WriteWholeAsync(StorePath path, ReadOnlyMemory<byte> packed, WriteOptions carrying, CancellationToken ct) =>
        await objects.Inner.WriteAsync(path, WriteSource.From(packed), carrying with { Expected = _payload.Expected(packed.Span) }, ct).ConfigureAwait(false);

    private async ValueTask WritePartsAsync(StorePath path, CtaRelayPacking packing, WriteOptions carrying, CancellationToken ct)
    {
        var upload = new ObjectUpload(objects.Inner, _payload, time);
        await upload.BeginAsync(path, carrying, ct).ConfigureAwait(false);
        try
        {
            for (bool isLast = false; ; isLast = await packing.NextAsync(ct).ConfigureAwait(false))
            {
                await upload.AddAsync(packing.Part, ct).ConfigureAwait(false);
                if (isLast)
                {
                    break;
                }
            }
        }
        catch
        {
            await upload.TryAbortAsync().ConfigureAwait(false);
            throw;
        }

        await upload.PublishAsync(IsOursAsync, ct).ConfigureAwait(false);

        async ValueTask<bool> IsOursAsync(long length) =>
            await objects.Inner.UserMetadata!.GetAsync(path, ct).ConfigureAwait(false) is { } there
            && there.Entry.Length == length
            && carrying.Metadata.Pairs.All(pair => there.Pairs.TryGetValue(pair.Key, out string? value) && value == pair.Value);
    }
}
