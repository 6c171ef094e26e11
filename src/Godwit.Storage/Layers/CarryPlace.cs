namespace Godwit.Storage;

/// <summary>
/// Every error that leaves a store says which store, which side, which call and which path. What is neither a
/// <see cref="StoreException"/> nor the caller's cancellation becomes one of <see cref="StoreErrorKind.Unexpected"/>: a translator has
/// a gap.
/// </summary>
/// <remarks>What an error already says stays: the source's error may pass through a write of the destination.</remarks>
/// <param name="store">The store, for people; never a secret.</param>
/// <param name="side">Whose side the store is on.</param>
public sealed class CarryPlace(string store, StoreSide side) : IStoreLayer
{
    /// <inheritdoc/>
    public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        ValueTask<T> pending;
        try
        {
            pending = next(ct);
        }
        catch (Exception error)
        {
            pending = ValueTask.FromException<T>(error);
        }

        // This layer also stands around local stores, whose calls end before they return: those pay for no state machine.
        return pending.IsCompletedSuccessfully && !MayList(call.Verb) ? pending : WithPlaceAsync(pending, call, ct);
    }

    /// <inheritdoc/>
    public Stream AroundBody(StoreCall call, Stream body) => new Body(this, call, body);

    /// <inheritdoc/>
    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;

    private static bool MayList(StoreVerb verb) => verb is StoreVerb.List or StoreVerb.ListBelow or StoreVerb.BulkDelete;

    private async ValueTask<T> WithPlaceAsync<T>(ValueTask<T> pending, StoreCall call, CancellationToken ct)
    {
        T answer;
        try
        {
            answer = await pending.ConfigureAwait(false);
        }
        catch (StoreException error)
        {
            Fill(error, call);
            throw;
        }
        catch (Exception error) when (error is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw Unexpected(error, call);
        }
        catch (OperationCanceledException error) when (error.CancellationToken != ct)
        {
            throw new OperationCanceledException(error.Message, error, ct);
        }

        if (MayList(call.Verb))
        {
            FillListed(answer, call);
        }

        return answer;
    }

    private void Fill(StoreException error, StoreCall call)
    {
        if (error.Store is null)
        {
            error.Store = store;
            error.Side = side;
            error.Verb = call.Verb;
            error.Path ??= call.Path;
        }
    }

    /// <summary>Errors may also be part of an answer.</summary>
    private void FillListed<T>(T answer, StoreCall call)
    {
        IReadOnlyList<StoreException>? errors = answer is StorePage page ? page.Unreadable : answer as IReadOnlyList<StoreException>;
        foreach (StoreException error in errors ?? [])
        {
            Fill(error, call);
        }
    }

    private StoreException Unexpected(Exception error, StoreCall call)
    {
        var unexpected = new StoreException(
            StoreErrorKind.Unexpected,
            $"{call.Verb} of \"{call.Path}\" in {store} failed in a way that nobody has classified: {error.GetType().Name}: {error.Message}",
            error);
        Fill(unexpected, call);
        return unexpected;
    }

    private sealed class Body(CarryPlace place, StoreCall call, Stream inner) : ThroughStream(inner)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException error)
            {
                place.Fill(error, call);
                throw;
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                throw place.Unexpected(error, call);
            }
            catch (OperationCanceledException error) when (error.CancellationToken != cancellationToken)
            {
                throw new OperationCanceledException(error.Message, error, cancellationToken);
            }
        }
    }
}
