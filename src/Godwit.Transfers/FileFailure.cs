using Godwit.Storage;

namespace Godwit.Transfers;

/// <summary>Why a file was not delivered: what, which side, what happens next.</summary>
/// <param name="Kind">A word that scripts may test; the words are listed in <c>docs/exit-codes.md</c>.</param>
/// <param name="Side">Whose side it is.</param>
/// <param name="Message">The sentence for people.</param>
/// <param name="MayPass">Whether a later run may deliver the file without anybody doing anything but running it.</param>
/// <param name="Next">What code may do now.</param>
public sealed record FileFailure(string Kind, StoreSide Side, string Message, bool MayPass, NextStep Next)
{
    /// <summary>The word for a source that changed while it was read.</summary>
    internal const string SourceChangedWord = "source-changed";

    /// <summary>The source changed while it was read, more often than we tried.</summary>
    public static FileFailure SourceChanged(string what) => new(
        SourceChangedWord, StoreSide.Source, $"The source changed while it was read ({what}); it is left for a later run.", true, NextStep.RestartFile);

    /// <summary>A file that was named is not there.</summary>
    public static FileFailure NotThere { get; } = new(
        "not-found", StoreSide.Source, "It was asked for by name and is not there.", false, NextStep.GiveUp);

    /// <summary>The destination cannot hold the name.</summary>
    public static FileFailure NameNotRepresentable(string why) => new(
        "name-not-representable", StoreSide.Destination, $"The destination cannot hold this name: {why}.", false, NextStep.GiveUp);

    /// <summary>What nobody calls a file would be replaced by one; somebody may write to it or read from it.</summary>
    public static FileFailure SpecialInTheWay(StorePath place) => new(
        "in-the-way", StoreSide.Destination,
        $"DST has a device, pipe or socket \"{place}\" where the file should go: move it away, or name another destination.", false, NextStep.GiveUp);

    /// <summary>The destination's bytes are not the source's.</summary>
    public static FileFailure Mismatch(string what) => new(
        "integrity", StoreSide.Destination, $"The destination does not hold the source's bytes: {what}.", true, NextStep.RestartFile);

    /// <summary>What a store said.</summary>
    /// <param name="error">The error.</param>
    /// <param name="side">The side, where the error does not say.</param>
    public static FileFailure From(StoreException error, StoreSide side)
    {
        ArgumentNullException.ThrowIfNull(error);
        StoreSide known = error.Side == StoreSide.Unknown ? side : error.Side;
        if (error.Kind == StoreErrorKind.PreconditionFailed && known == StoreSide.Source)
        {
            return SourceChanged(error.Message);
        }

        if (error is { SpecialInTheWay: true, Path: { } place } && known == StoreSide.Destination)
        {
            return SpecialInTheWay(place);
        }

        // A file that vanished or shrank at the source is a matter of when we looked: the next run sees what is there then.
        bool moment = known == StoreSide.Source && error.Kind is StoreErrorKind.NotFound;
        return new FileFailure(KindWord(error.Kind), known, error.Message, moment || error.Next != NextStep.GiveUp, error.Next);
    }

    /// <summary>A kind as a word: <c>not-found</c>, <c>quota-exceeded</c> ...</summary>
    public static string KindWord(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.NotFound => "not-found",
        StoreErrorKind.AlreadyExists => "already-exists",
        StoreErrorKind.Unauthenticated => "unauthenticated",
        StoreErrorKind.Forbidden => "forbidden",
        StoreErrorKind.PreconditionFailed => "precondition-failed",
        StoreErrorKind.QuotaExceeded => "quota-exceeded",
        StoreErrorKind.RateLimited => "rate-limited",
        StoreErrorKind.Unavailable => "unavailable",
        StoreErrorKind.TimedOut => "timed-out",
        StoreErrorKind.Interrupted => "interrupted",
        StoreErrorKind.Integrity => "integrity",
        StoreErrorKind.Unsupported => "unsupported",
        StoreErrorKind.InvalidRequest => "invalid-request",
        _ => "unexpected",
    };
}
