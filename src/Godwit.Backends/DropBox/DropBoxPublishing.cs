using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Publishes versions, and takes them away. Of several callers in this process one at a time has to do with a file.</summary>
/// <param name="objects">The box.</param>
/// <param name="time">The clock.</param>
internal sealed class DropBoxPublishing(DropBoxObjects objects, TimeProvider time) : IVersionedDelete, IDisposable
{
    private const int Gates = 64;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Now.</summary>
    public Timestamp Now => Timestamp.From(time.GetUtcNow());

    /// <summary>Now, for <see cref="IsLongSince"/>.</summary>
    public long Moment => time.GetTimestamp();

    /// <summary>Whether it is so long since a moment that somebody may take what was stored then for left.</summary>
    public bool IsLongSince(long moment) => time.GetElapsedTime(moment) > SweepAge.Least;

    /// <summary>Makes a version whose payload is there the newest one: marker, then record.</summary>
    /// <param name="record">The version.</param>
    /// <param name="createOnly">Whether nothing may be there.</param>
    /// <param name="isOld">Whether its payload has been there for so long that it may be swept meanwhile: then it is looked for afterwards.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.AlreadyExists"/>: create-only, and something is there; then neither marker nor
    /// record is left. <see cref="StoreErrorKind.NotFound"/>: the payload was swept; what was there before is again.</exception>
    public async ValueTask PublishAsync(DropBoxRecord record, bool createOnly, bool isOld, CancellationToken ct)
    {
        await objects.MakeFormatAsync(ct).ConfigureAwait(false);
        SemaphoreSlim gate = GateOf(record.Path);
        await gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            DropBoxRecord? before = await ReplacedAsync(record.Path, ct).ConfigureAwait(false);
            if (createOnly && before is not null && before.Id != record.Id && await objects.CountsAsync(before, ct).ConfigureAwait(false))
            {
                throw IsThere(record.Path);
            }

            await objects.WriteMarkerAsync(record.Path, record.Id, ct).ConfigureAwait(false);
            await WriteRecordAsync(record, createOnly && before is null, ct).ConfigureAwait(false);
            if (isOld && record.Parts.Count > 0 && !await objects.KeepsAsync(record, ct).ConfigureAwait(false))
            {
                await TakeBackAsync(record, before, ct).ConfigureAwait(false);
                throw Swept(record.Path);
            }

            if (before is not null && before.Id != record.Id)
            {
                await TryAsync(token => objects.DropAsync(before.Path, before.Id, token)).ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Fails where a create-only write would replace something.</summary>
    public async ValueTask RequireFreeAsync(StorePath path, CancellationToken ct)
    {
        if (await objects.FindAsync(path, ct).ConfigureAwait(false) is not null)
        {
            throw IsThere(path);
        }
    }

    /// <summary>Takes away the newest version, whichever it is: it was delivered, or is taken back. Nothing there is success.</summary>
    /// <returns>Whether a file was there, or had been.</returns>
    public async ValueTask<bool> DeleteAsync(StorePath path, CancellationToken ct)
    {
        await objects.RequireFormatAsync(ct).ConfigureAwait(false);
        if (await objects.NewestAsync(path, ct).ConfigureAwait(false) is not { } record)
        {
            return false;
        }

        await TakeAwayAsync(record, ct).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorePath path, string version, CancellationToken ct)
    {
        await objects.RequireFormatAsync(ct).ConfigureAwait(false);
        if (await objects.NewestAsync(path, ct).ConfigureAwait(false) is not { } record)
        {
            return;
        }

        if (record.Id == version || !await objects.CountsAsync(record, ct).ConfigureAwait(false))
        {
            await TakeAwayAsync(record, ct).ConfigureAwait(false);
            return;
        }

        throw new StoreException(
            StoreErrorKind.PreconditionFailed, $"\"{path}\" is no longer version {version} in the drop box: a newer one was put in, which stays.")
        {
            Path = path,
        };
    }

    /// <summary>Does what can be done about something that is of no use any longer; a failure is not told.</summary>
    public async ValueTask TryAsync(Func<CancellationToken, ValueTask> tidyAsync)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience, time);
            await tidyAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // What the caller came for is done, or failed for another reason: that is the one to tell.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_gates, gate => gate.Dispose());

    /// <summary>Has what was there before a version that cannot be read.</summary>
    private async ValueTask TakeBackAsync(DropBoxRecord record, DropBoxRecord? before, CancellationToken ct)
    {
        if (await objects.NewestAsync(record.Path, ct).ConfigureAwait(false) is { } newest && newest.Id == record.Id)
        {
            if (before is null || before.Id == record.Id)
            {
                await objects.Inner.DeleteAsync(DropBoxLayout.Record(record.Path), ct).ConfigureAwait(false);
            }
            else
            {
                await objects.WriteRecordAsync(before, createOnly: false, ct).ConfigureAwait(false);
            }
        }

        await objects.Inner.DeleteAsync(DropBoxLayout.Marker(record.Path, record.Id), ct).ConfigureAwait(false);
    }

    private async ValueTask TakeAwayAsync(DropBoxRecord record, CancellationToken ct)
    {
        if (objects.Options.CountsDelivered)
        {
            await objects.Inner.DeleteAsync(DropBoxLayout.Record(record.Path), ct).ConfigureAwait(false);
        }
        else if (!await objects.IsDeliveredAsync(record, ct).ConfigureAwait(false))
        {
            await objects.WriteDoneAsync(record, Now, ct).ConfigureAwait(false);
        }

        // Also where it was delivered before: whoever did that may not have come to the end.
        await objects.DropAsync(record.Path, record.Id, ct).ConfigureAwait(false);
    }

    /// <summary>What is there to be replaced. A record that cannot be read is in nobody's way.</summary>
    private async ValueTask<DropBoxRecord?> ReplacedAsync(StorePath path, CancellationToken ct)
    {
        try
        {
            return await objects.NewestAsync(path, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            return null;
        }
    }

    private async ValueTask WriteRecordAsync(DropBoxRecord record, bool createOnly, CancellationToken ct)
    {
        try
        {
            await objects.WriteRecordAsync(record, createOnly, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
        {
            // The store may have repeated a write whose answer was lost.
            if (await objects.NewestAsync(record.Path, ct).ConfigureAwait(false) is not { } there || there.Id != record.Id)
            {
                await objects.Inner.DeleteAsync(DropBoxLayout.Marker(record.Path, record.Id), ct).ConfigureAwait(false);
                throw IsThere(record.Path);
            }
        }
    }

    private SemaphoreSlim GateOf(StorePath path) => _gates[(path.GetHashCode() & int.MaxValue) % Gates];

    private static StoreException Swept(StorePath path) =>
        new(StoreErrorKind.NotFound, $"What the drop box had of \"{path}\" was swept away as left before it was published.")
        {
            Path = path,
            Next = NextStep.RestartFile,
        };

    private static StoreException IsThere(StorePath path) =>
        new(StoreErrorKind.AlreadyExists, $"\"{path}\" is in the drop box already.") { Path = path };
}
