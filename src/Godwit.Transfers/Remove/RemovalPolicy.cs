namespace Godwit.Transfers;

/// <summary>What a sync may delete at the destination, once everything arrived: files that the source no longer has. And how much a move may
/// delete at the source.</summary>
public sealed record RemovalPolicy
{
    private const string Remedy = "if that is meant, give a larger one";

    /// <summary>Delete nothing when there are more files than this to delete; null for no limit.</summary>
    public long? MaxFiles { get; init; }

    /// <summary>Delete nothing when more than this share of the files there would go, from 0 to 1; null for no limit.</summary>
    public double? MaxShare { get; init; }

    /// <summary>Delete also where the source has no file at all. Not by default: a source that is not mounted looks empty.</summary>
    public bool AllowEmptySource { get; init; }

    /// <summary>Why nothing may be deleted; null when it may.</summary>
    /// <param name="extra">Files that only the destination has.</param>
    /// <param name="present">Files that the destination has.</param>
    /// <param name="source">Files that the source has.</param>
    public string? Refuses(long extra, long present, long source)
    {
        if (source == 0 && !AllowEmptySource)
        {
            return $"the source has no files that this would send, and the destination has {extra} that would be deleted; if that is meant, add --allow-empty-source";
        }

        return Exceeds(extra, present, "would be deleted");
    }

    /// <summary>Why a move may delete nothing at the source; null when it may.</summary>
    /// <param name="going">Files that would be deleted there.</param>
    /// <param name="listed">Files that were listed there, also those that stay.</param>
    public string? RefusesMove(long going, long listed) => Exceeds(going, listed, "would be deleted at SRC");

    private string? Exceeds(long going, long present, string what)
    {
        if (MaxFiles is { } most && going > most)
        {
            return $"{Amount.Of(going, "file")} {what}, more than the {most} of --max-delete; {Remedy}";
        }

        return MaxShare is { } share && going > share * present
            ? FormattableString.Invariant($"{going} of {Amount.Of(present, "file")} {what}, more than the {share * 100:0.##}% of --max-delete; {Remedy}")
            : null;
    }
}
