using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>What the plan says about one thing of the source.</summary>
public enum PlanDecision
{
    /// <summary>A file to move.</summary>
    Move = 0,

    /// <summary>A file of the same length is there: it is moved unless both sides have the same bytes.</summary>
    Compare,

    /// <summary>A file that is there already.</summary>
    Unchanged,

    /// <summary>A directory to make.</summary>
    MakeDirectory,

    /// <summary>A link to make.</summary>
    MakeLink,

    /// <summary>A link that stays behind, by policy.</summary>
    SkippedLink,

    /// <summary>A socket, a device, a pipe.</summary>
    SkippedSpecial,

    /// <summary>An empty directory, towards a store that keeps none.</summary>
    SkippedDirectory,

    /// <summary>Left out by a filter.</summary>
    Filtered,

    /// <summary>Changed too recently to be taken.</summary>
    Unsettled,

    /// <summary>It counts as delivered, because a person said so of this very version.</summary>
    BeforeBaseline,

    /// <summary>It cannot be moved; known before anything moves.</summary>
    Impossible,

    /// <summary>Only the destination has it. Copy leaves it alone.</summary>
    Extra,

    /// <summary>A directory of the source that a move leaves empty, and deletes.</summary>
    Emptied,
}

/// <summary>One line of a plan: what, where to, and why.</summary>
/// <param name="Decision">What is to be done.</param>
/// <param name="Reason">Why, in few words for people: <c>new</c>, <c>size differs</c>, <c>newer at the source</c> ...</param>
/// <param name="Source">The source's entry; for <see cref="PlanDecision.Extra"/> the destination's.</param>
/// <param name="Destination">The final path at the destination.</param>
/// <param name="Existing">What is there now.</param>
public sealed record PlanItem(PlanDecision Decision, string Reason, StoreEntry Source, StorePath Destination, StoreEntry? Existing)
{
    /// <summary>For <see cref="PlanDecision.Impossible"/>: the failure.</summary>
    public FileFailure? Failure { get; init; }

    /// <summary>What a list says the source's bytes are; null for nothing. The file is delivered only if they are.</summary>
    public Checksum? Expected { get; init; }

    /// <summary>Where something of another kind is in the way at the destination: the place. For <see cref="PlanDecision.Extra"/>: it is, or lies in,
    /// what is in the way.</summary>
    public Contest? Contest { get; init; }
}
