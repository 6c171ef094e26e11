namespace Godwit.Storage;

/// <summary>What happened, for people and for figures.</summary>
public enum StoreErrorKind
{
    /// <summary>Nobody has classified this yet. A soak test that counts one of these has found a gap in a translator.</summary>
    Unexpected = 0,

    /// <summary>There is nothing at the path, or the directory on the way to it is missing.</summary>
    NotFound,

    /// <summary>Something is there already and the call was create-only.</summary>
    AlreadyExists,

    /// <summary>The credential is missing, wrong or expired.</summary>
    Unauthenticated,

    /// <summary>The credential is good, but it may not do this. Also a read-only file system.</summary>
    Forbidden,

    /// <summary>The version that the call was pinned to is no longer there.</summary>
    PreconditionFailed,

    /// <summary>No space, no inodes, or over quota.</summary>
    QuotaExceeded,

    /// <summary>The store asks to be called less often.</summary>
    RateLimited,

    /// <summary>The store cannot be reached or says that it is down.</summary>
    Unavailable,

    /// <summary>Our own timer ran out. The caller's own cancellation is never reported as this.</summary>
    TimedOut,

    /// <summary>The connection or the body broke off.</summary>
    Interrupted,

    /// <summary>Bytes, length or checksum are not what was promised.</summary>
    Integrity,

    /// <summary>The store cannot do this although its capability said so, or a file is in the way of a directory.</summary>
    Unsupported,

    /// <summary>The call itself is wrong: a name this store cannot hold, an option out of its limits.</summary>
    InvalidRequest,
}

/// <summary>What may be done about it, for code.</summary>
public enum NextStep
{
    /// <summary>Nothing that code can do: report it.</summary>
    GiveUp = 0,

    /// <summary>The same call may succeed.</summary>
    RepeatCall,

    /// <summary>The same call may succeed after a pause, <see cref="StoreException.RetryAfter"/> where the store named one.</summary>
    RepeatCallLater,

    /// <summary>Fetch the credential anew, once, then repeat.</summary>
    RenewCredentials,

    /// <summary>Start the file again from its first byte.</summary>
    RestartFile,

    /// <summary>A person has to act: free space, raise a quota. Pause the destination, not the file.</summary>
    WaitForOperator,

    /// <summary>Nobody has answered for so long that no call has any use now. Leave the store to a later run, which goes on from here.</summary>
    LeaveStore,
}

/// <summary>Whose side a failure is on.</summary>
public enum StoreSide
{
    /// <summary>Not known here.</summary>
    Unknown = 0,

    /// <summary>The store that is read from.</summary>
    Source,

    /// <summary>The store that is written to.</summary>
    Destination,

    /// <summary>Godwit itself, its ledger or the machine that it runs on.</summary>
    Ours,
}

/// <summary>
/// The one error that a store throws. It answers two questions: what happened (<see cref="Kind"/>) and what may be done
/// (<see cref="Next"/>). Each backend has one translator that makes it; nothing else classifies errors.
/// </summary>
/// <remarks>"Nothing there" from <see cref="IStore.StatAsync"/> is null, not this. The caller's cancellation is
/// <see cref="OperationCanceledException"/>, not this.</remarks>
public sealed class StoreException : IOException
{
    private const string Root = "The root ";
    private const string AnyRoot = "The root of a store ";
    private const string Machine = "file:///";

    /// <summary>An error with the next step that is usual for its kind.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="message">A sentence that names the value, the place and the remedy where there is one.</param>
    /// <param name="inner">What the store's own library said.</param>
    public StoreException(StoreErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Next = DefaultNextStep(kind);
    }

    /// <summary>The sentence. What says "The root" names it, once the stack around the store has filled in which store it is: by its path on this machine,
    /// else by its URL.</summary>
    public override string Message => Store is { } store && base.Message.StartsWith(Root, StringComparison.Ordinal) && !base.Message.StartsWith(AnyRoot, StringComparison.Ordinal)
        ? $"\"{(store.StartsWith(Machine, StringComparison.Ordinal) ? store[(Machine.Length - 1)..] : store)}\"{base.Message[(Root.Length - 1)..]}"
        : base.Message;

    /// <summary>What happened.</summary>
    public StoreErrorKind Kind { get; }

    /// <summary>What may be done. Unless set, the usual step of the kind.</summary>
    public NextStep Next { get; init; }

    /// <summary>How long the store asked to be left alone; null where it named nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether nobody answered at that address at all: its name is not known, or no connection is accepted. Of a store that never
    /// answered before, the address is more likely wrong than the store busy.</summary>
    public bool NobodyAnswered { get; init; }

    /// <summary>Whether a device, pipe or socket has the name that something was to get: nothing replaces it.</summary>
    public bool SpecialInTheWay { get; init; }

    /// <summary>Whose side it is; filled by the stack around the store.</summary>
    public StoreSide Side { get; set; }

    /// <summary>Which store, by its identity; filled by the stack around the store.</summary>
    public string? Store { get; set; }

    /// <summary>Whether a directory could not be deleted because something is in it, and it is certain that it is no link to one. Told by stores with
    /// <see cref="StoreLimits.HidesLinks"/>.</summary>
    public bool IsNotEmpty { get; init; }

    /// <summary>At which path, where there is one.</summary>
    public StorePath? Path { get; set; }

    /// <summary>In which call; filled by the stack around the store.</summary>
    public StoreVerb? Verb { get; set; }

    /// <summary>How many repeats were already spent on this call. Above zero, no other layer repeats it: retries do not multiply.</summary>
    public int RetriesSpent { get; set; }

    /// <summary>Whether the store has made sure that the call changed nothing: then even one that must not be repeated blindly
    /// (<see cref="StoreCall.CanRepeat"/>) may be.</summary>
    public bool TookNoEffect { get; set; }

    /// <summary>The step that is usual for a kind.</summary>
    public static NextStep DefaultNextStep(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.Unauthenticated => NextStep.RenewCredentials,
        StoreErrorKind.PreconditionFailed or StoreErrorKind.Integrity => NextStep.RestartFile,
        StoreErrorKind.QuotaExceeded => NextStep.WaitForOperator,
        StoreErrorKind.RateLimited => NextStep.RepeatCallLater,
        StoreErrorKind.Unavailable or StoreErrorKind.TimedOut or StoreErrorKind.Interrupted => NextStep.RepeatCall,
        _ => NextStep.GiveUp,
    };
}
