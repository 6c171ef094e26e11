using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>A file that was not delivered.</summary>
/// <param name="Path">Its path below the destination; the source's too, unless <see cref="Listed"/> says otherwise.</param>
/// <param name="Kind">What went wrong, as a word.</param>
/// <param name="Side">Whose side it is.</param>
/// <param name="Message">The sentence for people.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="MayPass">Whether a later run may deliver it.</param>
internal sealed record FailedFile(StorePath Path, string Kind, StoreSide Side, string Message, int Attempts, bool MayPass)
{
    private const string CorrectIt = "correct what the message says, then run the same command again";

    /// <summary>As <c>--files-from</c> takes it back.</summary>
    public ListedFile Listed { get; init; } = new(Path, Path);

    /// <summary>What happens next, and who can do it.</summary>
    public string NextStep => (Kind, Side) switch
    {
        ("quota-exceeded", _) => "free space or raise the quota there, then run the same command again",
        ("forbidden", _) => $"allow this user to {Refused}, then run the same command again",
        ("unauthenticated", _) => "correct or renew the credential, then run the same command again",
        ("unavailable", _) when MayPass => "see that it is up and within reach, then run the same command again",
        ("name-not-representable", _) => "rename it at the source, or leave it out with --exclude",
        ("plan-outdated", _) => "make a new plan with --dry-run --plan FILE, and carry that out",
        ("too-large", _) => "choose another destination, or leave it out with --max-size",
        ("not-found", StoreSide.Source) => "run the same command again if it was to be moved; it is gone from the source",
        ("source-changed", _) => "run the same command again when nobody writes to it, or with --stable-for",
        ("already-exists", _) => "look at what is there; run the same command again to compare anew",
        ("integrity", StoreSide.Source) when !MayPass => "see whether the file or the list is wrong, and correct it",
        ("integrity", _) => "run the same command again; if it fails again, have the storage and the memory of both sides checked",
        _ when MayPass => "run the same command again",
        _ => CorrectIt,
    };

    /// <summary>What was not allowed: the ledger keeps of that only what the message says.</summary>
    private string Refused => Message switch
    {
        _ when Says("not deleted at the source") || Says("could not be deleted") => "delete there",
        _ when Says("could not be made") => "write there",
        _ when Side == StoreSide.Source => "read it",
        _ when Says("could not be listed") => "list it",
        _ => "write there",
    };

    /// <summary>As the event tells it.</summary>
    public static FailedFile From(FileFailed failed) => new(
        failed.Path, failed.Failure.Kind, failed.Failure.Side, failed.Failure.Message, failed.Attempts, failed.Failure.MayPass)
    {
        Listed = new ListedFile(failed.Source, failed.Path, failed.Expected),
    };

    /// <summary>As the ledger keeps it.</summary>
    /// <param name="attempt">The last attempt.</param>
    /// <param name="run">Its run: what the paths that the user knows are below. A single file is the run's claim itself.</param>
    public static FailedFile From(FileAttempt attempt, TransferRecord run)
    {
        StorePath path = Below(attempt.Destination, run.DestinationPath);
        return new FailedFile(path, attempt.Kind, attempt.Side, attempt.Message, attempt.Number, attempt.MayPass)
        {
            Listed = new ListedFile(run.SourcePath is { } root ? Below(attempt.Source, root) : SourceOf(attempt.Source, run.Source), path),
        };
    }

    /// <summary>The source's path as the user knows it, of a run of an older Godwit: its root is only the end of a text for people.</summary>
    private static StorePath SourceOf(StorePath source, string root)
    {
        for (StorePath at = source; !at.IsRoot; at = at.Parent)
        {
            if (root.EndsWith($"/{at}", StringComparison.Ordinal))
            {
                return Below(source, at);
            }
        }

        return source;
    }

    /// <summary>A path of one side as the user knows it.</summary>
    /// <param name="path">The path within the space.</param>
    /// <param name="root">What the user named there: a directory, or the file itself.</param>
    public static StorePath Below(StorePath path, StorePath root) =>
        path == root ? StorePath.FromBytes(root.Name)
        : path.IsBelow(root) ? path.RelativeTo(root)
        : path;

    /// <summary>What people find it by: its path at the source, and the one at the destination where that is another.</summary>
    public string Name => NameOf(Listed.Source, Path);

    /// <summary>As <see cref="Name"/>.</summary>
    public static string NameOf(StorePath source, StorePath destination) =>
        source == destination ? $"{source}" : $"{source} (at DST: {destination})";

    /// <summary>One line for people.</summary>
    public override string ToString() =>
        $"FAILED {Name}: {Clean(Message)} [{Kind}, {Words.Of(Side)}{(Attempts > 1 ? $", {Attempts} attempts" : "")}] Next: {NextStep}.";

    /// <summary>What ended a whole run, in one sentence of the same form: what and where, of which kind, whose side, what next.</summary>
    /// <param name="error">What a store could not do.</param>
    /// <param name="twoSides">Whether there is a source and a destination, so that the side says something.</param>
    public static string Told(StoreException error, bool twoSides)
    {
        var failure = FileFailure.From(error, error.Side);
        var file = new FailedFile(StorePath.Root, failure.Kind, failure.Side, failure.Message, 1, failure.MayPass);
        string next = error is { Kind: StoreErrorKind.Unauthenticated, Next: Godwit.Storage.NextStep.GiveUp } ? CorrectIt : file.NextStep;
        return $"{failure.Message} [{failure.Kind}{(twoSides ? $", {Words.Of(failure.Side)}" : "")}] Next: {next}.";
    }

    /// <summary>What went wrong at one store, where there is no other side: what, of which kind, what next.</summary>
    /// <param name="error">What the store could not do.</param>
    /// <param name="message">What it says, with the place as the user knows it.</param>
    public static string ToldOfOne(StoreException error, string message)
    {
        var failure = FileFailure.From(error, StoreSide.Unknown);
        StoreSide side = error.Kind == StoreErrorKind.Forbidden ? StoreSide.Source : StoreSide.Unknown;
        return $"{message} [{failure.Kind}] Next: {new FailedFile(StorePath.Root, failure.Kind, side, failure.Message, 1, failure.MayPass).NextStep}.";
    }

    private bool Says(string words) => Message.Contains(words, StringComparison.Ordinal);

    /// <summary>A message quotes what systems and people wrote; it must not move a cursor or forge a line. Names in it are escaped already, and nobody
    /// reads bytes back from it: a backslash stays one.</summary>
    public static string Clean(string text) =>
        PathText.Escape(System.Text.Encoding.UTF8.GetBytes(text)).Replace("\\x5cx", "\\x", StringComparison.Ordinal);
}
