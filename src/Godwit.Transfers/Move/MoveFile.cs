using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>Moves one file by the route that suits it.</summary>
internal sealed class MoveFile(MoveContext context, ProveFile prove, MakeLink link)
{
    // Kernels before 6.13 stamp changes with a clock that ticks every 4 ms, so a change right after another may carry the same time.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private const int Looks = 10;

    /// <summary>How long after a change another one could carry the same time, as far as the coarser side keeps it: by the source's own version
    /// where that is no more than a length and a time, and by what a later run compares.</summary>
    private readonly TimeSpan _grain = Tick + TimeSpan.FromTicks(
        Math.Max(context.Source.Limits.VersionsAreExact ? 0 : context.Source.Limits.ToldPrecision, context.Destination.Limits.TimePrecision) / 100);

    private readonly MoveByParts _byParts = new(context, prove);
    private readonly MoveInOneCall _inOneCall = new(context, prove);
    private readonly MoveByThirdParty _byThirdParty = new(context, prove);
    private volatile bool _serverRefused;

    /// <summary>Afterwards the destination has all bytes of one version of the file: unpublished where it can hold them so.</summary>
    public async Task MoveAsync(FileInFlight file, CancellationToken ct)
    {
        try
        {
            await MoveOpenAsync(file, ct).ConfigureAwait(false);
        }
        finally
        {
            file.TakeRead()?.Dispose();
        }
    }

    /// <summary>Whether moving the file is publishing it, in one step.</summary>
    public bool PublishesAtOnce(FileInFlight file) =>
        !(file.OnlyProof && file.Attempts == 1) && (file.IsLink || RouteOf(file).Route is Route.OneCall or Route.Server);

    private async Task MoveOpenAsync(FileInFlight file, CancellationToken ct)
    {
        await PinAsync(file, ct).ConfigureAwait(false);
        if (file.IsLink)
        {
            await link.MoveAsync(file, ct).ConfigureAwait(false);
            return;
        }

        if (file.OnlyProof && file.Attempts == 1)
        {
            await AdoptAsync(file, ct).ConfigureAwait(false);
            return;
        }

        ChosenRoute chosen = RouteOf(file);
        Route first = chosen.Route;
        if (first is Route.Server or Route.ThirdParty)
        {
            file.Goes(chosen.Name, chosen.Reason);
            if (await TryWithoutUsAsync(file, first, ct).ConfigureAwait(false))
            {
                return;
            }

            chosen = RouteOf(file);
        }

        file.Goes(chosen.Name, chosen.Reason);
        await (chosen.Route == Route.OneCall ? _inOneCall.MoveAsync(file, ct) : _byParts.MoveAsync(file, ct)).ConfigureAwait(false);
        if (first == Route.ThirdParty)
        {
            _byThirdParty.CountRefusal();
        }
    }

    private ChosenRoute RouteOf(FileInFlight file)
    {
        ChosenRoute chosen = ChooseRoute.For(context.Source, context.Destination, file.Item, context.Policy);
        if (chosen.Reason == RouteReason.Asked || chosen.Route is not (Route.Server or Route.ThirdParty))
        {
            return chosen;
        }

        bool isRefused = file.WasRefused
            || (chosen.Route == Route.Server ? _serverRefused : _byThirdParty.IsGivenUp || (file.Attempts > 1 && file.Route == Receipt.ThirdPartyRoute));
        RouteReason? throughHere = isRefused ? RouteReason.Refused
            : chosen.Route == Route.ThirdParty && file.Kept is not null ? RouteReason.Begun
            : null;
        return throughHere is { } reason ? ChooseRoute.Streamed(context.Destination, file.Item.Source.Length, context.Policy, reason) : chosen;
    }

    /// <summary>Moves a file without its bytes passing through here. Where that turns out not to be possible it is not asked for again, unless
    /// the policy asks for it: of two file systems that the kernel does not copy between, of servers that do not reach each other.</summary>
    private async Task<bool> TryWithoutUsAsync(FileInFlight file, Route route, CancellationToken ct)
    {
        try
        {
            await (route == Route.Server ? CopyOnServerAsync(file, ct) : _byThirdParty.MoveAsync(file, ct)).ConfigureAwait(false);
            return true;
        }
        catch (StoreException e) when (context.Policy.Route == RouteChoice.Auto && MayGoThroughHere(e, route))
        {
            file.WasRefused = true;
            _serverRefused |= route == Route.Server;
            context.Observer.On(new RouteRefused(file.Path, file.Route, e.Message));
            return false;
        }
    }

