using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Transfers.Move;

/// <summary>
/// Reads one pinned version of a source file, each byte once. Where the source reads ranges, parts are read side by side and a broken
/// body is taken up again; where it does not, one body is read in order.
/// </summary>
internal sealed class ReadSource(IStore source, StoreEntry pinned, TimeProvider time) : IAsyncDisposable
{
    private const int Tries = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly InOrder _order = new(1);
    private StoreBody? _body;

    /// <summary>Fills the buffer with a part.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.PreconditionFailed"/>: another version is there.</exception>
    public async ValueTask ReadPartAsync(int number, long offset, Memory<byte> buffer, CancellationToken ct)
    {
        if (source.RangedRead is { } ranged)
        {
            await ReadRangeAsync(ranged, offset, buffer, ct).ConfigureAwait(false);
            return;
        }

        await _order.WaitTurnAsync(number, ct).ConfigureAwait(false);
        _body ??= await OpenPinnedAsync(source, pinned, ct).ConfigureAwait(false);
        await FillAsync(_body.Content, buffer, pinned.Path, ct).ConfigureAwait(false);
        _order.Passed(number);
    }

    /// <summary>Opens a file and makes sure that it is still the pinned version.</summary>
    public static async ValueTask<StoreBody> OpenPinnedAsync(IStore source, StoreEntry pinned, CancellationToken ct)
    {
        StoreBody body = await OpenAsync(source, pinned, () => source.OpenReadAsync(pinned.Path, ct), ct).ConfigureAwait(false);
        if (body.Entry.Version == pinned.Version && body.Entry.Length == pinned.Length)
        {
            return body;
        }

        await body.DisposeAsync().ConfigureAwait(false);
        throw Changed(pinned.Path, "it is not what the listing showed");
    }

    /// <summary>Makes sure, after the last byte was read, that all of them belong to the pinned version.</summary>
    public static async ValueTask RequireUnchangedAsync(IStore source, StoreEntry pinned, CancellationToken ct)
    {
        StoreEntry? now = await source.StatAsync(pinned.Path, ct).ConfigureAwait(false)
            ?? throw Changed(pinned.Path, "it was removed");
        if (!now.IsSameVersion(pinned))
        {
            throw Changed(pinned.Path, now.Kind != pinned.Kind ? $"it is no longer a {(pinned.Kind == EntryKind.Link ? "link" : "file")}"
                : pinned.Kind == EntryKind.Link ? "it points elsewhere"
                : now.Length == pinned.Length ? "it was rewritten" : $"{pinned.Length} bytes became {now.Length}");
        }
    }

    /// <summary>Fills the buffer from a body.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Interrupted"/>: the body ended early.</exception>
    public static async ValueTask FillAsync(Stream body, Memory<byte> buffer, StorePath path, CancellationToken ct)
    {
        int filled = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        if (filled < buffer.Length)
        {
            throw new StoreException(StoreErrorKind.Interrupted, $"\"{path}\" ended {buffer.Length - filled} bytes early.")
            {
                Path = path,
            };
        }
    }

    public ValueTask DisposeAsync() => _body?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask ReadRangeAsync(IRangedRead ranged, long offset, Memory<byte> buffer, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Stream body = await OpenAsync(
                    source, pinned, () => ranged.OpenRangeAsync(pinned.Path, pinned.Version, offset, buffer.Length, ct), ct).ConfigureAwait(false);
                await using ConfiguredAsyncDisposable _ = body.ConfigureAwait(false);
                await FillAsync(body, buffer, pinned.Path, ct).ConfigureAwait(false);
                return;
            }
            catch (StoreException e) when (attempt < Tries && e.RetriesSpent == 0 && e.Next is NextStep.RepeatCall or NextStep.RepeatCallLater)
            {
                await Task.Delay(e.RetryAfter ?? FirstPause * (1 << attempt), time, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Opens what was listed as a file. Where the store refuses because a link, a directory or a pipe took its place, the source
    /// has changed, and nothing is wrong with the store.</summary>
    private static async ValueTask<T> OpenAsync<T>(IStore source, StoreEntry pinned, Func<ValueTask<T>> open, CancellationToken ct)
    {
        try
        {
            return await open().ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
        {
            await RequireUnchangedAsync(source, pinned, ct).ConfigureAwait(false);
            throw;
        }
    }

    private static StoreException Changed(StorePath path, string what) => new(StoreErrorKind.PreconditionFailed, what)
    {
        Side = StoreSide.Source,
        Path = path,
    };
}
