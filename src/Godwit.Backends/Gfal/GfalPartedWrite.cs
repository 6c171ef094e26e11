using System.Security.Cryptography;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Writes under a partial name beside the final one, and renames. On XRootD a part may go anywhere into the file; GridFTP's servers, asked
/// through libgfal2, take a file only from its start to its end, which is one part.</summary>
internal sealed class GfalPartedWrite(GfalTree tree, GfalRead reading, GfalRename rename, StoreLimits limits) : IPartedWrite, IUnpublishedRead, IUnpublishedChecksum
{
    private readonly GfalUploadWriter _writer = new(tree);

    public PartLimits Limits { get; } = tree.Server.IsXrootd
        ? new PartLimits { UsualBytes = 16 << 20, CreateOnlyIsAtomic = false, IsThereWhenBegun = false }
        : new PartLimits { MaxParts = 1, CreateOnlyIsAtomic = false, IsThereWhenBegun = false };

    public IUnpublishedRead? UnpublishedRead => this;

    public IUnpublishedChecksum? UnpublishedChecksum => this;

    // An XRootD server computes a few at a time, and has whoever comes too soon after others wait for half a minute.
    public long WorthBytes { get; } = tree.Server.IsXrootd ? 4 << 20 : 0;

    public IUploadListing? UploadListing => null;

    public IReadOnlyList<ChecksumKind> Kinds => GfalChecksums.KindsOf(tree.Server);

    public async ValueTask<PartedUpload> BeginAsync(StorePath path, string tag, long? length, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload upload = Named(path, tag, options);
        await tree.RequireRootAsync(ct).ConfigureAwait(false);
        if (length == 0)
        {
            await _writer.WriteAsync(upload, 0, null, ct).ConfigureAwait(false);
        }

        return upload;
    }

    public async ValueTask<PartedUpload?> ResumeAsync(
        StorePath path, string tag, string? id, long? length, WriteOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload upload = Named(path, tag, options);
        upload.IsMade = await tree.LookAsync(upload.Partial, ct).ConfigureAwait(false) is not null;
        return upload.IsMade ? upload : null;
    }