    /// <summary>Whether another route may do what this one did not: not where the file itself is another one now, or the destination is full.</summary>
    private static bool MayGoThroughHere(StoreException e, Route route) => route == Route.Server
        ? e.Kind == StoreErrorKind.Unsupported
        : e is not ({ Side: StoreSide.Source, Kind: StoreErrorKind.PreconditionFailed } or { Kind: StoreErrorKind.QuotaExceeded });

    /// <summary>Makes the plan's entry the version that is moved: waits until a file changed this very moment can be told from its next
    /// change, looks where the listing did not show the time that the file was given, and looks again where an earlier try found it
    /// changed.</summary>
    private async Task PinAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry entry = file.Item.Source;
        bool isTold = entry.Modified is not null || context.Source.Limits.TimePrecision == 0;
        if (isTold && file.Attempts == 1 && !IsFresh(entry))
        {
            return;
        }

        if (!isTold && file.Attempts == 1 && entry.Length <= ChooseRoute.OneCallBytes && !file.OnlyProof && RouteOf(file).Route is Route.Parts or Route.OneCall)
        {
            // The answer to a read tells what a look would: one call for a small file, not two.
            (StoreEntry pinned, ByteBudget.Buffer bytes) = await context.ReadWholeAsync(entry, ct).ConfigureAwait(false);
            file.KeepRead(pinned, bytes);
            return;
        }

        file.Item = file.Item with { Source = await LookUntilAtRestAsync(file, ct).ConfigureAwait(false) };
    }

    /// <summary>Whether another change right now could carry the same time. A time in the future is no moment of this clock.</summary>
    private bool IsFresh(StoreEntry entry)
    {
        long now = Timestamp.From(context.Time.GetUtcNow()).Nanoseconds;
        return IsNow(entry.Modified) || IsNow(entry.Inode?.Changed);

        bool IsNow(Timestamp? moment) => moment is { } known && Int128.Abs((Int128)now - known.Nanoseconds) < _grain.Ticks * 100;
    }

    private async Task<StoreEntry> LookUntilAtRestAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry entry = file.Item.Source;
        for (int look = 1; look <= Looks; look++)
        {
            if (IsFresh(entry))
            {
                await Task.Delay(_grain, context.Time, ct).ConfigureAwait(false);
            }

            entry = await LookAgainAsync(file, ct).ConfigureAwait(false);
            if (!IsFresh(entry))
            {
                return entry;
            }
        }

        throw Changed(entry, "it is being written");
    }

    private async Task<StoreEntry> LookAgainAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry entry = file.Item.Source;
        StoreEntry now = await context.Source.StatAsync(entry.Path, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{entry.Path}\" was removed at the source before it was read.")
            {
                Side = StoreSide.Source,
                Path = entry.Path,
            };
        return now.Kind == entry.Kind ? now : throw Changed(entry, $"it is no longer a {(file.IsLink ? "link" : "file")}");
    }

    private static StoreException Changed(StoreEntry entry, string what) =>
        new(StoreErrorKind.PreconditionFailed, what) { Side = StoreSide.Source, Path = entry.Path };

    private async Task AdoptAsync(FileInFlight file, CancellationToken ct)
    {
        await prove.Source.DigestAsync(file, ct).ConfigureAwait(false);

        // Not what the plan saw: by the ledger, that is only what a receipt told.
        file.Published = await context.Destination.StatAsync(file.Path, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"\"{file.Path}\" was removed before it was proved.")
            {
                Side = StoreSide.Destination,
                Path = file.Path,
                Next = NextStep.RestartFile,
            };
        file.Goes(Receipt.AdoptedRoute);
    }

    private async Task CopyOnServerAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        try
        {
            await file.PlaceAsync(() => context.Destination.ServerCopy!.CopyAsync(
                context.Source.Identity, pinned.Path, pinned.Version, file.Path, context.WriteOptionsFor(file), ct)).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists && file.MayStand)
        {
            // The answer to an earlier try was lost.
            if (!await prove.StandsAsync(file, ct).ConfigureAwait(false))
            {
                throw;
            }
        }

        await ReadSource.RequireUnchangedAsync(context.Source, pinned, ct).ConfigureAwait(false);
        file.CountSent(pinned.Length);
        context.Observer.OnBytes(file.Path, pinned.Length);
        if (context.Policy.Checksums.Count > 0)
        {
            await prove.Source.DigestAsync(file, ct).ConfigureAwait(false);
        }
    }
}
