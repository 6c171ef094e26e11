using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>
/// The five state files of a box. Each is read once, and again whenever it is rewritten: then only what is meant changes in it, and it is written on
/// condition that it is still what was read, where the store can, and looked at afterwards. What several files want changed at one moment goes into one
/// write.
/// </summary>
/// <param name="inner">The store that they are in.</param>
internal sealed class CtaIngestStates(IStore inner)
{
    /// <summary>Writes of others that may come in between before it is given up.</summary>
    private const int MostAttempts = 10;

    private readonly ConcurrentDictionary<StorePath, Slot> _slots = new();
    private readonly DropBoxPayload _payload = new(inner);

    /// <summary>What a file held when it was read or written last; nothing where there is none.</summary>
    public async ValueTask<CtaIngestState> GetAsync(StorePath file, CancellationToken ct)
    {
        Slot slot = SlotOf(file);
        if (slot.Known is { } known)
        {
            return known;
        }

        await slot.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return slot.Known ??= (await ReadAsync(file, ct).ConfigureAwait(false)).State;
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>Reads the files anew when they are wanted next.</summary>
    public void Forget()
    {
        foreach (Slot slot in _slots.Values)
        {
            slot.Known = null;
        }
    }

    /// <summary>Changes a file. Afterwards it was seen with the change in it.</summary>
    /// <param name="file">Which one.</param>
    /// <param name="change">Changes it, and says whether that changed anything; called again where somebody else wrote meanwhile.</param>
    /// <param name="ct">Cancels it while it waits for its turn.</param>
    public async ValueTask ChangeAsync(StorePath file, Func<CtaIngestState, bool> change, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Slot slot = SlotOf(file);
        var mine = new Change(change);
        slot.Waiting.Enqueue(mine);
        try
        {
            await slot.Gate.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (mine.TryTake())
        {
            // Nobody made it yet, and nobody will.
            throw;
        }
        catch (OperationCanceledException)
        {
            await mine.Done.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await CommitAsync(file, slot).ConfigureAwait(false);
        }
        finally
        {
            slot.Gate.Release();
        }

        await mine.Done.Task.ConfigureAwait(false);
    }

    private Slot SlotOf(StorePath file) => _slots.GetOrAdd(file, _ => new Slot());

    /// <summary>Makes all changes that wait. Not cancelled: what one of those who wait does not want any more, the others do.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "It is thrown again, to each of those whose change was to be made.")]
    private async Task CommitAsync(StorePath file, Slot slot)
    {
        var together = new List<Change>();
        while (slot.Waiting.TryDequeue(out Change? one))
        {
            if (one.TryTake())
            {
                together.Add(one);
            }
        }

        if (together.Count == 0)
        {
            return;
        }

        try
        {
            slot.Known = await WriteAsync(file, together).ConfigureAwait(false);
            together.ForEach(one => one.Done.SetResult());
        }
        catch (Exception e)
        {
            // Whoever waits has to hear of it, whatever it is.
            slot.Known = null;
            together.ForEach(one => one.Done.SetException(e));
        }
    }

    private async Task<CtaIngestState> WriteAsync(StorePath file, List<Change> changes)
    {
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            (CtaIngestState state, StoreEntry? there) = await ReadAsync(file, CancellationToken.None).ConfigureAwait(false);
            bool isChanged = false;
            changes.ForEach(one => isChanged |= one.Make(state));
            if (!isChanged || await StandsAsync(file, state.ToBytes(), there).ConfigureAwait(false))
            {
                return state;
            }
        }

        throw new StoreException(
            StoreErrorKind.Unavailable, $"\"{file}\" in the drop box {inner.Identity} is written by somebody else again and again.")
        { Path = file };
    }

    /// <summary>Writes a file; false where somebody else wrote it, before or after.</summary>
    private async Task<bool> StandsAsync(StorePath file, byte[] bytes, StoreEntry? there)
    {
        bool isPinned = inner.UserMetadata is not null;
        var options = new WriteOptions
        {
            CreateOnly = isPinned && there is null,
            Replaces = isPinned ? there?.Version : null,
            Expected = _payload.Expected(bytes),
            Metadata = new WriteMetadata { PairsAlone = isPinned },
        };
        try
        {
            StoreEntry written = await inner.WriteAsync(file, WriteSource.From(bytes), options, CancellationToken.None).ConfigureAwait(false);
            if (inner.Durability is { } durability)
            {
                await durability.SyncPublishedAsync([file], CancellationToken.None).ConfigureAwait(false);
            }

            StoreEntry? now = await inner.StatAsync(file, CancellationToken.None).ConfigureAwait(false);
            return written.Version is not null && now?.Version == written.Version && now.Length == bytes.Length;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.PreconditionFailed or StoreErrorKind.AlreadyExists)
        {
            return false;
        }
    }

    private async ValueTask<(CtaIngestState State, StoreEntry? There)> ReadAsync(StorePath file, CancellationToken ct)
    {
        StoreBody body;
        try
        {
            body = await inner.OpenReadAsync(file, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return (new CtaIngestState(), null);
        }

        await using ConfiguredAsyncDisposable closing = body.ConfigureAwait(false);
        var bytes = new byte[body.Entry.Length];
        await body.Content.ReadExactlyAsync(bytes, ct).ConfigureAwait(false);
        return (CtaIngestState.Parse(file, bytes), body.Entry);
    }

    private sealed class Slot
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public ConcurrentQueue<Change> Waiting { get; } = new();

        public volatile CtaIngestState? Known;
    }

    private sealed class Change(Func<CtaIngestState, bool> make)
    {
        private int _taken;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<CtaIngestState, bool> Make => make;

        /// <summary>Whether it is the caller's, to be made or to be dropped: one of them gets it.</summary>
        public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;
    }
}