    public async ValueTask<StoredPart> WritePartAsync(
        PartedUpload upload, int number, long offset, WriteSource source, Checksum? expected, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload own = Own(upload);
        if (number < 1 || offset < 0 || number > Limits.MaxParts || (Limits.MaxParts == 1 && offset > 0))
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, own.Path, $"cannot have part {number} at {offset} on {tree.Server}");
        }

        if (expected is not null)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, own.Path, "cannot be written against a checksum: the protocol has none");
        }

        await _writer.WriteAsync(own, offset, source, ct).ConfigureAwait(false);
        return new StoredPart(number, offset, source.Length);
    }

    public ValueTask<IReadOnlyList<StoredPart>?> ListPartsAsync(PartedUpload upload, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredPart>?>(null);
    }

    public async ValueTask<StoreEntry> CompleteAsync(PartedUpload upload, IReadOnlyList<StoredPart> parts, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload own = Own(upload);
        long length = parts.Sum(part => part.Length);
        if (parts.Count == 0 && !own.IsMade)
        {
            await _writer.WriteAsync(own, 0, null, ct).ConfigureAwait(false);
        }

        Facts written = await _writer.LookAsync(own, ct).ConfigureAwait(false);
        if (written.Length != length)
        {
            throw GfalErrors.Of(
                StoreErrorKind.Integrity, own.Path, $"has {written.Length} bytes under its partial name and its parts have {length}");
        }

        await rename.PublishAsync(own.Partial, own.Path, own.Options.CreateOnly, ct).ConfigureAwait(false);
        return GfalEntries.From(own.Path, written);
    }

    public async ValueTask<bool> AbortAsync(PartedUpload upload, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload own = Own(upload);
        own.IsThrownAway = true;
        GfalReply reply = await tree.AskAsync(new Frame(Verb.Unlink).Bytes(tree.Url(own.Partial)), ct).ConfigureAwait(false);
        return reply.Fault is not { } fault || tree.IsNothing(fault) ? true : throw tree.Error(fault, "aborted", own.Path);
    }

    public async ValueTask<Stream> OpenRangeAsync(PartedUpload upload, long offset, long length, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload own = Own(upload);
        if (offset < 0 || length < 0)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, own.Path, $"has no range of {length} bytes at {offset}");
        }

        // What was written here is not looked for again: whoever finds less of it says so.
        bool isKnown = !own.IsThrownAway && length <= own.Written && offset <= own.Written - length;
        long there = isKnown ? offset + length : (await _writer.LookAsync(own, ct).ConfigureAwait(false)).Length;
        byte[] url = tree.Url(own.Partial);
        GfalLane lane = await tree.Workers.RentAsync(ct).ConfigureAwait(false);
        long start = Math.Min(offset, there);
        long end = start + Math.Min(length, there - start);
        Stream body = reading.Body(lane, own.Path, url, (tree.Server.IsXrootd ? start : 0, end), opened: null);
        if (!tree.Server.IsXrootd)
        {
            await SkipAsync(body, start, ct).ConfigureAwait(false);
        }

        return body;
    }

    /// <summary>A GridFTP server gives a file only from its start; whoever reads again what he wrote does so, too.</summary>
    private static async Task SkipAsync(Stream body, long count, CancellationToken ct)
    {
        var room = new byte[Math.Min(count, 1 << 20)];
        try
        {
            for (long left = count; left > 0;)
            {
                int read = await body.ReadAsync(room.AsMemory(0, (int)Math.Min(left, room.Length)), ct).ConfigureAwait(false);
                left -= read > 0 ? read : left;
            }
        }
        catch
        {
            await body.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<Checksum?> GetAsync(PartedUpload upload, ChecksumKind kind, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload own = Own(upload);
        GfalUploadWriter.RequireKept(own);
        return await GfalChecksums.AskAsync(tree, own.Partial, own.Path, kind, ct).ConfigureAwait(false);
    }

    /// <summary>Writes a whole file; a failure or cancellation leaves nothing of it.</summary>
    public async ValueTask<StoreEntry> WriteWholeAsync(StorePath path, WriteSource source, WriteOptions write, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalUpload upload = Named(path, RandomNumberGenerator.GetHexString(16, lowercase: true), write);
        await tree.RequireRootAsync(ct).ConfigureAwait(false);
        if (write.CreateOnly && await tree.LookAsync(path, ct).ConfigureAwait(false) is not null)
        {
            throw GfalErrors.Of(StoreErrorKind.AlreadyExists, path, "could not be written: something is there already");
        }

        try
        {
            StoredPart part = await WritePartAsync(upload, 1, 0, source, null, ct).ConfigureAwait(false);
            return await CompleteAsync(upload, [part], ct).ConfigureAwait(false);
        }
        catch
        {
            await TryAbortAsync(upload).ConfigureAwait(false);
            throw;
        }
    }

    private async Task TryAbortAsync(GfalUpload upload)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), tree.Workers.Time);
            await AbortAsync(upload, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // The first failure is the one to tell.
        }
    }

    private GfalUpload Named(StorePath path, string tag, WriteOptions options)
    {
        if ((path.IsRoot ? "it is the store's root" : limits.Refuses(path)) is { } why)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, path, $"cannot be written: {why}");
        }

        if (options.Expected is not null)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, path, "cannot be written against a checksum: the protocol has none");
        }

        return new GfalUpload(path, tag, path.Parent.Child(PartialName.For(path.Name, tag)), options);
    }

    /// <summary>The upload as it was begun here.</summary>
    /// <exception cref="StoreException">It was begun elsewhere.</exception>
    internal static GfalUpload Own(PartedUpload upload) => upload as GfalUpload
        ?? throw new StoreException(StoreErrorKind.InvalidRequest, "The upload was begun with another store.");
}
