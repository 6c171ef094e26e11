using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>Has the destination's server fetch a file from the source's, into an upload that nobody sees until it is proved: by its length, and by
/// the checksum that each of the two servers computes of what it has.</summary>
internal sealed class MoveByThirdParty(MoveContext context, ProveFile prove)
{
    // More than one in a row are no accident.
    private const int MostRefusals = 3;

    private int _refusals;
    private volatile bool _hasWorked;

    /// <summary>Whether these servers have shown that they will not, or cannot.</summary>
    public bool IsGivenUp => Volatile.Read(ref _refusals) >= (_hasWorked ? MostRefusals : 1);

    /// <summary>Afterwards the upload holds the file.</summary>
    /// <exception cref="StoreException">It does not: nothing of it is left there, and another route may be tried.</exception>
    public async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        try
        {
            await FetchAsync(file, ct).ConfigureAwait(false);
            _hasWorked = true;
            Volatile.Write(ref _refusals, 0);
        }
        catch (StoreException)
        {
            await ThrowAwayAsync(file, ct).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A file that the servers did not move went through here: it was not the file's fault.</summary>
    public void CountRefusal() => Interlocked.Increment(ref _refusals);

    private async Task FetchAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        if (context.Destination.ThirdPartyCopy!.RefusesName(context.Source.ThirdPartySource!, pinned.Path) is { } why)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{pinned.Path}\" cannot go from server to server: {why}.")
            {
                Side = StoreSide.Source,
                Path = pinned.Path,
            };
        }

        file.MayHaveUpload = true;
        file.Upload ??= await context.Destination.PartedWrite!
            .BeginAsync(file.Path, file.Tag, pinned.Length, context.WriteOptionsFor(file), ct).ConfigureAwait(false);
        (StoredPart part, Checksum? told) = await PullAsync(file, pinned, file.Upload, ct).ConfigureAwait(false);
        await ReadSource.RequireUnchangedAsync(context.Source, pinned, ct).ConfigureAwait(false);
        if (part.Length != pinned.Length)
        {
            throw new StoreException(StoreErrorKind.Integrity, $"The servers moved {part.Length} bytes of {pinned.Length}.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
            };
        }

        file.Parts = [part];
        file.CountSent(pinned.Length);
        await TakeAsync(file, told, ct).ConfigureAwait(false);
    }

    private async Task<(StoredPart Part, Checksum? Told)> PullAsync(FileInFlight file, StoreEntry pinned, PartedUpload upload, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task<Checksum?> told = TellAsync(pinned, stop.Token);
        try
        {
            var passing = new Passing(context.Observer, file.Path, pinned.Length);
            StoredPart part = await context.Destination.ThirdPartyCopy!
                .PullAsync(context.Source.ThirdPartySource!, pinned.Path, upload, passing, ct).ConfigureAwait(false);
            passing.Report(pinned.Length);
            return (part, await told.ConfigureAwait(false));
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)told).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>The checksum that the source's server computes of its own file, while it is fetched; null where it tells none, or the bytes are to be read.</summary>
    private async Task<Checksum?> TellAsync(StoreEntry pinned, CancellationToken ct) =>
        context.Policy is { Verify: VerifyBy.Auto, Checksums.Count: 0 } && ChooseRoute.SharedKind(context.Source, context.Destination) is { } kind
            ? await context.Source.StoredChecksum!.GetAsync(pinned.Path, kind, ct).ConfigureAwait(false)
            : null;

    private async Task TakeAsync(FileInFlight file, Checksum? told, CancellationToken ct)
    {
        if (told is { } checksum)
        {
            file.TakeChecksums([checksum], null, inOnePart: false);
            file.SourceProof = SourceProof.Stored;
        }
        else if (context.Proof != Proof.Size || context.Policy.Checksums.Count > 0)
        {
            await prove.Source.DigestAsync(file, ct).ConfigureAwait(false);
        }
    }

    /// <summary>What is there is of no use to another route.</summary>
    private async Task ThrowAwayAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.Upload is not { } upload)
        {
            return;
        }

        try
        {
            await context.Destination.PartedWrite!.AbortAsync(upload, ct).ConfigureAwait(false);
            (file.Upload, file.MayHaveUpload, file.Parts) = (null, false, []);
        }
        catch (StoreException)
        {
            // Why it was not fetched is what people need to know; whoever writes the file next writes over it.
        }
    }

    /// <summary>Bytes as the servers tell them: never more than there are, and never fewer than before.</summary>
    private sealed class Passing(ITransferObserver observer, StorePath path, long length) : IProgress<long>
    {
        private long _told;

        public void Report(long value)
        {
            long now = Math.Min(value, length);
            long before = Interlocked.Read(ref _told);
            if (now > before && Interlocked.CompareExchange(ref _told, now, before) == before)
            {
                observer.OnBytes(path, now - before);
            }
        }
    }
}
