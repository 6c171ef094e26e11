namespace Godwit.Storage;

/// <summary>
/// How long nobody has answered at a store that answered before. It is the store's, not a call's: whichever call is answered ends it, and
/// once it has lasted too long, every call fails at once.
/// </summary>
internal sealed class StoreSilence(TimeSpan most, TimeProvider time)
{
    /// <summary>Between two looks whether somebody is back.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long? _since;
    private volatile StoreException? _last;
    private volatile bool _hasAnswered;

    /// <summary>Whether the store ever answered, be it by an error of its own.</summary>
    public bool HasAnswered => _hasAnswered;

    /// <summary>Somebody answered.</summary>
    public void End()
    {
        _hasAnswered = true;
        lock (_lock)
        {
            _since = null;
        }
    }

    /// <summary>Takes an error in.</summary>
    /// <returns>Whether it is part of a silence.</returns>
    public bool Hear(StoreException error)
    {
        if (!error.NobodyAnswered)
        {
            End();
            return false;
        }

        lock (_lock)
        {
            _since ??= time.GetTimestamp();
        }

        return _hasAnswered;
    }

    /// <summary>Whether it will have lasted too long after a pause.</summary>
    public bool EndsBefore(TimeSpan pause)
    {
        lock (_lock)
        {
            return _since is { } since && time.GetElapsedTime(since) + pause > most;
        }
    }

    /// <summary>Gives the store up, and tells why.</summary>
    public StoreException GiveUp(StoreException error, StoreCall call)
    {
        _last ??= error;
        return Told(call);
    }

    /// <summary>Throws once the store is given up.</summary>
    public void RequireHope(StoreCall call)
    {
        if (_last is not null)
        {
            throw Told(call);
        }
    }

    private StoreException Told(StoreCall call) => new(
        _last!.Kind, $"Nobody has answered for {most.TotalMinutes:0.#} minutes; what has arrived stays. {_last.Message}", _last)
    {
        Next = NextStep.LeaveStore,
        NobodyAnswered = true,
        Side = _last.Side,
        Store = _last.Store,
        Path = call.Path,
        Verb = call.Verb,
        RetriesSpent = 1,
    };
}
